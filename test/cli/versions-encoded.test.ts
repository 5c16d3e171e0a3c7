import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CommandOutcome, runBuilt } from '../kit/built-command.ts';
import { type Keys, temporaryKeys } from '../kit/gpg.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { needing } from '../kit/programs.ts';

let scratch = '';
let project = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-versions-')));
  project = join(scratch, 'project');
  save('texts/a.txt', 'alpha one', '2026-01-01T10:00:00');
  save('texts/d/b.txt', 'beta', '2026-01-01T11:00:00');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function save(path: string, text: string, time: string): void {
  const at = join(project, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  utimesSync(at, new Date(time), new Date(time));
}
function read(path: string): string {
  return readFileSync(join(project, path), 'utf8');
}
function tree(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .flatMap((entry) =>
      entry.isFile()
        ? [
            join(entry.parentPath, entry.name)
              .slice(join(project, folder).length + 1)
              .replaceAll('\\', '/'),
          ]
        : [],
    )
    .sort();
}
function command(...args: string[]): Promise<CommandOutcome> {
  return runBuilt(args, { currentDir: project, home: join(scratch, 'home') });
}
async function works(run: Promise<CommandOutcome>): Promise<string> {
  const outcome = await run;
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome.stdout;
}

/** Turns every bit around, both ways, and says in a file that it ran. */
function turning(): string {
  const script =
    "require('node:fs').appendFileSync(process.argv[1], 'x'); process.stdin.on('data', (chunk) => process.stdout.write(chunk.map((byte) => byte ^ 255)))";
  const program = JSON.stringify([process.execPath, '-e', script, join(scratch, 'ran')]);
  return `{ encode: ${program}, decode: ${program}, extension: '.enc', verify: 'none' }`;
}
const ALLOW = `--allow-run=${process.execPath}`;

function define(urls: readonly string[], encoder = turning(), more = ''): void {
  const roots = ['texts', ...urls.map((url) => ({ url, targetOnly: true, autoMkdir: true }))];
  const options = `roots: ${JSON.stringify(roots)}, syncRemove: true, guard: false, encoders: { x: ${encoder} }, ${more}`;
  writeFileSync(
    join(project, 'p.sync.ts'),
    `import { defineProject, log } from 'sxrun';\nlog.info('ran');\nexport default defineProject({ ${options} });\n`,
  );
}
/** Two changes and a removal, each synchronized; what the programs did until then is forgotten. */
async function live(...permissions: string[]): Promise<void> {
  const run = () => works(command('-p', ...permissions, 'p.sync.ts'));
  await run();
  save('texts/a.txt', 'alpha two', '2026-01-02T10:00:00');
  await run();
  save('texts/a.txt', 'alpha three', '2026-01-03T10:00:00');
  rmSync(join(project, 'texts', 'd'), { recursive: true });
  await run();
  rmSync(join(scratch, 'ran'), { force: true });
}
const hasRun = () => existsSync(join(scratch, 'ran'));

describe('sxrun versions of an encoded root', () => {
  for (const url of ['ienc(x):uxvs:kept', 'igz:ienc:xvs:kept', 'uxvs:ienc(x):igz:kept']) {
    test(`${url}: lists, restores and prunes what its project keeps there, by the names that it shows`, async () => {
      define([url], turning(), 'versions: { keep: { last: 9 } }');
      await live(ALLOW);
      const versions = (...args: string[]) => works(command('versions', ...args, '-p', ALLOW));
      assert.match(
        await versions('list', 'p.sync.ts'),
        /^\S+kept\na\.txt\n {4}1 {2}2026-01-01 10:00:00 .* overwritten 20.*\n {4}2 .*overwritten .*\nd\/b\.txt \(removed\)\n {4}1 .*removed .*\n3 versions of 2 files\n$/,
      );
      renameSync(join(project, 'texts'), join(project, 'lost'));
      assert.match(await versions('restore', 'p.sync.ts', 'd', '--to', 'past'), /^restored {2}d\/b\.txt \(version 1 of [^;]*\)\n1 restored\n$/);
      assert.deepEqual([tree('past'), read('past/d/b.txt')], [['d/b.txt'], 'beta']);
      assert.match(await versions('restore', url, '--project', 'p.sync.ts', '--as-of', 'now', '--to', 'now'), /\n0 restored, 1 as it is now\n$/);
      assert.equal(read('now/a.txt'), 'alpha three');
      assert.match(await versions('restore', 'p.sync.ts', 'd', '--number', '1', 'a.txt'), /2 restored\n$/);
      await versions('restore', 'p.sync.ts', '--as-of', 'now', '--to', 'again');
      assert.deepEqual([read('again/a.txt'), read('again/d/b.txt')], ['alpha one', 'beta']);
      assert.match(await versions('prune', 'p.sync.ts', '--keep-last', '1', '-s'), /a\.txt .* would remove\n.*2 would be removed, 2 kept\n$/s);
      assert.match(await versions('prune', 'p.sync.ts', '--keep-last', '1'), /2 removed, 2 kept\n$/);
      assert.match(await versions('list', 'p.sync.ts', 'a.txt'), /\na\.txt\n {4}3 {2}2026-01-03 .*\n1 version of 1 file\n$/);
    });
  }

  test('runs no program and needs no permission for one where nothing is decoded for it: to list, to prune, and to put back what is stored', async () => {
    define(['ienc:uxvs:kept']);
    await live(ALLOW);
    assert.match(await works(command('versions', 'list', 'p.sync.ts', '-p')), /3 versions of 2 files\n$/);
    const current = read('kept/a.txt.enc');
    assert.match(await works(command('versions', 'restore', 'p.sync.ts', 'a.txt', 'd', '-p')), /a\.txt \(.*the present one is kept\)\n.*2 restored/s);
    assert.match(await works(command('versions', 'prune', 'p.sync.ts', '--keep-last', '1', '-p')), /2 removed, 2 kept\n$/);
    assert.equal(hasRun(), false);
    assert.deepEqual([read('kept/XVS/003.a.txt.enc'), existsSync(join(project, 'kept/d/b.txt.enc'))], [current, true]);
    const refused = await command('versions', 'restore', 'p.sync.ts', 'a.txt', '--to', 'past', '-p');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /runs \S+ \(a program is outside the wall\)[\s\S]*sxrun allow \S+p\.sync\.ts run:/);
    assert.deepEqual([existsSync(join(project, 'past')), hasRun()], [false, false]);
  });

  test('goes by the encoded notes of when versions were set aside, keeps those that stay, and touches nothing when it cannot read them', async () => {
    define(['uxvs:ienc:kept'], turning(), 'versions: { keep: { last: 1 } }');
    save('kept/a.txt.enc', 'now', '2026-03-01T10:00:00');
    save('kept/XVS/001.a.txt.enc', 'one', '2026-02-01T10:00:00');
    save('kept/XVS/002.a.txt.enc', 'two', '2026-01-01T10:00:00');
    const note = (version: string, day: number) => `${JSON.stringify({ version, at: `2026-02-0${day}T12:00:00.000Z`, by: 'overwritten' })}\n`;
    const notes = Buffer.from(note('001.a.txt', 2) + note('002.a.txt', 3)).map((byte) => byte ^ 255);
    const file = join(project, 'kept', 'XVS', '.set-aside.jsonl.enc');
    writeFileSync(file, notes);
    const failing = turning().replaceAll("process.stdin.on('data'", "process.exitCode = 3; process.stdin.on('data'");
    define(['uxvs:ienc:kept'], failing, 'versions: { keep: { last: 1 } }');
    const failed = await command('versions', 'prune', 'p.sync.ts', '-p', ALLOW);
    assert.equal(failed.code, 2);
    assert.match(failed.stderr, /set aside is noted in XVS\/\.set-aside\.jsonl, which cannot be read: .*exit code 3/);
    assert.equal(tree('kept').length, 4);
    define(['uxvs:ienc:kept'], turning(), 'versions: { keep: { last: 1 } }');
    assert.match(
      await works(command('versions', 'prune', 'p.sync.ts', '-p', ALLOW)),
      /1 .* remove\na\.txt +2 .*keep +\(last\)\n1 removed, 1 kept\n$/,
    );
    assert.deepEqual(tree('kept'), ['XVS/.set-aside.jsonl.enc', 'XVS/002.a.txt.enc', 'a.txt.enc']);
    const left = readFileSync(file).map((byte) => byte ^ 255);
    assert.equal(Buffer.from(left).toString(), note('002.a.txt', 3));
  });

  test('asks for the places of a project like a run, and which root is meant where there are several', async () => {
    const elsewhere = join(scratch, 'elsewhere');
    mkdirSync(elsewhere);
    define(['xvs:kept', `xvs:${elsewhere}`], turning(), 'versions: { keep: { last: 1 } }');
    await live(`--allow-read=${elsewhere}`, `--allow-write=${elsewhere}`);
    const listed = await command('versions', 'list', 'p.sync.ts', '-p');
    assert.equal(listed.code, 3);
    assert.match(listed.stdout, /^xvs:kept\n.*2 versions of 2 files\n/s);
    assert.ok(listed.stderr.includes(`read:${elsewhere}`), listed.stderr);
    const pruned = await command('versions', 'prune', 'p.sync.ts', '-p', `--allow-read=${elsewhere}`);
    assert.equal(pruned.code, 3);
    assert.ok(pruned.stderr.includes(`write:${elsewhere}`), pruned.stderr);
    assert.deepEqual(readdirSync(join(elsewhere, 'XVS')).sort(), ['.set-aside.jsonl', '001.d', '002.a.txt']);
    const restored = await command('versions', 'restore', 'p.sync.ts', 'a.txt', '-p');
    assert.equal(restored.code, 2);
    assert.match(restored.stderr, /which root is meant\? .* xvs:\S+kept and xvs:\S+elsewhere: sxrun versions restore ROOT … --project FILE/);
    for (const url of ['xvs:kept', 'kept'])
      assert.match(await works(command('versions', 'restore', url, '--project', 'p.sync.ts', 'a.txt', '-p')), /^restored .*1 restored/s);
    const there = { currentDir: elsewhere, home: join(scratch, 'home') };
    const other = await runBuilt(['versions', 'list', 'xvs:kept', '--project', join(project, 'p.sync.ts'), '-p'], there);
    assert.match(other.stderr, /the root \S+elsewhere\Wkept does not exist/);
  });

  test('finds the roots of all that a script synchronizes, with its arguments, and does nothing else that the script says', async () => {
    define(['xvs:kept']);
    await live();
    writeFileSync(join(project, 'sub.sync.ts'), "export default { roots: ['texts', { url: 'null:', shadow: 'uxvs:kept', targetOnly: true }] };\n");
    writeFileSync(
      join(project, 'super.sync.ts'),
      `import { exec, sync, xfile } from 'sxrun';
       import one from './p.sync.ts';
       await sync.do(one, { name: \`\${(await sync.plan(one)).actions.length} actions\` });
       await sync.do('sub.sync.ts');
       for (const name of sync.args) await sync.do({ roots: ['texts', { url: \`xvs:\${name}\`, targetOnly: true, autoMkdir: true }] });
       await xfile.writeText('written.txt', 'by the script');
       await exec(${JSON.stringify(process.execPath)}, ['-e', '0']);
       throw new Error('after all that');`,
    );
    renameSync(join(project, 'texts'), join(project, 'lost'));
    const outcome = await command('versions', 'list', 'super.sync.ts', '-p', '-A', '--', 'week 1');
    assert.equal(outcome.code, 2);
    assert.match(outcome.stdout, /^xvs:kept\n.*3 versions of 2 files\nuxvs:\S+kept\n.*3 versions of 2 files\nxvs:week 1\n$/s);
    assert.match(outcome.stderr, /week 1: the root \S+week 1 does not exist.*after all that/s);
    assert.deepEqual(readdirSync(project).sort(), ['kept', 'lost', 'p.sync.ts', 'p.sync.ts.syncdb', 'sub.sync.ts', 'super.sync.ts']);
  });

  for (const [args, says] of [
    [['list', 'texts', '-A'], /--allow-all is for the programs of a project/],
    [['list', 'p.sync.ts'], /no root of p\.sync\.ts keeps versions/],
    [['list', 'no.sync.ts'], /there is no project file "no\.sync\.ts"/],
    [['list', 'ienc(y):uxvs:kept', '--project', 'p.sync.ts'], /the encoder "y", which option "encoders" does not have/],
    [['list', 'xvs:zip:gone.zip'], /gone\.zip/],
    [['list', 'igz:texts'], /say where its old versions are kept, .*: igz:xvs:\S+texts or xvs:igz:\S+texts\n/],
    [['list', 'uxvs:vol1:'], /old versions on media are not looked at here/],
    [['restore', 'p.sync.ts'], /name a path, or a time/],
  ] as const) {
    test(`says what is wrong with: ${args.join(' ')}`, async () => {
      define(['plain']);
      const outcome = await command('versions', ...args, '-p');
      assert.deepEqual([outcome.code, outcome.stdout], [2, '']);
      assert.match(outcome.stderr, says);
    });
  }
});

