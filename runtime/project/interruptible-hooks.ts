import type { ScriptHooks } from '../sandbox/script-host.ts';
import { orInterrupted } from './or-interrupted.ts';

/** Callbacks of a script may sleep, or never come to an end: once the signal is aborted nobody waits for their answers. */
export function interruptibleHooks(hooks: ScriptHooks, signal: AbortSignal): ScriptHooks {
  return {
    filter: (callback, questions) => orInterrupted(hooks.filter(callback, questions), signal),
    collision: (callback, collision) => orInterrupted(hooks.collision(callback, collision), signal),
  };
}
