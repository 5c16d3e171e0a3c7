import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

/** Looks different in each spelling. */
const SECRET = `p@ss "w'ö\\rd<&>/+?`;
const SPELLINGS = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('base64url'),
  Buffer.from(SECRET).toString('hex'),
];

const SCRIPT = `import { exec, log, mail, secret, sync, xfile } from 'sxrun';
const s = await secret('s');
log.info('plain', s);
log.warn({ nested: { s, list: [s] } });
log.error(JSON.stringify(s), JSON.stringify({ s: JSON.stringify(s) }));
console.log(encodeURIComponent(s), new TextEncoder().encode(s).toBase64?.() ?? '');
await exec('curl', ['-u', 'me:' + s]);
await mail.send({ server: 'smtp://mail.example', from: 'a@b.example', to: 'a@b.example', subject: s, text: s });
await xfile.writeText('two/' + encodeURIComponent(s), 'x');
await sync.do({ name: s, roots: ['one', { url: 'two', targetOnly: true }], excludeFiles: [s], logFile: 'run.log' });
throw new Error('it was ' + s, { cause: new TypeError('because of ' + s) });`;

test('a secret is in no log, event, plan, audit or error, in whatever spelling the script puts it there', async (context) => {
  const folder = await temporaryFolder(context);
  const home = join(folder, 'home');
  const place = join(folder, 'p');
  for (const name of ['p/one', 'p/two']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(place, 'one', 'a.txt'), 'a');
  await writeFile(join(place, 'a.sync.ts'), SCRIPT);
  await keepSecret('s', SECRET, home);
  const grants = ['-p', '--allow-secret=s', '--allow-run=curl', '--allow-net=mail.example', '--audit', join(folder, 'audit.jsonl')];
  const shown: string[] = [];
  for (const args of [
    ['-s', '-v'],
    ['-s', '--json'],
    ['plan', '-o', '../plan.json'],
  ]) {
    const { code, stdout, stderr } = await runBuilt([...(args[0] === 'plan' ? [...args, ...grants] : [...grants, ...args]), 'a.sync.ts'], {
      currentDir: place,
      home,
    });
    assert.equal(code, 2, stderr + stdout);
    shown.push(stdout, stderr);
  }
  for (const file of ['audit.jsonl', 'p/run.log']) shown.push(await readFile(join(folder, file), 'utf8'));
  for (const text of shown) for (const spelling of SPELLINGS) assert.ok(!text.includes(spelling), `${spelling} in:\n${text}`);
  assert.match(shown.join(), /plain \*\*\*/);
  assert.match(shown.join(), /run curl -u 'me:\*\*\*'/);
  assert.match(shown.join(), /it was \*\*\*.*because of TypeError: because of \*\*\*/s);
});
