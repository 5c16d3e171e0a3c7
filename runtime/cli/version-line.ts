import { formatBytes } from '../report/sizes.ts';
import type { StoredVersion } from '../tools/versions.ts';

/** `  7  2024-01-31 18:00:05  1.2 KiB  overwritten 2024-02-01 02:00:01`. */
export function versionLine({ number, entry, setAside }: StoredVersion): string {
  const size = entry.kind === 'link' ? 'link' : entry.size === undefined ? '?' : formatBytes(entry.size);
  const end = setAside === undefined ? 'set aside at an unknown time' : `${setAside.by} ${whenText(setAside.atMs)}`;
  return `${String(number).padStart(3, ' ')}  ${whenText(entry.modifiedMs)}  ${size.padStart(8, ' ')}  ${end}`;
}

/** Local time, to the second. */
export function whenText(ms: number | undefined): string {
  if (ms === undefined) return 'unknown time       ';
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
