/** What a name in a folder of old versions says. */
export interface VersionName {
  /** From 1 on; a higher one was set aside later. */
  readonly number: number;
  /** Name of the file, link or directory that this was. */
  readonly name: string;
}

/** Names of folders that hold old versions, besides one that a project chose. */
const OWN_FOLDERS: ReadonlySet<string> = new Set(['XVS', '.XVS', '.recycle']);

/** The folder of old versions that a directory has when nothing else is said (manual, "XVS File System"). */
export const VERSION_FOLDER = 'XVS';
/** Where a recycling root keeps what it replaces and removes, at its top. */
export const RECYCLE_FOLDER = '.recycle';
/** In a folder of old versions: when each was set aside, and why (docs/state-format.md). */
export const VERSION_NOTES = '.set-aside.jsonl';

/** The highest number that a version can have: more digits are part of a name. */
export const HIGHEST_NUMBER = 999_999_999_999_999;

/** `007.name`; at least three digits, so that a few hundred sort by name. */
export function formatVersionName({ number, name }: VersionName): string {
  return `${formatVersionNumber(number)}.${name}`;
}

/** The folder `007` holds versions under their full names: those that are too long to have a number put before them. */
export function formatVersionNumber(number: number): string {
  return String(number).padStart(3, '0');
}

/** undefined: it is no version. */
export function parseVersionName(stored: string): VersionName | undefined {
  const [, number, name] = /^(\d{3,15})\.(.+)$/s.exec(stored) ?? [];
  return number === undefined || name === undefined ? undefined : { number: Number(number), name };
}

/** The number of a folder that holds versions under their full names; undefined: it is none. */
export function parseVersionNumber(stored: string): number | undefined {
  return /^\d{3,15}$/.test(stored) ? Number(stored) : undefined;
}

/** Whether a name stands for old versions, whoever made them; `folder` is the name that a project chose, if any. */
export function isVersionFolder(
  name: string,
  { folder, caseSensitive }: { readonly folder?: string | undefined; readonly caseSensitive: boolean },
): boolean {
  if (OWN_FOLDERS.has(name) || name === folder) return true;
  if (caseSensitive) return false;
  const lower = name.toLowerCase();
  return lower === folder?.toLowerCase() || [...OWN_FOLDERS].some((own) => own.toLowerCase() === lower);
}
