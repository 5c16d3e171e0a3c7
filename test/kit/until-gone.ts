import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Resolves when the process has ended. */
export async function untilGone(pid: number): Promise<void> {
  while (isThere(pid)) await wait(5);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // That a process whose parent has died has ended is taken note of by the system's first process, which not every container has.
  return process.platform !== 'linux' || !/^State:\s+Z/m.test(stateOf(pid));
}

function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
}
