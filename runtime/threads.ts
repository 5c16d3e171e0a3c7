import { Worker, type WorkerOptions } from 'node:worker_threads';
import { untunedWhileStarting } from './machine/tune-engine.ts';

/** Worker threads by name, with the source file each is built from. In dist each is `dist/NAME.cjs`. */
const SOURCES = {
  'walk-worker': './vfs/backends/local/walk-worker.ts',
  'file-worker': './vfs/backends/local/file-worker.ts',
  'sandbox-worker': './sandbox/sandbox-worker.ts',
} as const;

export type WorkerName = keyof typeof SOURCES;

/** Starts a thread of ours. */
export function startThread(name: WorkerName, options?: WorkerOptions): Worker {
  const thread = new Worker(workerUrl(name), options);
  untunedWhileStarting(thread);
  return thread;
}

/**
 * Where `new Worker(…)` finds a worker's code. From source it is a small data URL that registers tsx and then imports the file,
 * because a worker does not inherit the loader of `node --import tsx`; the build replaces nothing and finds it beside the bundle.
 */
function workerUrl(name: WorkerName): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL(`./${name}.cjs`, import.meta.url);
  const source = new URL(SOURCES[name], import.meta.url).href;
  const loader = import.meta.resolve('tsx/esm/api');
  const code = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
