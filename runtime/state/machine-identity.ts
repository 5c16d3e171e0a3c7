import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SecretError } from './secret-error.ts';

/** What a store of secrets is bound to. */
export interface MachineIdentity {
  /** What the operating system calls this installation; empty where it has no such thing (some containers). */
  readonly machine: string;
  readonly user: string;
}

const run = promisify(execFile);

/** Rejects with SecretError `foreign` when the operating system does not tell. */
export async function machineIdentity(): Promise<MachineIdentity> {
  const uid = process.getuid?.();
  return { machine: await machineId(), user: uid === undefined ? `name:${userInfo().username}` : `uid:${uid}` };
}

async function machineId(): Promise<string> {
  if (process.platform === 'darwin') return told('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], /"IOPlatformUUID" = "([^"]+)"/);
  if (process.platform === 'win32') {
    const reg = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'reg.exe');
    return told(reg, ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid'], /REG_SZ\s+(\S+)/);
  }
  // machine-id(5); the second is what D-Bus has where there is no systemd.
  return fileText('/etc/machine-id') || fileText('/var/lib/dbus/machine-id');
}

async function told(program: string, args: readonly string[], pattern: RegExp): Promise<string> {
  const advice = 'Without the id of this machine secrets can be neither kept nor read';
  try {
    const { stdout } = await run(program, args, { windowsHide: true, timeout: 20_000 });
    const id = pattern.exec(stdout)?.[1];
    if (id !== undefined) return id;
  } catch (error) {
    throw new SecretError('foreign', `${program} cannot be run: ${error instanceof Error ? error.message : String(error)}. ${advice}.`, {
      cause: error,
    });
  }
  throw new SecretError('foreign', `${program} does not tell the id of this machine. ${advice}.`);
}

/** Empty when there is no such file, and for the "uninitialized" of a system that is being set up. */
function fileText(file: string): string {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(text) ? text : '';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw new SecretError('foreign', `${file} cannot be read: ${String(error)}. Secrets are bound to the id in it.`, { cause: error });
  }
}
