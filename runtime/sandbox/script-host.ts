import type { CollisionChoice, Collision, FilterEntry, FilterVerdict } from '../../sdk/project.ts';
import type { Facts, HostMethod, HostMethods, LogLevel, WireError } from '../../sdk/protocol.ts';
import type { ScriptError, SourcePlace } from './script-error.ts';

/** What a script can reach. Requests are checked for shape before they arrive; what they mean is the host's to check. */
export interface ScriptHost {
  /** Answers a call of the script. A rejection with anything but `ScriptCallError` ends the script. */
  call<Method extends HostMethod>(call: ScriptCall<Method>): Promise<HostMethods[Method]['reply']>;
  /** `log.*` and `console.*`, and warnings about the script; in the order in which the script says them. */
  log(level: LogLevel, message: string): void;
}

export interface ScriptCall<Method extends HostMethod = HostMethod> {
  readonly method: Method;
  readonly request: HostMethods[Method]['request'];
  /** Where the script makes the call; for the default export that runs by itself, where it is defined. undefined where that cannot be known. */
  place(): SourcePlace | undefined;
  /** Where a stack that came with the request (`WireProject.definedAt`) points. */
  placeOf(stack: string): SourcePlace | undefined;
  /** Asks the callbacks that came with the request; usable until the call is answered. */
  readonly hooks: ScriptHooks;
}

/** Both reject with ScriptError: the callback threw, hangs, or gave an answer that it cannot give. */
export interface ScriptHooks {
  /** One verdict a question, in order. Ask many at once: a batch is one message. */
  filter(callback: number, questions: readonly { readonly path: string; readonly entry: FilterEntry }[]): Promise<readonly FilterVerdict[]>;
  collision(callback: number, collision: Collision): Promise<CollisionChoice>;
}

/** Makes the script's call reject with a `SyncError` of this content; `line` is filled in. */
export class ScriptCallError extends Error {
  override readonly name = 'ScriptCallError';
  readonly error: WireError;

  constructor(error: WireError) {
    super(error.message);
    this.error = error;
  }
}

export interface ScriptLimits {
  /** How long the script may run without giving control back. */
  readonly turnMs: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
}

/** A script and what it runs with. */
export interface ScriptRun {
  /** A bundle made by project/bundle.ts: code and source map (JSON text). */
  readonly bundle: { readonly code: string; readonly map: string };
  readonly facts: Facts;
  readonly host: ScriptHost;
  readonly limits: ScriptLimits;
  /** Ends the script at once. */
  readonly signal: AbortSignal;
}

/** How a script ended. `failed` with `cause` set: it did not catch a `SyncError` of that content. */
export type ScriptEnd =
  | { readonly end: 'finished' }
  | { readonly end: 'failed'; readonly error: ScriptError; readonly cause: WireError | undefined }
  | { readonly end: 'aborted' };
