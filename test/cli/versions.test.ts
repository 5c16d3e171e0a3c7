import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CommandOutcome, eventsOf, resultsOf, runBuilt } from '../kit/built-command.ts';

let scratch = '';
let project = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-versions-')));
  project = join(scratch, 'project');
  mkdirSync(join(project, 'texts', 'd'), { recursive: true });
  save('a.txt', 'one', '2026-01-01T10:00:00');
  save('d/b.txt', 'beta', '2026-01-01T11:00:00');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Changes a source file. */
function save(path: string, text: string, time: string): void {
  saveAt(join('texts', path), text, time);
}
function saveAt(path: string, text: string, time: string): void {
  const at = join(project, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  utimesSync(at, new Date(time), new Date(time));
}
function command(...args: string[]): Promise<CommandOutcome> {
  return runBuilt(args, { currentDir: project, home: join(scratch, 'home') });
}
function writeProject(url: string, options: string): void {
  const root = `{ url: '${url}', targetOnly: true, autoMkdir: true }`;
  writeFileSync(
    join(project, 'p.sync.ts'),
    `import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['texts', ${root}], syncRemove: true, guard: false, ${options} });\n`,
  );
}
async function sync(url = 'xvs:kept', options = ''): Promise<CommandOutcome> {
  writeProject(url, options);
  return command('--json', '-p', 'p.sync.ts');
}
async function works(run: Promise<CommandOutcome>): Promise<string> {
  const outcome = await run;
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome.stdout;
}
function read(path: string): string {
  return readFileSync(join(project, path), 'utf8');
}
function tree(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.set-aside.jsonl')
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(join(project, folder).length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
/** Two changes and the removal of the folder, each synchronized. */
async function live(): Promise<void> {
  await works(sync());
  save('a.txt', 'two', '2026-01-02T10:00:00');
  await works(sync());
  save('a.txt', 'three', '2026-01-03T10:00:00');
  rmSync(join(project, 'texts', 'd'), { recursive: true });
  await works(sync());
}

describe('a root that keeps versions', () => {
  test('holds what was overwritten and removed, stays in sync, and a simulation makes no version', async () => {
    await live();
    const kept = ['XVS/001.a.txt', 'XVS/001.d/XVS/001.b.txt', 'XVS/002.a.txt', 'a.txt'];
    assert.deepEqual(tree('kept'), kept);
    const again = await sync();
    assert.deepEqual([again.code, resultsOf(again)[0]?.copied, resultsOf(again)[0]?.removed], [0, 0, 0]);
    save('a.txt', 'four', '2026-01-04T10:00:00');
    await works(command('-s', '-p', 'p.sync.ts'));
    assert.deepEqual(tree('kept'), kept);
  });

  test('does a second run of each stack for nothing', async () => {
    for (const [number, url] of ['igz:uxvs:out', 'uxvs:igz:out', 'igz:rcy:out', 'rcy:out', 'uxvs:zip:out.zip'].entries()) {
      save('a.txt', 'one', '2026-01-01T10:00:00');
      await works(sync(url));
      save('a.txt', `two of ${url}`, '2026-01-02T10:00:00');
      assert.equal(resultsOf(await sync(url))[0]?.copied, 1, url);
      assert.equal(resultsOf(await sync(url))[0]?.copied, 0, url);
      assert.match(await works(command('versions', 'list', url)), /^a\.txt\n {4}1 .*\n1 version of 1 file\n$/);
      await works(command('versions', 'restore', url, 'a.txt', '--to', `plain-${number}`));
      assert.equal(read(`plain-${number}/a.txt`), 'one');
      assert.match(
        await works(command('versions', 'restore', url, 'a.txt')),
        /restored {2}a\.txt.* \(version 1 of 2026-01-01 10:00:00.*the present one is kept/,
      );
      assert.match(await works(command('versions', 'list', url)), /2 versions of 1 file/);
      assert.match(await works(command('versions', 'prune', url, '--keep-last', '1')), /^a\.txt .*remove\na\.txt .*keep .*\n1 removed, 1 kept\n$/);
      for (const gone of ['out', 'out.zip', 'p.sync.ts.syncdb']) rmSync(join(project, gone), { recursive: true, force: true });
    }
  });

  test('keeps by the option "versions": folder, exclude, max, keep', async () => {
    const options = `versions: { folder: 'old', exclude: ['*.txt'] }`;
    await works(sync('xvs:kept', options));
    save('a.txt', 'two', '2026-01-02T10:00:00');
    await works(sync('xvs:kept', options));
    assert.deepEqual(tree('kept'), ['a.txt', 'd/b.txt']);
    for (const day of [3, 4, 5, 6]) {
      save('a.txt', `day ${day}`, `2026-01-0${day}T10:00:00`);
      await works(sync('xvs:kept', `versions: { folder: 'old', keep: { last: 2 } }`));
    }
    assert.deepEqual(tree('kept'), ['a.txt', 'd/b.txt', 'old/003.a.txt', 'old/004.a.txt']);
    save('a.txt', 'day 7', '2026-01-07T10:00:00');
    const full = await sync('xvs:kept', `versions: { folder: 'old', max: 2 }, onError: 'continue-files'`);
    assert.equal(full.code, 1);
    assert.match(full.stdout, /2 old versions in old, which is the limit/);
    assert.equal(read('kept/a.txt'), 'day 6');
    assert.match(await works(command('versions', 'list', 'kept', '--folder', 'old')), /2 versions of 1 file/);
  });

  test('tells what it puts aside, and what goes since no rule keeps it: in text, log and events; a simulation tells the same', async () => {
    const options = `versions: { keep: { last: 1 }, exclude: ['*.tmp'] }, logFile: 'run.log'`;
    const run = async (day: number, simulate: boolean) => {
      save('a.txt', `day ${day}`, `2026-01-0${day}T10:00:00`);
      save('a.tmp', `day ${day}`, `2026-01-0${day}T10:00:00`);
      if (simulate) return command('--json', '-p', '-s', 'p.sync.ts');
      return sync('igz:xvs:kept', options);
    };
    const told = (outcome: CommandOutcome) =>
      eventsOf(outcome).flatMap<unknown>((event) => {
        if (event.type === 'version') return [[event.op, event.path, event.root, event.stored, event.reason]];
        return event.type === 'result' ? [event.versions ?? null] : [];
      });
    assert.deepEqual(told(await run(2, false)), [null]);
    assert.deepEqual(told(await run(3, false)), [['aside', 'a.txt', 1, 'XVS/001.a.txt.sx.gz', 'overwritten'], { aside: 1, removed: 0 }]);
    const gone = ['remove', 'a.txt', 1, 'XVS/001.a.txt.sx.gz', 'no rule keeps it'];
    assert.deepEqual(told(await run(4, true)), [['aside', 'a.txt', 1, null, 'overwritten'], gone, { aside: 1, removed: 1 }]);
    assert.deepEqual(tree('kept/XVS'), ['001.a.txt.sx.gz']);
    assert.deepEqual(told(await run(4, false)), [['aside', 'a.txt', 1, 'XVS/002.a.txt.sx.gz', 'overwritten'], gone, { aside: 1, removed: 1 }]);
    rmSync(join(project, 'texts', 'a.txt'));
    const foreseen = await works(command('-p', '-s', '-v', 'p.sync.ts'));
    assert.match(foreseen, /aside {10}1 {2}a\.txt \(removed\)\n.*prune {10}1 {2}a\.txt \(no rule keeps it: XVS\/002\.a\.txt\.sx\.gz\)/s);
    const text = await works(command('-p', 'p.sync.ts'));
    assert.match(text, /prune {10}1 {2}a\.txt .*1 removed, 1 old version kept, 1 old version removed in/s);
    assert.doesNotMatch(text, /aside/);
    assert.match(read('run.log'), /prune {10}1 {2}a\.txt \(no rule keeps it: XVS\/002/);
  });

  test('keeps them in one folder at the top where that is said, whatever its scheme', async () => {
    for (const [url, folder] of [
      ['xvs:kept', '/old'],
      ['rcy:kept', 'old'],
    ]) {
      save('d/b.txt', 'beta', '2026-01-01T11:00:00');
      await works(sync(url, `versions: { folder: '${folder}' }`));
      save('d/b.txt', 'beta two', '2026-01-02T11:00:00');
      await works(sync(url, `versions: { folder: '${folder}' }`));
      assert.deepEqual(tree('kept'), ['a.txt', 'd/b.txt', 'old/d/001.b.txt'], url);
      assert.match(await works(command('versions', 'list', `${url}`, '--folder', `${folder}`)), /^d\/b\.txt\n/);
      assert.equal(resultsOf(await sync(url, `versions: { folder: '${folder}' }`))[0]?.copied, 0);
      for (const gone of ['kept', 'p.sync.ts.syncdb']) rmSync(join(project, gone), { recursive: true, force: true });
    }
  });

  test('keeps its folders of versions out of the run, whatever includes and callbacks say, and -v tells what is left out', async () => {
    for (const folder of ['old', '/old']) {
      const options = `versions: { folder: '${folder}' }, includeDirs: ['*', '/old'], isExcludeDir: () => 'include', isExclude: () => 'include'`;
      saveAt('kept/old/001.a.txt', 'zero', '2025-01-01T10:00:00');
      saveAt('texts/old/mine.txt', 'mine', '2025-01-01T10:00:00');
      saveAt('texts/XVS/001.a.txt', 'zero', '2025-01-01T10:00:00');
      for (const url of ['kept', 'xvs:kept', 'igz:xvs:kept']) {
        writeProject(url, options);
        const told = await works(command('-p', '-v', 'p.sync.ts'));
        assert.ok(told.includes(`root 0: 2 are left out, being sxrun's own: "XVS", "old"\n`), told);
        const held = ['texts', 'kept'].map((root) => tree(root).filter((file) => file.startsWith('old/')));
        assert.deepEqual(held, [['old/mine.txt'], ['old/001.a.txt']], `${folder} ${url}`);
      }
      for (const gone of ['kept', 'texts/old']) rmSync(join(project, gone), { recursive: true, force: true });
    }
  });

  for (const [options, says] of [
    [`versions: { keep: {} }`, /"versions\.keep" is without a rule/],
    [`versions: { folder: '/a/b' }`, /"versions\.folder" is .*cannot lie outside/],
    [`versions: { folder: '../old' }`, /"versions\.folder" is .*wants the name of the folder/],
    [`versions: { max: 0 }`, /"versions\.max" is 0; it wants how many/],
    [`versions: { keep: { dayly: 3 } }`, /"versions\.keep\.dayly" is unknown; did you mean "versions\.keep\.daily"/],
    [`versions: { keep: { within: 'long' } }`, /"versions\.keep\.within" is "long"; it wants an age/],
  ] as const) {
    test(`refuses ${options}`, async () => {
      const outcome = await sync('xvs:kept', options);
      assert.equal(outcome.code, 2);
      assert.match(eventsOf(outcome).flatMap((event) => (event.type === 'stopped' ? [event.message] : []))[0] ?? '', says);
      assert.ok(!existsSync(join(project, 'kept')));
    });
  }
});

describe('sxrun versions', () => {
  test('lists versions with their times and reasons, by path and by time', async () => {
    await live();
    const all = await works(command('versions', 'list', 'kept'));
    assert.match(
      all,
      /^a\.txt\n {4}1 {2}2026-01-01 10:00:00 {7}3 B {2}overwritten 20\d\d-.*\n {4}2 {2}2026-01-02 10:00:00 .*\nd\/b\.txt \(removed\)\n {4}1 .*removed .*\n3 versions of 2 files\n$/,
    );
    assert.match(await works(command('versions', 'list', 'kept', 'd')), /^d\/b\.txt \(removed\)\n.*\n1 version of 1 file\n$/);
    assert.equal(await works(command('versions', 'list', 'texts')), 'no old versions\n');
  });

  test('restores removed and overwritten files, keeps what it overwrites, and does nothing twice', async () => {
    await live();
    assert.match(await works(command('versions', 'restore', 'kept', 'a.txt', 'd', '-s')), /2 would be restored/);
    assert.equal(read('kept/a.txt'), 'three');
    assert.match(await works(command('versions', 'restore', 'kept', '--number', '1', 'a.txt', 'd')), /2 restored/);
    assert.deepEqual([read('kept/a.txt'), read('kept/d/b.txt')], ['one', 'beta']);
    assert.equal(read('kept/XVS/003.a.txt'), 'three');
    assert.equal(await works(command('versions', 'restore', 'kept', '--number', '1', 'a.txt')), '0 restored\n');
    const none = await command('versions', 'restore', 'kept', '--number', '9', 'a.txt');
    assert.deepEqual([none.code, none.stdout], [1, 'not restored  a.txt: it has no version with this number\n0 restored, 1 not\n']);
  });

  test('restores what was there at a time into another folder, with what has not changed since', async () => {
    save('k.txt', 'unchanged', '2026-01-01T09:00:00');
    await works(sync());
    save('a.txt', 'two', '2026-01-02T10:00:00');
    rmSync(join(project, 'texts', 'd'), { recursive: true });
    const before = new Date().toISOString();
    await works(sync());
    assert.match(await works(command('versions', 'restore', 'kept', '--as-of', before, '--to', 'past')), /2 restored/);
    assert.deepEqual(tree('past'), ['a.txt', 'd/b.txt', 'k.txt']);
    assert.deepEqual([read('past/a.txt'), read('kept/a.txt')], ['one', 'two']);
    writeFileSync(join(project, 'past', 'a.txt'), 'mine');
    await works(command('versions', 'restore', 'kept', '--as-of', before, '--to', 'past'));
    assert.deepEqual([read('past/a.txt'), read('past/XVS/001.a.txt')], ['one', 'mine']);
    const tooEarly = await command('versions', 'restore', 'kept', '--as-of', '2026-01-01T00:00');
    assert.equal(tooEarly.code, 1);
    assert.match(tooEarly.stdout, /left alone {2}a\.txt[\s\S]*0 restored\nnothing is known to have been there at that time\n$/);
    await works(command('versions', 'restore', 'texts', '--as-of', before));
  });

  test('takes along what time says nothing of: empty folders, and a file whose time is in the future', async () => {
    mkdirSync(join(project, 'texts', 'empty', 'inner'), { recursive: true });
    save('future.txt', 'from 2030', '2099-01-01T00:00:00');
    await works(sync());
    save('a.txt', 'two', '2026-01-02T10:00:00');
    const before = new Date().toISOString();
    await works(sync());
    saveAt('kept/later/new.txt', 'new', '2099-01-01T00:00:00');
    utimesSync(join(project, 'kept', 'later', 'new.txt'), new Date(), new Date());
    const shown = await works(command('versions', 'restore', 'kept', '--as-of', before, '--to', 'past'));
    assert.match(shown, /as it is now {2}future\.txt \(.*guess\)\n/);
    assert.deepEqual(tree('past'), ['a.txt', 'd/b.txt', 'future.txt']);
    assert.ok(existsSync(join(project, 'past', 'empty', 'inner')));
    assert.ok(!existsSync(join(project, 'past', 'later')));
  });

  test('says which path is not there, and restores the others', async () => {
    await live();
    const listed = await command('versions', 'list', 'kept', 'typo');
    assert.equal(listed.code, 1);
    assert.match(listed.stdout, /there is no such path in kept, .* typo\n$/);
    const both = await command('versions', 'restore', 'kept', 'd', 'typo');
    assert.equal(both.code, 1);
    assert.match(both.stdout, /1 restored\nthere is no such path in kept, .* typo\n$/);
    saveAt('kept/c.txt', 'c', '2026-01-01T10:00:00');
    assert.match(await works(command('versions', 'list', 'kept', 'c.txt')), /no old version is kept of c\.txt\n$/);
    const pruned = await command('versions', 'prune', 'kept', '--keep-last', '1', 'typo', 'd');
    assert.equal(pruned.code, 1);
    assert.match(pruned.stdout, /0 removed, 1 kept\nthere is no such path in kept, .* typo\n$/);
    const never = await command('versions', 'restore', 'kept', 'c.txt');
    assert.deepEqual([never.code, never.stdout], [1, '0 restored\nno old version is kept of c.txt\n']);
  });

  test('prunes by rules, shows why a version stays, and shows all in a simulation', async () => {
    await live();
    const simulated = await works(command('versions', 'prune', 'kept', '--keep-last', '1', '-s'));
    assert.match(simulated, /a\.txt .*would remove\na\.txt .*keep {3}\(last\)\nd\/b\.txt .*keep {3}\(last\)\n1 would be removed, 2 kept\n$/);
    assert.equal(tree('kept').length, 4);
    assert.match(await works(command('versions', 'prune', 'kept', '--keep-last', '1')), /1 removed, 2 kept\n$/);
    assert.deepEqual(tree('kept'), ['XVS/001.d/XVS/001.b.txt', 'XVS/002.a.txt', 'a.txt']);
  });

  test('prunes the roots of a project by its own rules', async () => {
    await live();
    await works(sync('xvs:kept', `versions: { keep: { last: 1 } }`));
    assert.equal(tree('kept').length, 4, 'a run judges only what got a version');
    const simulated = await works(command('versions', 'prune', 'p.sync.ts', '-s'));
    assert.match(simulated, /^xvs:kept\na\.txt .*would remove\n[\s\S]*1 would be removed, 2 kept\n$/);
    assert.match(await works(command('versions', 'prune', 'p.sync.ts')), /1 removed, 2 kept\n$/);
    await works(sync());
    const without = await command('versions', 'prune', 'p.sync.ts');
    assert.deepEqual([without.code, /no root of the project keeps versions by rules/.test(without.stderr)], [2, true]);
  });

  test('prunes encoded roots of a project without running its programs, by the names that its roots show', async () => {
    for (const path of ['XVS/001.a.txt.enc', 'XVS/002.a.txt.enc', 'a.txt.enc', 'XVS/001.b.md.enc', 'XVS/002.b.md.enc'])
      saveAt(join('kept', path), path, '2026-01-01T10:00:00');
    const program = "['no-such-program']";
    const encoders = `encoders: { x: { encode: ${program}, decode: ${program}, extension: '.enc' } }`;
    for (const url of ['ienc(x):uxvs:kept', 'ienc:uxvs:kept']) {
      writeProject(url, `versions: { keep: { last: 1 } }, ${encoders}`);
      const simulated = await works(command('versions', 'prune', 'p.sync.ts', '*.txt', '-s'));
      assert.match(simulated, /\na\.txt .*would remove\na\.txt .*keep {3}\(last\)\n1 would be removed, 1 kept\n$/);
    }
    assert.match(await works(command('versions', 'prune', 'p.sync.ts', '*.txt')), /1 removed, 1 kept\n$/);
    assert.deepEqual(tree('kept'), ['XVS/001.b.md.enc', 'XVS/002.a.txt.enc', 'XVS/002.b.md.enc', 'a.txt.enc']);
  });

  test('of an encoded root says under which name its versions are there as they are stored, and restores them so', async () => {
    saveAt('kept/a.txt.enc', 'two', '2026-01-02T10:00:00');
    saveAt('kept/XVS/001.a.txt.enc', 'one', '2026-01-01T10:00:00');
    for (const url of ['ienc(x):uxvs:kept', 'uxvs:ienc:kept', 'igz:ienc(x):uxvs:kept']) {
      const refused = await command('versions', 'list', url);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
      assert.ok(refused.stderr.includes(`its versions as they are stored are those of uxvs:${join(project, 'kept')}\n`), refused.stderr);
    }
    await works(command('versions', 'restore', 'uxvs:kept', 'a.txt.enc'));
    assert.deepEqual([read('kept/a.txt.enc'), read('kept/XVS/002.a.txt.enc')], ['one', 'two']);
  });

  for (const [args, says] of [
    [['prune', 'kept'], /say what stays/],
    [['prune', 'kept', '--keep-last', '0'], /--keep-last 0 is no whole number/],
    [['restore', 'texts'], /name a path, or a time/],
    [['restore', 'texts', 'a', '--as-of', 'soon'], /--as-of "soon" is not a time/],
    [['list', 'texts', '--to', 'x'], /--to has no meaning for "sxrun versions list"/],
    [['list', 'nowhere'], /nowhere does not exist/],
    [['restore', 'texts', '../x'], /\.\.\/x cannot lie below texts/],
    [['list'], /write sxrun versions list ROOT/],
  ] as const) {
    test(`says what is wrong with: ${args.join(' ')}`, async () => {
      const outcome = await command('versions', ...args);
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, says);
    });
  }
});
