import { formatAddress } from '../../vfs/root-address.ts';
import { type LocalPlace, parseRootAddress } from '../../vfs/root-address-parse.ts';

/**
 * The absolute path, lexically normal, of a file of this machine that a project names: relative to the project's folder, `~` the home folder; on Windows `/`
 * and `\` alike. Throws a RangeError whose message finishes the sentence `option "…" …` and never repeats a URL, which may hold a password.
 */
export function localPathOf(text: string, place: LocalPlace): string {
  const { layers, base } = parseRootAddress(text, place);
  if (layers.length > 0 || base.kind !== 'local') throw new RangeError('is a root URL; it wants the path of a file on this machine');
  return base.path;
}

/** The root URL with its local paths absolute. What cannot be understood stays as it is, for the check of the options to say why. */
export function absoluteRootUrl(url: string, place: LocalPlace): string {
  return isRootUrl(url, place) ? formatAddress(parseRootAddress(url, place)) : url;
}

export function isRootUrl(url: string, place: LocalPlace): boolean {
  try {
    parseRootAddress(url, place);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
