import type { ActionOp } from '../engine/events.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';

export type LineWord = ActionOp | 'keep' | 'aside' | 'prune' | 'collision' | 'resolved' | 'problem' | 'guard' | 'approved' | 'stopped' | 'would';

/** The columns that lines about paths begin with: a word, the roots, then what it is about. */
export interface Columns {
  /** Two spaces follow; without a word a line goes on with the one before. */
  word(word: LineWord | ''): string;
  /** `0 → 1`, `    1`: where it comes from, where it is done. Both undefined: as many spaces. */
  roots(from: number | undefined, on: number | undefined): string;
  /** `PATH (reason)`, safe to show. */
  because(what: string, reason: string): string;
}

const WIDTH = 'collision'.length;

export function columnsFor(c: Colours, rootCount: number): Columns {
  const paint: Record<LineWord, (text: string) => string> = {
    copy: c.green,
    make: c.green,
    touch: c.green,
    move: c.cyan,
    replace: c.yellow,
    remove: c.red,
    keep: c.dim,
    aside: c.dim,
    prune: c.yellow,
    collision: c.red,
    resolved: c.yellow,
    problem: c.red,
    guard: c.red,
    approved: c.yellow,
    stopped: c.red,
    would: c.cyan,
  };
  const words = new Map(Object.entries(paint).map(([word, colour]) => [word, colour(word.padEnd(WIDTH))]));
  const digits = String(Math.max(rootCount - 1, 0)).length;
  const noNumber = ' '.repeat(digits);
  const number = (root: number | undefined) => (root === undefined ? noNumber : String(root).padStart(digits));

  return {
    word: (word) => `${words.get(word) ?? ' '.repeat(WIDTH)}  `,
    roots: (from, on) => `${number(from)} ${from === undefined ? ' ' : '→'} ${number(on)}  `,
    because: (what, reason) => `${what} ${c.dim(`(${printable(reason)})`)}\n`,
  };
}
