import type { Message } from 'esbuild';
import { printable } from '../../printable.ts';
import type { SourcePlace } from '../../sandbox/script-error.ts';

/** One thing that is wrong with a project file or with what it imports. */
export interface BundleProblem {
  readonly message: string;
  /** Absent where it is about no place in a file. */
  readonly place: SourcePlace | undefined;
  /** The source line; absent unless the file may be shown. */
  readonly sourceLine: string | undefined;
  /** Set for an import that leaves the project's folder: the folder where it leads, which nobody has granted. */
  readonly outside?: string;
}

/** A project that cannot be made into a script. The message has everything: places, source lines, what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly problems: readonly BundleProblem[];

  constructor(problems: readonly BundleProblem[]) {
    super(problems.map(describe).join('\n'));
    this.problems = problems;
  }
}

/**
 * esbuild's words for people who write project files. `absolute` gives a file's absolute path, `mayShow` says whether lines of it may be shown: what
 * lies outside the project never appears in a message.
 */
export function bundleProblem(message: Message, absolute: (file: string) => string, mayShow: (file: string) => boolean): BundleProblem {
  const { location } = message;
  const file = location && absolute(location.file);
  const outside = typeof message.detail === 'string' ? { outside: message.detail } : {};
  if (!location || !file || !mayShow(file)) return { message: message.text, place: undefined, sourceLine: undefined, ...outside };
  return {
    ...outside,
    message: message.text,
    place: { file, line: location.line, column: columnOf(location.lineText, location.column) },
    sourceLine: location.lineText,
  };
}

/** esbuild counts bytes from 0, people count characters from 1. */
function columnOf(lineText: string, byteColumn: number): number {
  return Buffer.from(lineText).subarray(0, byteColumn).toString().length + 1;
}

function describe({ message, place, sourceLine }: BundleProblem): string {
  if (!place) return message;
  const where = `${place.file}:${place.line}:${place.column}: ${message}`;
  return sourceLine === undefined || sourceLine.trim() === '' ? where : `${where}\n    ${printable(sourceLine.trim()).slice(0, 200)}`;
}
