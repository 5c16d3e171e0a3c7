import assert from 'node:assert/strict';
import { existsSync, linkSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { auditSubjectOf } from '../../runtime/project/host/audit-subject.ts';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

/** A project `p/a.sync.ts`; its folder is the current one. */
async function scene(t: TestContext, script: string) {
  const base = await temporaryFolder(t);
  for (const name of ['p', 'texts', 'backup']) await mkdir(join(base, name));
  await writeFile(join(base, 'p', 'a.sync.ts'), script);
  const where = { currentDir: join(base, 'p'), home: join(base, 'home') };
  return {
    base,
    run: (...args: readonly string[]) => runBuilt(['-p', ...args, 'a.sync.ts'], where),
    lines: async (file: string) =>
      (await readFile(join(base, file), 'utf8')).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>])),
  };
}

const NO_RUN = "import { env, log, sync, xfile } from 'sxrun';\nsync.dontDo();\n";

test('every permission and every call of a script is a line of the audit, with its time, appended', async (t) => {
  const { base, run, lines } = await scene(t, "export default { roots: ['../texts', { url: '../backup', targetOnly: true }] };");
  const started = Date.now();
  const grants = [`--allow-read=${join(base, 'texts')}`, `--allow-read=${join(base, 'backup')}`, `--allow-write=${join(base, 'backup')}`];
  assert.equal((await run(...grants, '--audit', '../audit')).code, 0);
  const audit = await lines('audit');
  const project = join(base, 'p', 'a.sync.ts');
  for (const line of audit) {
    assert.ok(Date.parse(String(line['time'])) >= started - 1);
    assert.equal(line['project'], project);
  }
  const told = audit.map(({ what, kind, method, value, granted }) => [what, kind ?? method, value, granted]);
  assert.deepEqual(told, [
    ['permission', 'read', join(base, 'texts'), 'flag'],
    ['permission', 'read', join(base, 'backup'), 'flag'],
    ['permission', 'write', join(base, 'backup'), 'flag'],
    ['call', 'sync.do', 'a.sync.ts', undefined],
  ]);
  assert.equal((await run('--audit', '../audit')).code, 3);
  const more = (await lines('audit')).slice(audit.length);
  assert.deepEqual(
    more.map(({ kind, refused }) => [kind, refused]),
    [
      ['read', 'missing'],
      ['read', 'missing'],
      ['write', 'missing'],
    ],
  );
});

test('the audit is out of the reach of every script, under all its names', async (t) => {
  const { base, run, lines } = await scene(t, `${NO_RUN}await xfile.exists(sync.args[0] ?? '.');`);
  await writeFile(join(base, 'p', 'audit'), '');
  linkSync(join(base, 'p', 'audit'), join(base, 'p', 'again'));
  for (const name of ['audit', './AUDIT/../audit', '../p/audit', 'again']) {
    const { code, stderr } = await runBuilt(['-A', '-p', '--audit', 'audit', 'a.sync.ts', '--', name], {
      currentDir: join(base, 'p'),
      home: join(base, 'home'),
    });
    assert.equal(code, 3, name);
    assert.match(stderr, /out of reach whatever is granted/);
  }
  assert.equal((await lines('p/audit')).filter(({ refused }) => refused === 'refused').length, 4);
  assert.equal((await run('-A', '--audit', 'audit')).code, 0);
});

test('an import from outside that is refused is in the audit', async (t) => {
  const { base, run, lines } = await scene(t, "import '../texts/x.ts';\nexport default { roots: ['.', '../texts'] };");
  await writeFile(join(base, 'texts', 'x.ts'), 'export {};');
  assert.equal((await run('--audit', '../audit')).code, 3);
  assert.deepEqual(
    (await lines('audit')).map(({ kind, value, refused }) => [kind, value, refused]),
    [['read', join(base, 'texts'), 'missing']],
  );
});

test('the audit is no part of the roots that it lies in', async (t) => {
  const { base, run } = await scene(t, "export default { roots: ['../texts', { url: '../backup', targetOnly: true }] };");
  await writeFile(join(base, 'texts', 'a.txt'), 'a');
  assert.equal((await run('-A', '--audit', '../texts/audit')).code, 0);
  assert.deepEqual([existsSync(join(base, 'backup', 'a.txt')), existsSync(join(base, 'backup', 'audit'))], [true, false]);
});

test('without its audit a script does not run', async (t) => {
  const { base, run } = await scene(t, `${NO_RUN}log.info('ran');`);
  const { code, stdout, stderr } = await run('--audit', '../none/audit');
  assert.equal(code, 2);
  assert.doesNotMatch(stdout, /ran/);
  assert.match(stderr, /--audit .*none.audit cannot be opened, and without it nothing is done/);
  assert.equal((await run('--audit', '')).code, 2);
  if (existsSync('/dev/full')) {
    const { code: full, stderr: why } = await run('--allow-env=HOME', '--audit', '/dev/full', '-e', '*.x');
    assert.equal(full, 0, why);
    await writeFile(join(base, 'p', 'a.sync.ts'), `${NO_RUN}await env('HOME').catch(() => undefined);\nlog.info('went on');`);
    const stopped = await run('--allow-env=HOME', '--audit', '/dev/full');
    assert.equal(stopped.code, 2, stopped.stderr);
    assert.match(stopped.stderr, /cannot be written, and without it nothing is done/);
    assert.doesNotMatch(stopped.stdout, /went on/);
  }
});

test('of a request the audit has what it is about, and neither logins nor contents', () => {
  const rows: readonly [unknown, string][] = [
    [{ url: 'https://me:pw@host.example/a?token=t', body: 'content', headers: [['authorization', 'x']] }, "'https://***@host.example/a?***'"],
    [{ url: 'sftp://me:p@w@host/a@b', text: 'content' }, "'sftp://***@host/a@b'"],
    [{ url: 'ienc:igz:sftp://me:pw@host/a' }, "'ienc:igz:sftp://***@host/a'"],
    [{ file: 'gpg', args: ['-e', 'a b'], input: 'content', env: { X: 'y' } }, "gpg -e 'a b'"],
    [{ from: 'a', to: 'b' }, 'a b'],
    [{ name: 'token' }, 'token'],
    [null, ''],
    [{ password: 'pw', html: 'x' }, ''],
  ];
  for (const [request, subject] of rows) assert.equal(auditSubjectOf(request), subject);
});
