import type { Broker } from '../permissions/broker.ts';
import type { CoderTurns } from '../vfs/layers/encoded/coder-turns.ts';
import type { CheckedEncoder } from './options/encoders.ts';
import type { CheckedProject } from './options/options.ts';
import type { Passwords } from './passwords.ts';

/** A project that a script wants synchronized, as a command gets it that does something else with it; nothing of it was asked for or opened yet. */
export interface StatedProject {
  readonly checked: CheckedProject;
  /** All of its option `encoders`, whether or not a root uses them. */
  readonly encoders: readonly CheckedEncoder[];
  /** Where its relative paths start, and its programs run. */
  readonly directory: string;
  readonly broker: Broker;
  readonly passwords: Passwords;
  readonly turns: CoderTurns;
  /** First interrupt: nothing more is begun. */
  readonly signal: AbortSignal;
  /** Second interrupt: what is under way is dropped. */
  readonly killSignal: AbortSignal;
}
