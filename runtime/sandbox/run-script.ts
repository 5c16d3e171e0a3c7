import { type PreparedSandbox, prepareSandbox } from './prepare-sandbox.ts';
import type { ScriptEnd, ScriptRun } from './script-host.ts';
import { ScriptSession } from './script-session.ts';

/**
 * Runs a script to its end: its top level, all its calls, its timers. Never rejects for what a script can do. The calls that the host has
 * accepted are always brought to their end before this resolves, also when the script fails or is aborted. A sandbox started earlier is used up.
 */
export async function runScript(run: ScriptRun & { readonly sandbox?: PreparedSandbox }): Promise<ScriptEnd> {
  const sandbox = run.sandbox ?? prepareSandbox();
  const session = new ScriptSession(run, sandbox.worker);
  const abort = () => session.end({ end: 'aborted' });
  run.signal.addEventListener('abort', abort, { once: true });
  try {
    if (run.signal.aborted) abort();
    else session.start(sandbox.ended());
    return await session.ended;
  } finally {
    run.signal.removeEventListener('abort', abort);
    await sandbox.worker.terminate();
    run.host.over();
    await session.callsSettled();
  }
}
