import type { Facts } from '../../sdk/protocol.ts';
import type { ScriptEnd, ScriptHost, ScriptLimits } from './script-host.ts';

export interface ScriptRun {
  /** A bundle made by project/bundle.ts: code and source map (JSON text). */
  readonly bundle: { readonly code: string; readonly map: string };
  readonly facts: Facts;
  readonly host: ScriptHost;
  readonly limits: ScriptLimits;
  /** Ends the script at once. */
  readonly signal: AbortSignal;
  /** A sandbox started earlier with `prepareSandbox()`; used up by the run. */
  readonly sandbox?: PreparedSandbox;
}

/** A worker that is starting up. Give it to `runScript`, or dispose of it. */
export interface PreparedSandbox {
  dispose(): void;
}
