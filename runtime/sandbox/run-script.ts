import { Worker } from 'node:worker_threads';
import { workerUrl } from '../threads.ts';
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
    else session.start();
    return await session.ended;
  } finally {
    run.signal.removeEventListener('abort', abort);
    await sandbox.worker.terminate();
    await session.callsSettled();
  }
}

/** A worker that is starting up. Give it to `runScript`, or dispose of it. */
export interface PreparedSandbox {
  readonly worker: Worker;
  dispose(): void;
}

/** QuickJS's own limit is far below; this is what the compiled engine needs to reach it. */
const NATIVE_STACK_MB = 32;
const HEAP_MB = 512;

/** Starts the worker of a script and loads QuickJS in it, so that it is ready when the bundle is. It does not keep the process alive until it is used. */
export function prepareSandbox(): PreparedSandbox {
  const worker = new Worker(workerUrl('sandbox-worker'), {
    name: 'sandbox-worker',
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { stackSizeMb: NATIVE_STACK_MB, maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  const ignore = () => undefined;
  worker.on('error', ignore);
  return { worker, dispose: () => void worker.terminate() };
}
