import type { FilterQuestions, FilterVerdicts } from '../../sdk/filter-protocol.ts';
import type { CollisionChoice, Collision } from '../../sdk/project.ts';
import type { Facts, FunctionMethod, Json, LogLevel, SyncMethods, SyncRequest, WireError } from '../../sdk/protocol.ts';
import type { ScriptError, SourcePlace } from './script-error.ts';

/** What a script can reach. */
export interface ScriptHost {
  /** Answers a call of the script with what `HostMethods` says of its method; a Uint8Array is given away with it. A rejection with anything but `ScriptCallError` ends the script. */
  call(call: ScriptCall): Promise<unknown>;
  /** A project of the script is a simulation: from now on nothing that it calls changes anything. */
  simulate(): void;
  /** Answers and questions of so many characters and bytes, in all, wait until the script gives control back and takes them. */
  setUntaken(size: number): void;
  /** The script goes no further. Its calls may still be under way: what they wait for is not waited for any more. */
  over(): void;
  /** `log.*` and `console.*`, and warnings about the script; in the order in which the script says them. Resolves when nothing more is to be done of it. */
  log(level: LogLevel, message: string): Promise<void> | undefined;
}

export type ScriptCall = SyncCall | FunctionCall;

/** The shape of the request is checked; what it means is the host's to check. */
export interface SyncCall extends CallPlace {
  readonly kind: 'sync';
  readonly method: keyof SyncMethods;
  readonly request: SyncRequest;
  /** Asks the callbacks that came with the request; usable until the call is answered. */
  readonly hooks: ScriptHooks;
}

export interface FunctionCall extends CallPlace {
  readonly kind: 'function';
  readonly method: FunctionMethod;
  /** Data without prototypes, of any shape; at most one part of it is a Uint8Array. */
  readonly request: Json | { readonly [name: string]: Json | Uint8Array };
}

interface CallPlace {
  /** What it was sent with, in characters and bytes. */
  readonly size: number;
  /** Where the script makes the call; for the default export that runs by itself, where it is defined. undefined where that cannot be known. */
  place(): SourcePlace | undefined;
  /** Where a stack that came with the request (`WireProject.definedAt`) points. */
  placeOf(stack: string): SourcePlace | undefined;
}

/** Both reject with ScriptError: the callback threw, hangs, or gave an answer that it cannot give. */
export interface ScriptHooks {
  /**
   * Ask many at once: a batch is one message, and the time limit is one for all of it. Further batches may be asked before the answer is here; they come to the callback
   * one after the other, and not at all when one before failed. The questions' numbers are given away.
   */
  filter(callback: number, questions: FilterQuestions): Promise<FilterVerdicts>;
  collision(callback: number, collision: Collision): Promise<CollisionChoice>;
}

/** Makes the script's call reject with a `SyncError` of this content. */
export class ScriptCallError extends Error {
  override readonly name = 'ScriptCallError';
  /** What the script gets. */
  error: WireError;

  constructor(error: WireError) {
    super(error.message);
    this.error = error;
  }

  /** Fills in where the script made the call, unless that is known. */
  fillLine(line: string | undefined): void {
    if (line !== undefined) this.error = { line, ...this.error };
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
  /** A bundle made by project/bundle/bundle.ts: code and source map (JSON text). */
  readonly bundle: { readonly code: string; readonly map: string };
  readonly facts: Facts;
  readonly host: ScriptHost;
  readonly limits: ScriptLimits;
  /** Ends the script at once. */
  readonly signal: AbortSignal;
  /** For tests: a script that ends well has `crashed` when something of its memory was not released. Else its memory goes with its thread. */
  readonly checkLeaks?: boolean;
}

/** How a script ended. `failed` with `cause` set: it did not catch the `SyncError` that it got for that one. */
export type ScriptEnd =
  | { readonly end: 'finished' }
  | { readonly end: 'failed'; readonly error: ScriptError; readonly cause: ScriptCallError | undefined }
  | { readonly end: 'aborted' };
