import type { Worker } from 'node:worker_threads';
import { startThread } from '../threads.ts';

/** A worker that is starting up. Give it to `runScript`, or dispose of it. */
export interface PreparedSandbox {
  readonly worker: Worker;
  /** Its thread has ended, with this cause, if that is known; undefined: it goes on. */
  ended(): { readonly cause: unknown } | undefined;
  dispose(): void;
}

/** QuickJS's own limit is far below; this is what the compiled engine needs to reach it. */
const NATIVE_STACK_MB = 32;
const HEAP_MB = 512;

/** Starts the worker of a script and loads QuickJS in it, so that it is ready when the bundle is. It does not keep the process alive until it is used. */
export function prepareSandbox(): PreparedSandbox {
  const worker = startThread('sandbox-worker', {
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
  let end: { readonly cause: unknown } | undefined;
  worker.on('error', (cause) => {
    end = { cause };
  });
  worker.once('exit', () => {
    end ??= { cause: undefined };
  });
  return { worker, ended: () => end, dispose: () => void worker.terminate() };
}
