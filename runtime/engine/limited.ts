/** Calls `work` for each item with at most `limit` under way; results in the items' order. The first rejection rejects. */
export async function mapLimited<Item, Result>(items: readonly Item[], limit: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  async function lane(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as Item);
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
