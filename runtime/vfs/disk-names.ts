/** What systems put at the top of every disk: nobody's content. */
export function isOfTheDisk(name: string): boolean {
  return OF_THE_DISK.test(name);
}
const OF_THE_DISK =
  /^(?:lost\+found|System Volume Information|\$RECYCLE\.BIN|\.Trash(?:es|-\d+)?|\.Spotlight-V100|\.fseventsd|\.DocumentRevisions-V100)$/i;