test('an encrypted backup is brought back by one command, with the key of its project', needing('gpg'), async (context) => {
  const keys: Keys = temporaryKeys();
  context.after(() => keys.close());
  await keys.make('me@example.org', 'key pass');
  const gpg = `['gpg', '--homedir', ${JSON.stringify(keys.folder)}, '--batch', '--quiet'`;
  const encode = `${gpg}, '--trust-model', 'always', '--encrypt', '-r', 'me@example.org']`;
  const decode = `${gpg}, '--pinentry-mode', 'loopback', '--passphrase-fd', '%PASSPHRASE_FD%', '--decrypt']`;
  define(['igz:ienc:uxvs:kept'], `{ encode: ${encode}, decode: ${decode}, passphrase: 'my-key', verify: 'none' }`);
  await live('--allow-run=gpg', '--allow-secret=my-key');
  const restore = () => command('versions', 'restore', 'p.sync.ts', 'd/b.txt', '--to', 'past', '-p', '--allow-run=gpg', '--allow-secret=my-key');
  const without = await restore();
  assert.equal(without.code, 2);
  assert.match(without.stderr, /Passphrase of the encoder "x" is needed, .*"sxrun secret set my-key"/);
  await keepSecret('my-key', 'key pass', join(scratch, 'home'));
  await works(restore());
  assert.equal(read('past/d/b.txt'), 'beta');
});
