import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFile } from '../../runtime/machine/open-file.ts';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const NO_PIPES = { skip: process.platform === 'win32' };

test('a regular file is opened, and made where it is wanted', async (context) => {
  const path = join(await temporaryFolder(context), 'a');
  const fd = openFile(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  writeSync(fd, 'text');
  closeSync(fd);
  assert.equal(readFileSync(path, 'utf8'), 'text');
});

test('nobody waits for the other end of a pipe', NO_PIPES, async (context) => {
  const path = join(await temporaryFolder(context), 'pipe');
  execFileSync('mkfifo', [path]);
  for (const flags of [constants.O_RDONLY, constants.O_WRONLY, constants.O_RDWR]) assert.throws(() => openFile(path, flags), { code: 'EFTYPE' });
});

for (const [what, option, pipe] of [
  ['log', "logFile: 'pipe'", 'pipe'],
  ['list', "sourceList: 'pipe'", 'pipe'],
  ['database', "syncDb: 'pipe'", 'pipe'],
  ['journal', 'syncDb: true', 'a.sync.ts.syncdb.journal'],
  ['lock', 'syncDb: true', 'a.sync.ts.syncdb.lock'],
  ['catalogue of media', "volumes: { 1: { media: 'disc%INDEX%', autoMkdir: true, catalogue: 'pipe.syncvol' } }", 'pipe.syncvol'],
] as const) {
  test(`a pipe in the place of the ${what} is refused, and holds nothing up`, NO_PIPES, async (context) => {
    const folder = await temporaryFolder(context);
    for (const name of ['one', 'two']) mkdirSync(join(folder, name));
    execFileSync('mkfifo', [join(folder, pipe)]);
    const target = option.startsWith('volumes') ? 'vol1:' : 'two';
    writeFileSync(join(folder, 'a.sync.ts'), `export default { roots: ['one', { url: '${target}', targetOnly: true }], ${option} };`);
    const { code, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /there is a pipe, a socket or a device/);
  });
}
