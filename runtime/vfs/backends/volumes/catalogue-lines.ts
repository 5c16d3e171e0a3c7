import type { Traits } from '../../vfs.ts';
import type { Change, Copy, Kept, Superseded } from './kept.ts';

/*
 * A catalogue as text: one line a step, each line a list of changes that hold together or not at all. The first line is the header.
 */

export const HEADER = '{"format":"sxrun volumes","version":1}';

/** `line` counts from 1. */
export class DamagedCatalogue extends Error {
  override readonly name = 'DamagedCatalogue';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} cannot be read`);
    this.line = line;
  }
}

export function formatLine(changes: readonly Change[]): string {
  return `${JSON.stringify(changes)}\n`;
}

/** `isTorn`: the last line was not written to its end, and does not count. Throws DamagedCatalogue. */
export function parseLines(text: string): { readonly steps: readonly (readonly Change[])[]; readonly isTorn: boolean } {
  const lines = text.split('\n');
  const isTorn = lines.pop() !== '';
  if (lines[0] !== HEADER) throw new DamagedCatalogue(1);
  const steps = lines.slice(1).map((line, at) => {
    const changes = parsed(line);
    if (!Array.isArray(changes) || !changes.every(isChange)) throw new DamagedCatalogue(at + 2);
    return changes;
  });
  return { steps, isTorn };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Whoever can write the file could write anything: what is not of the right shape is damage. */
function isChange(value: unknown): value is Change {
  if (!isFields(value)) return false;
  switch (value['what']) {
    case 'set':
      return typeof value['id'] === 'string' && /^[\w-]{1,40}$/.test(value['id']);
    case 'traits':
      return isTraits(value['traits']);
    case 'medium':
      return isMedium(value['medium']);
    case 'path':
      return isPath(value['path']) && (value['kept'] === null || isKept(value['kept']));
    case 'superseded':
      return isSuperseded(value['of']);
    case 'cleared':
      return isMedium(value['medium']) && isPath(value['path']);
    case 'intent':
      return isPath(value['path']) && isMedia(value['media']);
    default:
      return false;
  }
}

function isKept(value: unknown): value is Kept {
  if (!isFields(value) || !isOptional(value['modifiedMs'], 'number')) return false;
  switch (value['kind']) {
    case 'file':
      return (
        typeof value['revision'] === 'string' &&
        isOptional(value['size'], 'number') &&
        isOptional(value['mode'], 'number') &&
        Array.isArray(value['copies']) &&
        value['copies'].every(isCopy)
      );
    case 'link':
      return typeof value['target'] === 'string' && isMedia(value['media']);
    case 'directory':
      return isMedia(value['media']);
    default:
      return false;
  }
}

function isCopy(value: unknown): value is Copy {
  return isFields(value) && isMedium(value['medium']) && typeof value['revision'] === 'string';
}

function isSuperseded(value: unknown): value is Superseded {
  if (!isFields(value) || !isMedium(value['medium']) || !isPath(value['path']) || !isOptional(value['size'], 'number')) return false;
  return typeof value['version'] === 'string' && ['file', 'link', 'directory'].includes(String(value['kind']));
}

function isTraits(value: unknown): value is Traits {
  if (!isFields(value) || !isOptional(value['timePrecisionMs'], 'number') || typeof value['concurrency'] !== 'number') return false;
  return ['caseSensitive', 'links', 'modes'].every((name) => typeof value[name] === 'boolean');
}

function isMedium(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isMedia(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isMedium);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function isOptional(value: unknown, type: 'number'): boolean {
  return value === undefined || typeof value === type;
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
