import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder of keys of its own, which no other GnuPG sees. `close` ends its agents and removes it. */
export interface Keys {
  /** For `--homedir`. */
  readonly folder: string;
  /** Makes a key pair without asking anything. `past`: at a time of the past (`20200101T000000`), and for how long it was good then (`1d`). */
  make(user: string, passphrase: string, past?: { readonly at: string; readonly goodFor: string }): Promise<void>;
  close(): Promise<void>;
}

export function temporaryKeys(): Keys {
  // The sockets of its agents lie in it, and such a path has about a hundred characters at most.
  const folder = mkdtempSync(join(process.platform === 'win32' ? (process.env['TEMP'] ?? 'C:\\') : '/tmp', 'sxgpg-'));
  // By itself an agent makes each use of a passphrase take a tenth of a second or more.
  writeFileSync(join(folder, 'gpg-agent.conf'), 's2k-count 65536\n');
  return {
    folder,
    async make(user, passphrase, past) {
      const quiet = ['--homedir', folder, '--batch', '--quiet', '--pinentry-mode', 'loopback'];
      const then = past === undefined ? [] : ['--faked-system-time', past.at];
      await run('gpg', [
        ...quiet,
        ...then,
        '--passphrase',
        passphrase,
        '--quick-generate-key',
        user,
        'future-default',
        'default',
        past?.goodFor ?? 'never',
      ]);
    },
    async close() {
      await endAgents(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Until the test ends, GnuPG has its keys where the user's are not. */
export function withoutOwnKeys(context: TestContext): void {
  const keys = temporaryKeys();
  const variables = process.platform === 'win32' ? ['APPDATA'] : ['HOME'];
  const before = variables.map((name) => process.env[name]);
  for (const name of variables) process.env[name] = keys.folder;
  context.after(async () => {
    for (const [index, name] of variables.entries()) {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    }
    await endAgents(join(keys.folder, process.platform === 'win32' ? 'gnupg' : '.gnupg'));
    await keys.close();
  });
}

/** Ends the agents that GnuPG has left behind for a folder of keys. */
async function endAgents(folder: string): Promise<void> {
  await run('gpgconf', ['--homedir', folder, '--kill', 'all']);
}
