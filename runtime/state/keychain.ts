import { type ChildProcess, fork } from 'node:child_process';
import type { KeychainReply, KeychainRequest } from './keychain-entries.ts';
import { SecretError } from './secret-error.ts';

/**
 * The operating system's store of passwords: Keychain of macOS, Credential Manager of Windows, a Secret Service (GNOME, KDE, KeePassXC) elsewhere.
 * All three reject with SecretError `keychain`, where there is none as well.
 */
export interface Keychain {
  /** undefined: there is none of this name. */
  read(name: string): Promise<string | undefined>;
  /** What it cannot hold whole is refused: Windows takes 2560 bytes. */
  write(name: string, value: string): Promise<void>;
  /** False: there was none. */
  remove(name: string): Promise<boolean>;
}

/** A locked keychain asks on the desktop; someone has to see it and type. */
const ANSWER_MS = 60_000;

/**
 * The keychain, asked by a process of its own for each thing: a keychain that waits to be unlocked waits for ever where nobody is, and a process with such a call in
 * one of its threads can only be killed.
 */
export function systemKeychain({ answerMs = ANSWER_MS, start = startProcess }: { answerMs?: number; start?: () => ChildProcess } = {}): Keychain {
  const ask = async (request: KeychainRequest) => {
    const reply = await answerOf(start(), request, answerMs);
    if (!reply.ok) throw new SecretError('keychain', reply.message);
    return reply;
  };
  return {
    read: async (name) => (await ask({ action: 'read', name })).value ?? undefined,
    async write(name, value) {
      await ask({ action: 'write', name, value });
    },
    remove: async (name) => (await ask({ action: 'remove', name })).found,
  };
}

/** The reply of a process, which is ended, come what may. */
async function answerOf(child: ChildProcess, request: KeychainRequest, answerMs: number): Promise<KeychainReply> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<KeychainReply>((resolve) => {
      const refuse = (message: string) => resolve({ ok: false, message });
      timer = setTimeout(() => refuse(`it does not answer for ${answerMs / 1000} s; is it waiting to be unlocked?`), answerMs);
      child.once('message', (reply: KeychainReply) => resolve(reply));
      child.once('error', ({ message }) => refuse(message));
      child.once('exit', (code, signal) => refuse(`asking it ended without an answer (${signal ?? code})`));
      child.send(request, (error) => {
        if (error !== null) refuse(error.message);
      });
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

/** From source it takes tsx to load it; in dist it is `dist/keychain-process.cjs`. */
function startProcess(): ChildProcess {
  const url = import.meta.url;
  const fromSource = url.endsWith('.ts');
  const file = fromSource ? './keychain-process.ts' : './keychain-process.cjs';
  const execArgv = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
  return fork(new URL(file, url), { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}
