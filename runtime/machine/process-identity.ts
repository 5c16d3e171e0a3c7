import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** Who holds a lock, so that another process can tell whether it still lives. Absent fields: the platform does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Tells machines of one name apart: a digest of Linux's machine id. */
  readonly machine?: string;
  /** Linux: changes at every boot. */
  readonly boot?: string;
  /** Linux: pids only mean the same within one of these (containers). */
  readonly pidSpace?: string;
  /** Linux: clock ticks from boot to the process's start; tells a reused pid. */
  readonly processStart?: string;
}

/** `elsewhere`: on another machine or in another container, so nobody here can tell. */
export type Liveness = 'alive' | 'dead' | 'elsewhere';

export function ownIdentity(): ProcessIdentity {
  const machine = readLine('/etc/machine-id');
  const boot = readLine('/proc/sys/kernel/random/boot_id');
  const pidSpace = readLink('/proc/self/ns/pid');
  const start = processStart(process.pid);
  return {
    pid: process.pid,
    host: hostname(),
    ...(machine !== undefined && { machine: createHash('sha256').update(machine).digest('base64url').slice(0, 12) }),
    ...(boot !== undefined && { boot }),
    ...(pidSpace !== undefined && { pidSpace }),
    ...(typeof start === 'string' && { processStart: start }),
  };
}

/** `sinceMs`: when the process said who it is, in ms since 1970; `nowMs` likewise. */
export function livenessOf(holder: ProcessIdentity, sinceMs: number, nowMs: number): Liveness {
  const own = ownIdentity();
  if (holder.host !== own.host || holder.machine !== own.machine) return 'elsewhere';
  if (holder.boot !== own.boot) return holder.boot === undefined || own.boot === undefined ? 'elsewhere' : 'dead';
  if (holder.pidSpace !== own.pidSpace) return 'elsewhere';
  // Where there is no boot id, the time of the boot serves; clocks are set, hence the minute.
  if (own.boot === undefined && sinceMs < nowMs - uptime() * 1000 - 60_000) return 'dead';
  if (!exists(holder.pid)) return 'dead';
  const start = processStart(holder.pid);
  return start === 'ended' || (start !== undefined && holder.processStart !== undefined && start !== holder.processStart) ? 'dead' : 'alive';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); `ended` for a zombie, whose parent has not asked for it yet; undefined where there is no such file. */
function processStart(pid: number): string | undefined {
  const stat = readLine(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19];
}

/** undefined: other platforms have no such file. */
function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readLink(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
