import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { nameOf, type RelPath } from '../../path.ts';
import { decodeCodePage437 } from './code-page-437.ts';
import { type DirectoryRecord, FLAG_UTF8, UNIX } from './directory-record.ts';
import { unicodePathOf } from './extra-fields.ts';

/** A name as a path below the root of the archive, or why it can be none. `text` is for people. */
export type EntryName = { readonly path: RelPath; readonly isDirectory: boolean } | { readonly refused: string; readonly text: string };

const MACOS = 19;
/** A name of any component that no system takes longer. */
const MOST_NAME_BYTES = 255;

/**
 * Reads a name. UTF-8 when the entry says so, when it has a Unicode Path field that belongs to the name, and when a Unix system made it and it is valid UTF-8 (Info-ZIP and macOS do not
 * always say so); code page 437 otherwise.
 */
export function entryNameOf(record: DirectoryRecord): EntryName {
  const ascii = record.asciiName;
  if (ascii !== undefined) return pathOf(record, ascii);
  const unicode = unicodePathOf(record.extra);
  const { rawName } = record;
  const bytes = unicode !== undefined && unicode.crc === crc32(rawName) ? unicode.name : rawName;
  const saysUtf8 = bytes !== rawName || (record.flags & FLAG_UTF8) !== 0;
  if (saysUtf8 && !isUtf8(bytes)) return { refused: 'its name is said to be UTF-8 and is not', text: decodeCodePage437(bytes) };
  return pathOf(record, saysUtf8 || (isOfUnix(record) && isUtf8(bytes)) ? bytes.toString('utf8') : decodeCodePage437(bytes));
}

function isOfUnix({ system }: DirectoryRecord): boolean {
  return system === UNIX || system === MACOS;
}

function pathOf(record: DirectoryRecord, name: string): EntryName {
  // Some programs on Windows write its own separator, against APPNOTE 4.4.17.
  const text = isOfUnix(record) || name.includes('/') ? name : name.replaceAll('\\', '/');
  const isDirectory = text.endsWith('/');
  const path = text.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  if (path === '' && text.startsWith('.')) return { path, isDirectory };
  const refused = refusal(path);
  return refused === undefined ? { path, isDirectory } : { refused, text };
}

/** Why a path may not be in an archive, neither found there nor put there; undefined when it may. */
export function refusal(path: RelPath): string | undefined {
  if (path.length <= MOST_LEVELS && !SUSPECT.test(path) && path !== '') return undefined;
  if (path.startsWith('/')) return 'its path is absolute';
  if (/^[A-Za-z]:/.test(path)) return 'its path starts with a drive letter';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'its name has control characters';
  const names = path.split('/');
  if (names.length > MOST_LEVELS) return 'its path has too many folders';
  for (const name of names) {
    if (name === '..' || name === '.') return 'its path leads out of the archive';
    if (name === '') return 'its path has an empty part';
  }
  return undefined;
}

/** All names that are refused but those of too many levels, and few others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const SUSPECT = /[\u0000-\u001f\u007f]|^[A-Za-z]:|(?:^|\/)\.{0,2}(?:\/|$)/;

/** No file system takes so deep a path; some would end the program that walks it. */
const MOST_LEVELS = 1000;

/** Info-ZIP's unzip takes 4,095 bytes with the slash that a folder ends in, and cuts off the rest. */
const MOST_PATH_BYTES = 4094;

/** Why a path is not put into an archive, as a whole sentence; undefined when it is. */
export function putRefusal(path: RelPath): string | undefined {
  const reason = refusal(path) ?? tooLong(path);
  return reason === undefined ? undefined : `it cannot be put into an archive: ${reason}; ${WAYS_OUT}`;
}

const WAYS_OUT = 'rename it, leave it out (excludeFiles, excludeDirs), or let the run go on without it (onError: "continue-files")';

/** Why a path that may be in an archive is too long to be put there; undefined when it is not. */
function tooLong(path: RelPath): string | undefined {
  if (path.length <= MOST_NAME_BYTES / 3) return undefined;
  if (Buffer.byteLength(nameOf(path)) > MOST_NAME_BYTES) return `its name is longer than ${MOST_NAME_BYTES} bytes`;
  return Buffer.byteLength(path) > MOST_PATH_BYTES ? `its path is longer than the ${MOST_PATH_BYTES} bytes that unpackers take` : undefined;
}
