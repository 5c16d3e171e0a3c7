import { ScriptCallError } from '../sandbox/script-host.ts';

/** The outcome of `work`; rejects (ScriptCallError `interrupted`) as soon as the signal is aborted, whatever becomes of the work. */
export function orInterrupted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new ScriptCallError({ code: 'interrupted', message: 'interrupted' }));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
