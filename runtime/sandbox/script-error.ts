/**
 * - `thrown`: the script threw, or a promise of it was rejected and nobody handled it.
 * - `timeout`: it did not give control back within the limit. `memory`, `stack`: it asked for more than it may have.
 * - `stuck`: it awaits something that can never happen.
 * - `callback`: a callback of the project gave an answer that it cannot give.
 * - `nothing-to-run`: no default export and no `sync.do`.
 * - `protocol`: what came over the wall is not what the SDK sends.
 * - `crashed`: the sandbox ended without saying why.
 */
export type ScriptErrorCode = 'thrown' | 'timeout' | 'memory' | 'stack' | 'stuck' | 'callback' | 'nothing-to-run' | 'protocol' | 'crashed';

/** A place in a source file; line and column count from 1. */
export interface SourcePlace {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One line of a stack: `at name (file:line:column)`; `name` is empty at the top level of a module. */
export interface ScriptFrame extends SourcePlace {
  readonly name: string;
}

/** How a world words its stacks, told in terms of the script's sources. */
export interface Stacks {
  /** The script's own frames, innermost first. */
  frames(stack: string): ScriptFrame[];
  /** Text that a script wrote, with stack lines in it. */
  translate(text: string): string;
}

/** What is wrong with a script, in its author's terms. `place` is absent where it cannot be known; `frames` are the script's own, innermost first. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code: ScriptErrorCode;
  readonly place: SourcePlace | undefined;
  readonly frames: readonly ScriptFrame[];

  constructor(code: ScriptErrorCode, message: string, frames: readonly ScriptFrame[] = []) {
    super(message);
    this.code = code;
    this.frames = frames;
    this.place = frames[0];
  }
}
