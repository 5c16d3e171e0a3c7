/**
 * Loaded before the built command (`--import`): each sandbox that it starts checks at its end that the script's memory was released whole, as
 * `ScriptRun.checkLeaks` says. A leak ends the command as a breakdown of the sandbox.
 */
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread) {
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    return post.call(this, message?.kind === 'run' && 'checkLeaks' in message ? { ...message, checkLeaks: true } : message, ...more);
  };
}
