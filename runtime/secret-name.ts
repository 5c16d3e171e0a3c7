/**
 * What a secret's name may not be, as words that follow it; undefined: it may. Names that may be can be granted as `secret:NAME`, and stand
 * in command lines of any shell without quotes.
 */
export function secretNameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > MAX_LENGTH) return `has ${name.length} characters; ${MAX_LENGTH} are the most`;
  return /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.:/@%+-]*$/u.test(name)
    ? undefined
    : 'has characters other than letters, digits and _ . : / @ % + -, or starts with one of those';
}

/** What every keychain takes. */
const MAX_LENGTH = 255;
