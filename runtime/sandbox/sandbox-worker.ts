import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { withLateOptimization } from '../machine/tune-engine.ts';
import { GuestMemory } from './guest-memory.ts';
import { ScriptThread } from './script-thread.ts';
import type { FromWorker, ToWorker, WorkerRun } from './worker-messages.ts';

/* The worker of one script. QuickJS is made ready at once, while the host still looks for the bundle. */

/** The variant's own types are those of CommonJS, in which `default` is one level deeper. */
type SyncVariant = Extract<Parameters<typeof newQuickJSWASMModuleFromVariant>[0], { type: 'sync' }>;

/** The part of `WebAssembly` that is needed here, as in guest-memory.ts. */
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };

const port = parentPort;
if (!port) throw new Error('this file is started as a worker');
const memory = new GuestMemory();
const loading = load();
let thread: ScriptThread | undefined;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'message') thread?.receive(message.text, message.bytes);
  else void loading.then((quickjs) => start(quickjs, message));
});

async function load(): Promise<QuickJSWASMModule> {
  const { default: variant } = (await import('@jitl/quickjs-ng-wasmfile-release-sync')) as unknown as { default: SyncVariant };
  const bytes = readFileSync(engineFile());
  const wasmModule = withLateOptimization(() => new WebAssembly.Module(bytes));
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule, wasmMemory: memory.memory }));
}

/** In dist it lies beside this file. */
function engineFile(): string {
  const url = import.meta.url;
  return fileURLToPath(url.endsWith('.ts') ? import.meta.resolve('@jitl/quickjs-ng-wasmfile-release-sync/wasm') : new URL('./quickjs.wasm', url));
}

function start(quickjs: QuickJSWASMModule, run: WorkerRun): void {
  thread = new ScriptThread({ quickjs, memory }, run, (message: FromWorker) => port?.postMessage(message, transferOf(message)));
  thread.start(run);
}

function transferOf(message: FromWorker): ArrayBuffer[] {
  return message.kind === 'message' && message.bytes ? [message.bytes.buffer] : [];
}
