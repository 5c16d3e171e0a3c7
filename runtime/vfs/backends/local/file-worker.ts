import { parentPort, workerData } from 'node:worker_threads';
import type { FileTask } from './file-task.ts';
import { performTask } from './perform-task.ts';
import type { RootHandle } from './root-handle.ts';
import { type SentResults, sendableResults } from './sent-results.ts';
import { createTaskContext } from './task-context.ts';
import type { NameMaker } from './transfer-names.ts';

export interface FileWorkerData {
  readonly by: NameMaker;
  readonly thread: string;
}
/** Tasks cross as JSON text: it is written and read in half the time of a structured clone of the same objects. */
export type ToFileWorker = { readonly add: RootHandle } | { readonly remove: number } | { readonly tasks: string };
export type FromFileWorker = { readonly ready: true } | SentResults;

const { by, thread } = workerData as FileWorkerData;
const context = createTaskContext(by, thread);

parentPort?.on('message', (message: ToFileWorker) => {
  if ('add' in message) context.addRoot(message.add);
  else if ('remove' in message) context.removeRoot(message.remove);
  else {
    const results = (JSON.parse(message.tasks) as FileTask[]).map((task) => performTask(task, context));
    context.rest();
    const { message: sent, transfer } = sendableResults(results);
    answer(sent, transfer);
  }
});
answer({ ready: true });

function answer(message: FromFileWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
