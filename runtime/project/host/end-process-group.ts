import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Ways to end a program with all that it started. Each may be called any time, also when nothing is left to be ended. */
export interface ProcessGroupEnding {
  /** Asks it to end, and ends it when it takes too long. */
  readonly terminate: () => void;
  /** Ends it now. */
  readonly kill: () => void;
  /** It was asked to end while it ran. */
  readonly wasTerminated: () => boolean;
}

/** What is to be ended when our own process ends early. */
const running = new Set<() => void>();

function endAll(): void {
  for (const kill of running) kill();
}

/** `pid` leads a process group; it ends with our own process at the latest. Windows knows no groups and no polite way: the tree below the process is ended. */
export function endProcessGroup(pid: number, patienceMs: number): ProcessGroupEnding {
  let ended = false;
  let gone = false;
  let timer: NodeJS.Timeout | undefined;
  if (running.size === 0) process.on('exit', endAll);
  running.add(kill);

  function kill(): void {
    clearTimeout(timer);
    if (gone) return;
    gone = true;
    running.delete(kill);
    if (running.size === 0) process.off('exit', endAll);
    if (process.platform === 'win32') endTree(pid);
    else signalGroup(pid, 'SIGKILL');
  }

  return {
    kill,
    terminate() {
      if (gone || ended) return;
      ended = true;
      if (process.platform === 'win32') return kill();
      signalGroup(pid, 'SIGTERM');
      timer = setTimeout(kill, patienceMs);
    },
    wasTerminated: () => ended,
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

function endTree(pid: number): void {
  const taskkill = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
  spawn(taskkill, ['/T', '/F', '/PID', String(pid)], { stdio: 'ignore', windowsHide: true }).on('error', () => undefined);
}
