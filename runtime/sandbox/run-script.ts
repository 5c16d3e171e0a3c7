import type { Facts } from '../../sdk/protocol.ts';
import { type PreparedSandbox, prepareSandbox } from './prepared-sandbox.ts';
import type { ScriptEnd, ScriptHost, ScriptLimits } from './script-host.ts';
import { ScriptSession } from './script-session.ts';

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

/**
 * Runs a script to its end: its top level, all its calls, its timers. Never rejects for what a script can do. The calls that the host has
 * accepted are always brought to their end before this resolves, also when the script fails or is aborted.
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const sandbox = run.sandbox ?? prepareSandbox();
  const session = new ScriptSession(run, sandbox.worker);
  const abort = () => session.end({ end: 'aborted' });
  run.signal.addEventListener('abort', abort, { once: true });
  try {
    if (run.signal.aborted) abort();
    else session.start();
    return await session.ended;
  } finally {
    run.signal.removeEventListener('abort', abort);
    await sandbox.worker.terminate();
    await session.callsSettled();
  }
}
