/** The items of a comma list (`--allow-read=A,B`); a doubled comma is a comma of a name. Empty items are left out: an empty list grants nothing. */
export function splitCommas(text: string): string[] {
  const items = text.match(/(?:[^,]|,,)+/g) ?? [];
  return items.map((item) => item.replaceAll(',,', ','));
}
