import type { SyncResult } from './project.ts';
import type { SyncErrorCode, WireError } from './protocol.ts';
import { syncResultOf } from './sync-result.ts';
import { markCall } from './thrown.ts';

/** Why a `sync.do` or `sync.plan` did not go through. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: SyncErrorCode;
  /** The path it is about, relative to the root; absent when it is about no path. */
  readonly path?: string;
  /** Index of the root; absent when it is about no single root. */
  readonly root?: number;
  /** What was done until then; absent when the run had not begun. */
  readonly result?: SyncResult;
  /** Where the script made the call, as `photos.sync.ts:12:3`; absent where that cannot be known. */
  readonly line?: string;

  constructor(code: SyncErrorCode, message: string, details: { path?: string; root?: number; result?: SyncResult; line?: string } = {}) {
    super(message);
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.root !== undefined) this.root = details.root;
    if (details.result !== undefined) this.result = details.result;
    if (details.line !== undefined) this.line = details.line;
  }
}

/** Errors after which `sync.do` of a list goes on with the next project. */
const goingOn = new WeakSet<SyncError>();

export function letsGoOn(error: unknown): boolean {
  return error instanceof SyncError && goingOn.has(error);
}

/** `call` is the id of the call that it answers. */
export function syncErrorOf(wire: WireError, call: number): SyncError {
  const { code, message, goOn, result, ...details } = wire;
  const error = new SyncError(code, message, result ? { ...details, result: syncResultOf(result) } : details);
  markCall(error, call);
  if (goOn) goingOn.add(error);
  return error;
}
