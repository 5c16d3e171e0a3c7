import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Measured {
  readonly seconds: number;
  /** Largest resident set of the process, in MB; undefined where GNU time is not installed. */
  readonly peakMb: number | undefined;
  /** Of all processors, with the processes that it started: what to compare on a machine that others use too. undefined as above. */
  readonly cpuSeconds: number | undefined;
}

/** Reads all of these folders, so that no command pays for what another one finds in memory. */
export function warm(folders: readonly string[]): void {
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const { size } = lstatSync(path);
      if (entry.isFile() && size <= LARGEST_WARMED) readFileSync(path);
    }
  }
}
/** Larger ones were written a moment ago. */
const LARGEST_WARMED = 1024 * 1024;

/** Runs a command to its end, with the machine's dirty pages written before. Rejects when it fails. */
export async function measure(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Measured> {
  spawnSync('sync');
  const timed = isInstalled('/usr/bin/time') ? ['/usr/bin/time', '-q', '-f', 'peak %M %U %S', ...command] : command;
  const [program = '', ...args] = timed;
  const start = process.hrtime.bigint();
  // Node reads these at each start, 30 ms for the certificates of a system; a machine that has them set would count that as ours.
  const { NODE_EXTRA_CA_CERTS: _, ...own } = process.env;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...own, ...env } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stderr}`);
  const [, peak, user, system] = /peak (\d+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  return {
    seconds,
    peakMb: peak === undefined ? undefined : Number(peak) / 1024,
    cpuSeconds: peak === undefined ? undefined : Number(user) + Number(system),
  };
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * A folder for the benchmark's data. Old trees are moved aside and removed at the end only: some file systems avoid inodes freed a moment ago, and would make
 * whoever comes next pay for it.
 */
export class Workbench {
  readonly folder: string;
  #retired = 0;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, 'retired'), { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** An empty folder of that name. */
  fresh(name: string): string {
    this.retire(name);
    mkdirSync(this.path(name));
    return this.path(name);
  }

  retire(name: string): void {
    try {
      renameSync(this.path(name), join(this.folder, 'retired', `${basename(name)}-${this.#retired++}`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  discard(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
