import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const SCRIPT = `import { mail, sync } from 'sxrun';
const server = 'smtp://me@mail.example'; // smtp://not.this.one
try { await sync.do({ roots: ['one', 'two'] }); }
catch { await mail.send({ server, from: 'a@b.example', to: 'a@b.example', subject: 's', text: 't' }); }`;

test('without a terminal a mail server that may be wanted is told before the run, and the run goes on', async (context) => {
  const folder = await temporaryFolder(context);
  const where = { currentDir: folder, home: join(folder, 'home') };
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'a.sync.ts'), SCRIPT);
  const { code, stdout, stderr } = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(code, 0, stderr);
  const said = stdout + stderr;
  assert.match(
    said,
    /not permitted, and the script may want it later.*sends mail by mail\.example:587\n.*sxrun allow .*a\.sync\.ts net:mail\.example:587\n/s,
  );
  assert.doesNotMatch(said, /not\.this\.one/);
  for (const args of [['-s'], ['--allow-net=mail.example'], ['-A']]) {
    const quiet = await runBuilt(['-p', ...args, 'a.sync.ts'], where);
    assert.doesNotMatch(quiet.stdout + quiet.stderr, /sends mail by/, args.join());
  }
});

test('a script that can send mail and names no server is told of none', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(
    join(folder, 'a.sync.ts'),
    "import { mail, sync } from 'sxrun'; await sync.do({ roots: ['one', 'two'] }); if (sync.args.length > 0) await mail.send(sync.args as never);",
  );
  const { code, stdout, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /may want it later/);
});

test('a password of a mail server that is not kept is told before the run', async (context) => {
  const folder = await temporaryFolder(context);
  const where = { currentDir: folder, home: join(folder, 'home') };
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'a.sync.ts'), SCRIPT);
  await writeFile(join(folder, 'own.sync.ts'), SCRIPT.replace("text: 't'", "text: 't', password: { secret: 'x' }"));
  const told = /the password of me@mail\.example is not kept.*sxrun secret set password:smtp:\/\/me@mail\.example\n/;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runBuilt(['-p', ...args], where);
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  assert.match(await run('a.sync.ts'), told);
  assert.doesNotMatch(await run('-s', 'a.sync.ts'), told);
  assert.doesNotMatch(await run('own.sync.ts'), told);
  await keepSecret('password:smtp://me@mail.example', 'open sesame', where.home);
  assert.doesNotMatch(await run('a.sync.ts'), told);
});
