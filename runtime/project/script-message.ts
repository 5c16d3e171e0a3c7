import { closeSync, constants, readFileSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { openAtRealPath } from '../machine/held-folder.ts';
import { printable } from '../printable.ts';
import { ScriptError, type SourcePlace } from '../sandbox/script-error.ts';
import { globalRefusal } from './bundle/bundle-builtins.ts';
import { placeText } from './place-text.ts';

/** What ended a script, for its author: the place, the line of it, and the calls that led there. `projectFile` is the file that was run, absolute. */
export function scriptMessage(error: Error, projectFile: string): string {
  if (!(error instanceof ScriptError)) return error.message;
  const { place, frames } = error;
  const message = error.message.replace(OWN_NAME, '');
  // Without a line of the script it is about what is run by itself.
  const where = placeText(place) ?? (OWN_NAME.test(error.message) ? defaultExportPlace(projectFile) : undefined) ?? basename(projectFile);
  const line = error.code === 'thrown' ? sourceLine(place, projectFile) : '';
  const calls = frames.slice(1).map((frame) => `\n  at ${frame.name || 'top level'} (${placeText(frame)})`);
  return `${where}: ${message}${hintFor(message)}${line}${calls.join('')}`;
}

/** The SDK's own errors say what is wrong by themselves. */
const OWN_NAME = /^SyncError: /;

function hintFor(message: string): string {
  const [, name = ''] = /^ReferenceError: (\w+) is not defined$/.exec(message) ?? [];
  const refusal = globalRefusal(name);
  return refusal === undefined ? '' : `: ${refusal}`;
}

/** Lines of files outside of the project's folder are never shown. */
function sourceLine(place: SourcePlace | undefined, projectFile: string): string {
  if (place === undefined || !place.file.startsWith(dirname(projectFile) + sep)) return '';
  const line = linesOf(place.file)[place.line - 1]?.trim() ?? '';
  return line === '' ? '' : `\n    ${printable(line).slice(0, 200)}`;
}

/** Where a project file exports what is run by itself, as `photos.sync.ts:12:1`; undefined where that cannot be seen. */
export function defaultExportPlace(file: string): string | undefined {
  const lines = linesOf(file);
  const at = lines.findIndex((line) => DEFAULT_EXPORT.test(line));
  if (at < 0) return undefined;
  const [before = ''] = DEFAULT_EXPORT.exec(lines[at] ?? '') ?? [];
  return placeText({ file, line: at + 1, column: before.length + 1 });
}
/** What stands before it. */
const DEFAULT_EXPORT = /^(?:.*;)?\s*(?=export\s+(?:default\b|\{[^}]*\bas\s+default\b))/;

/** None of a file that is not there: standard input, or one that has been removed, or replaced by a link, meanwhile. */
function linesOf(file: string): readonly string[] {
  try {
    const fd = openAtRealPath(file, constants.O_RDONLY);
    try {
      return readFileSync(fd, 'utf8').split('\n');
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
