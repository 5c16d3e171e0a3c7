import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUILT_COMMAND } from './built-command.ts';

/** Keeps a secret as a user does; `home` as for `runBuilt`. */
export async function keepSecret(name: string, value: string, home: string): Promise<void> {
  const child = spawn(process.execPath, [BUILT_COMMAND, 'secret', 'set', name], {
    env: { ...process.env, SXRUN_HOME: home },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(`${value}\n`);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
}
