import { relative } from 'node:path';
import type { TrashFolder } from './trash-folder.ts';

/** What the trash knows of a thing: a `.trashinfo` file (FreeDesktop.org trash specification 1.0). `path`: absolute, where it was. `atMs`: ms since 1970. */
export function formatTrashInfo(path: string, atMs: number, { top }: TrashFolder): string {
  const from = top === undefined ? path : relative(top, path);
  return `[Trash Info]\nPath=${from.split('/').map(encodeURIComponent).join('/')}\nDeletionDate=${localTime(atMs)}\n`;
}

/** The name that a thing tries to have in the trash; `attempt` from 1 on: `letter.txt`, `letter.2.txt`. At most 200 bytes, so that `.trashinfo` can follow. */
export function trashName(name: string, attempt: number, random: () => string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 && name.length - dot <= 20 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const mark = attempt === 1 ? '' : attempt <= MOST_NUMBERED ? `.${attempt}` : `.${random()}`;
  return shortened(stem, MOST_BYTES - Buffer.byteLength(mark + extension)) + mark + extension;
}
const MOST_BYTES = 200;
const MOST_NUMBERED = 5;

function shortened(text: string, bytes: number): string {
  let short = text;
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('');
  return short;
}

/** To the second, as the specification wants it. */
function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
