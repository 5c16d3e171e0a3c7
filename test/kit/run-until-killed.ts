import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a program of Node and resolves to its exit code; killed (null) `afterMs` after it has begun to say something, unless it ends before. Absent: never. */
export async function runUntilKilled(args: readonly string[], afterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const ending = new AbortController();
  if (afterMs !== undefined) {
    const started = Promise.race([once(child.stdout, 'data'), ended]);
    void started
      .then(() => sleep(afterMs, undefined, { signal: ending.signal }))
      .then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
  }
  child.stdout.resume();
  const [code] = await ended;
  ending.abort();
  return code;
}
