import { parentPort } from 'node:worker_threads';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { ScriptThread } from './script-thread.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/* The worker of one script. QuickJS is made ready at once, while the host still looks for the bundle. */
const port = parentPort;
if (!port) throw new Error('this file is started as a worker');
const loading = newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-ng-wasmfile-release-sync'));
let thread: ScriptThread | undefined;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'message') thread?.receive(message.text);
  else void loading.then((quickjs) => start(quickjs, message));
});

function start(quickjs: Awaited<typeof loading>, run: Extract<ToWorker, { kind: 'run' }>): void {
  thread = new ScriptThread(quickjs, run, (message: FromWorker) => port?.postMessage(message));
  thread.start(run);
}
