import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../package-folder.ts';
import type { ScriptFrame, Stacks } from '../../sandbox/script-error.ts';

const FRAME = /^\s*at (?:async )?(?:(.*?) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?\s*$/;
const NO_NAMES: ReadonlySet<string> = new Set(['', '<anonymous>', 'Object.<anonymous>']);

/** Stacks of a script in plain Node, which are in terms of its sources already. Frames of packages and of this program are left out. */
export const stacksOfNode: Stacks = {
  frames: (stack) => stack.split('\n').flatMap((line) => frameOf(line) ?? []),
  translate: (text) => text,
};

function frameOf(line: string): ScriptFrame | undefined {
  const [, name = '', where = '', lineNumber, column] = FRAME.exec(line) ?? [];
  if (lineNumber === undefined || column === undefined) return undefined;
  const file = where.startsWith('file://') ? fileURLToPath(where.replace(/\?.*$/, '')) : where.replace(/\?.*$/, '');
  if (isOurs(file) || file.includes(`${sep}node_modules${sep}`)) return undefined;
  return { file, line: Number(lineNumber), column: Number(column), name: NO_NAMES.has(name) ? '' : name };
}

/** Examples and templates lie in our package, and are scripts like any other. */
function isOurs(file: string): boolean {
  const folder = packageFolder() + sep;
  return file.startsWith(folder) && /^(?:dist|runtime|sdk)[\\/]/.test(file.slice(folder.length));
}
