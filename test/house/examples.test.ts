import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { mailServer, type TestMailServer } from '../kit/mail-server.ts';
import { eventsOf, REPOSITORY, resultsOf, runBuilt, type CommandOutcome } from '../kit/built-command.ts';
import { withoutOwnKeys } from '../kit/gpg.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { needing } from '../kit/programs.ts';

let scratch = '';
before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sxrun-examples-'));
  cpSync(join(REPOSITORY, 'examples'), join(scratch, 'examples'), {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.startsWith(join(REPOSITORY, 'examples', 'out') + sep),
  });
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs an example in the copy. It ends well, and a run of its own folder needs no grant but those given. */
async function runExample(name: string, ...grants: readonly string[]): Promise<CommandOutcome> {
  const outcome = await runBuilt(['--json', ...grants, `examples/${name}.sync.ts`], { currentDir: scratch, home: join(scratch, 'home') });
  assert.equal(outcome.code, 0, `${name}\n${outcome.stdout}${outcome.stderr}`);
  return outcome;
}

/** Runs an example that sends a mail, which is returned as it came. */
async function mailOf(name: string, { port, certificate, taken }: TestMailServer, code: number): Promise<string> {
  const ca = join(scratch, 'examples', 'ca.pem');
  writeFileSync(ca, certificate);
  const args = ['--json', `--allow-net=127.0.0.1:${port}`, `examples/${name}.sync.ts`, '--', `smtp://127.0.0.1:${port}`, 'me@example.org', 'ca.pem'];
  const before = taken.length;
  const outcome = await runBuilt(args, { currentDir: scratch, home: join(scratch, 'home') });
  assert.equal(outcome.code, code, `${outcome.stdout}${outcome.stderr}`);
  assert.equal(taken.length, before + 1);
  rmSync(ca);
  return taken[before]?.source ?? '';
}

function out(path: string): string {
  return join(scratch, 'examples', 'out', path);
}
function read(path: string): string {
  return readFileSync(out(path), 'utf8');
}
function files(path: string): readonly string[] {
  return readdirSync(out(path), { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    .sort();
}
function copied(outcome: CommandOutcome): readonly number[] {
  return resultsOf(outcome).map((result) => result.copied);
}
function soup(changes: string): string {
  return readFileSync(join(scratch, 'examples', 'data', changes, 'recipes', 'soup.md'), 'utf8');
}
function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
function removed(outcome: CommandOutcome): number {
  return sum(resultsOf(outcome).flatMap((result) => (result.project === 'fresh folders' ? [] : [result.removed])));
}
function messages(outcome: CommandOutcome): readonly string[] {
  return eventsOf(outcome).flatMap((event) => (event.type === 'log' ? [event.message] : []));
}

/** What each example does on a first and a second run. */
const EXAMPLES: Readonly<Record<string, (t: TestContext) => Promise<void>>> = {
  backup: async () => {
    assert.deepEqual(copied(await runExample('backup')), [7]);
    assert.deepEqual(copied(await runExample('backup')), [0]);
    assert.ok(!files('backup').includes('idea.txt.bak'));
  },
  mirror: async () => {
    await runExample('mirror');
    assert.equal(files('mirror').length, 8);
    rmSync(out('mirror/notes.txt'));
    cpSync(out('mirror/letters/anna.txt'), out('mirror/letters/orphan.txt'));
    const [again] = resultsOf(await runExample('mirror'));
    assert.deepEqual([again?.copied, again?.removed], [1, 1]);
  },
  'two-way': async () => {
    for (let run = 1; run <= 2; run++) {
      await runExample('two-way');
      assert.equal(read('two-way/server/recipes/soup.md'), soup('edited-on-laptop'));
    }
    assert.ok(existsSync(out('two-way/state.syncdb')));
  },
  'three-roots': async () => {
    for (let run = 1; run <= 2; run++) {
      assert.equal(copied(await runExample('three-roots')).at(-1), 1);
      for (const root of ['home', 'stick']) assert.equal(read(`three/${root}/recipes/soup.md`), soup('edited-on-laptop'));
    }
  },
  filters: async () => {
    await runExample('filters');
    assert.deepEqual(files('filtered'), ['bank.txt', 'notes.txt', 'soup.md']);
    assert.deepEqual(copied(await runExample('filters')), [0]);
  },
  collisions: async () => {
    for (let run = 1; run <= 2; run++) {
      const said = messages(await runExample('collisions'));
      assert.equal(said.length, 2);
      for (const [index, policy] of ['keepBoth', 'use root 1'].entries())
        assert.match(said[index] ?? '', new RegExp(`^recipes/soup\\.md: .+; settled by ${policy}$`));
      assert.equal(read('collisions/laptop/recipes/soup.md'), soup('edited-on-server'));
    }
  },
  'super-sync': async () => {
    const said = messages(await runExample('super-sync'));
    assert.equal(said.length, 2);
    assert.equal(resultsOf(await runExample('super-sync')).length, 3);
  },
  'simulate-first': async () => {
    rmSync(out('backup'), { recursive: true, force: true });
    const first = messages(await runExample('simulate-first'));
    assert.ok(first.includes('would copy letters/anna.txt (missing)'), first.join('\n'));
    assert.equal(files('backup').length, 7);
    assert.deepEqual(messages(await runExample('simulate-first')), []);
  },
  'incremental-upload': async () => {
    assert.deepEqual(copied(await runExample('incremental-upload')), [8]);
    assert.equal(files('upload/server').length, 8);
    assert.ok(files('upload/notes').every((name) => name.endsWith('.sx.tfs')));
    assert.deepEqual(copied(await runExample('incremental-upload')), [0]);
    rmSync(out('upload/server/notes.txt'));
    cpSync(
      join(scratch, 'examples', 'data', 'edited-on-laptop', 'recipes', 'soup.md'),
      join(scratch, 'examples', 'data', 'texts', 'recipes', 'new.md'),
    );
    assert.deepEqual(copied(await runExample('incremental-upload')), [1]);
    assert.ok(!files('upload/server').includes('notes.txt'), 'the server was asked what it has');
    rmSync(join(scratch, 'examples', 'data', 'texts', 'recipes', 'new.md'));
    const [last] = resultsOf(await runExample('incremental-upload'));
    assert.deepEqual([last?.removed, files('upload/server').includes('new.md')], [1, false]);
  },
  versions: async () => {
    assert.deepEqual(messages(await runExample('versions')), ['brought back from 001.anna.txt']);
    assert.ok(files('versions/backup/recipes/XVS').includes('001.soup.md'));
    assert.deepEqual(messages(await runExample('versions')), ['brought back from 002.anna.txt']);
    const where = { currentDir: out('versions'), home: join(scratch, 'home') };
    const restored = await runBuilt(['versions', 'restore', 'backup', 'soup.md', '--number', '1', '--to', 'old'], where);
    assert.deepEqual([restored.code, files('versions/old')], [0, ['soup.md']], restored.stderr);
  },
  compressed: async () => {
    assert.deepEqual(copied(await runExample('compressed')), [8, 8]);
    assert.ok(files('compressed/backup').every((name) => name.endsWith('.sx.gz')));
    assert.equal(
      read('compressed/restored/letters/anna.txt'),
      readFileSync(join(scratch, 'examples', 'data', 'texts', 'letters', 'anna.txt'), 'utf8'),
    );
    assert.deepEqual(copied(await runExample('compressed')), [0, 0]);
  },
  encrypted: async (t) => {
    const { skip } = needing('gpg');
    if (skip !== false) return t.skip(skip);
    withoutOwnKeys(t);
    await keepSecret('backup', 'correct horse', join(scratch, 'home'));
    const grants = ['--allow-run=gpg', '--allow-secret=backup'];
    assert.deepEqual(copied(await runExample('encrypted', ...grants)), [8, 8]);
    assert.ok(files('encrypted/backup').every((name) => name.endsWith('.sx.gz.gpg')));
    assert.equal(
      read('encrypted/restored/letters/anna.txt'),
      readFileSync(join(scratch, 'examples', 'data', 'texts', 'letters', 'anna.txt'), 'utf8'),
    );
    assert.deepEqual(copied(await runExample('encrypted', ...grants)), [0, 0]);
  },
  'full-copy': async () => {
    for (let run = 1; run <= 2; run++) assert.deepEqual(copied(await runExample('full-copy')), [8]);
    assert.equal(files('full-copy').length, 8);
  },
  'newest-wins': async () => {
    for (let run = 1; run <= 2; run++) {
      assert.equal(copied(await runExample('newest-wins')).at(-1), 2);
      assert.equal(read('newest/computer/notes.txt'), 'shopping: leeks\nand potatoes\n');
      assert.equal(read('newest/laptop/letters/tax.txt'), 'To the tax office: soon.\n');
    }
  },
  nested: async () => {
    for (let run = 1; run <= 2; run++) {
      assert.equal(copied(await runExample('nested')).at(-1), 8);
      assert.deepEqual(files('nested/backup').length, 8);
      assert.ok(!existsSync(out('nested/backup/backup')));
    }
  },
  'three-point': async () => {
    for (let run = 1; run <= 2; run++) {
      await runExample('three-point');
      for (const root of ['development', 'backup']) assert.equal(read(`point/${root}/recipes/soup.md`), soup('edited-on-laptop'));
      assert.deepEqual(files('point/backup'), ['bank.txt', 'bread.md', 'soup.md']);
    }
  },
  'sub-syncs': async () => {
    for (const folder of ['backup', 'mirror']) rmSync(out(folder), { recursive: true, force: true });
    assert.deepEqual(copied(await runExample('sub-syncs')), [6, 6]);
    for (const folder of ['backup', 'mirror']) assert.ok(!existsSync(out(`${folder}/drafts`)), 'the option is inherited');
    assert.deepEqual(copied(await runExample('sub-syncs')), [0, 0]);
  },
  photos: async () => {
    assert.deepEqual(copied(await runExample('photos')), [3]);
    assert.deepEqual(files('photos'), ['DSC_0001.jpg', 'DSC_0002.jpg', 'DSC_0003.jpg']);
    assert.deepEqual(copied(await runExample('photos')), [0]);
  },
  'two-runs': async () => {
    assert.deepEqual(copied(await runExample('two-runs')).slice(-2), [0, 6]);
    assert.ok(files('two-runs/laptop').includes('idea.txt') && !files('two-runs/backup').includes('idea.txt'));
    assert.deepEqual(copied(await runExample('two-runs')), [0, 0, 0]);
  },
  'not-recursive': async () => {
    assert.deepEqual(copied(await runExample('not-recursive')), [1]);
    assert.deepEqual(files('not-recursive'), ['notes.txt']);
    assert.deepEqual(copied(await runExample('not-recursive')), [0]);
  },
  removals: async () => {
    for (let run = 1; run <= 2; run++) {
      const outcome = await runExample('removals');
      assert.deepEqual([removed(outcome), messages(outcome)], [1, ['1 to remove']]);
      assert.ok(!files('removals/laptop').includes('bank.txt'));
    }
  },
  'mobile-disk': async () => {
    for (let run = 1; run <= 2; run++) {
      const outcome = await runExample('mobile-disk');
      assert.equal(removed(outcome), 2, 'from the disk, and then from the machine at work');
      assert.deepEqual(messages(outcome), ['notes.txt: changed on root 0 and root 1; both are kept']);
      for (const place of ['disk', 'work']) {
        const notes = files(`mobile/${place}`).filter((name) => name.startsWith('notes'));
        assert.deepEqual(notes.map((name) => read(`mobile/${place}/${name}`).split('\n')[1]).sort(), ['and a pen', 'and bread']);
      }
    }
  },
  'rotating-backup': async () => {
    assert.deepEqual(copied(await runExample('rotating-backup')), [8]);
    const weeks = readdirSync(out('rotating'));
    assert.match(weeks.join(), /^week-[1-4]$/);
    assert.deepEqual(copied(await runExample('rotating-backup')), [0]);
  },
  'weekly-archives': async () => {
    for (const week of ['2020-W01', '2020-W02', '2020-W03', '2020-W04']) {
      mkdirSync(out('archives'), { recursive: true });
      writeFileSync(out(`archives/${week}.zip`), 'an archive of another week');
    }
    const [first] = resultsOf(await runExample('weekly-archives'));
    assert.equal(first?.copied, 8);
    const kept = files('archives');
    assert.deepEqual(kept.slice(0, 3), ['2020-W02.zip', '2020-W03.zip', '2020-W04.zip']);
    assert.match(kept.slice(3).join(), /^\d{4}-W\d\d\.zip$/);
    assert.deepEqual(copied(await runExample('weekly-archives')), [0]);
    const archive = readFileSync(out(`archives/${kept[3]}`)).toString('latin1');
    assert.ok(archive.startsWith('PK') && archive.includes('letters/anna.txt'));
  },
  media: async () => {
    const [, first, , second, restore] = copied(await runExample('media'));
    assert.deepEqual([first, second, restore], [8, 1, 8]);
    const discs = readdirSync(out('media')).filter((name) => /^disc\d$/.test(name));
    assert.ok(discs.length > 1, discs.join());
    const kept = discs.flatMap((disc) => files(`media/${disc}`)).filter((name) => name !== 'medium.syncvol');
    assert.deepEqual(kept.sort(), files('media/texts'));
    assert.equal(read('media/restored/recipes/soup.md'), soup('edited-on-laptop'));
    const again = messages(await runExample('media'));
    assert.equal(again.length, 8 + readdirSync(out('media')).filter((name) => /^disc\d$/.test(name)).length, again.join());
    assert.deepEqual(files('media/restored'), files('media/texts'));
  },
  shadow: async () => {
    assert.equal(copied(await runExample('shadow')).at(-1), 7);
    assert.deepEqual(files('shadow/server'), files('shadow/copy'));
    assert.ok(!files('shadow/server').includes('idea.txt.bak'));
    assert.deepEqual(copied(await runExample('shadow')), [0, 0]);
  },
  recycle: async () => {
    for (let run = 1; run <= 2; run++) {
      assert.equal(removed(await runExample('recycle')), 1);
      assert.ok(!files('recycle/player').includes('anna.txt'));
      assert.deepEqual(
        files('recycle/bin'),
        Array.from({ length: run }, () => 'anna.txt'),
      );
    }
  },
  move: async () => {
    for (let run = 1; run <= 2; run++) {
      const said = messages(await runExample('move'));
      assert.deepEqual(said, ['drafts/idea.txt stays', 'drafts/idea.txt.bak stays']);
      assert.deepEqual(files('move/source'), ['idea.txt', 'idea.txt.bak']);
      assert.equal(files('move/target').length, 6);
    }
  },
  periodic: async () => {
    for (let run = 1; run <= 2; run++) {
      const outcome = await runExample('periodic');
      assert.deepEqual(
        messages(outcome).map((line) => line.slice('00:00:00: '.length)),
        ['round 1', 'round 2', 'round 3'],
      );
      assert.equal(resultsOf(outcome).length, 3);
    }
  },
  'mount-first': async () => {
    const refused = await runBuilt(['examples/mount-first.sync.ts'], { currentDir: scratch, home: join(scratch, 'home') });
    assert.equal(refused.code, 3);
    assert.ok(!existsSync(out('mounted')));
    assert.deepEqual(copied(await runExample('mount-first', '--allow-run=node')), [7]);
    assert.deepEqual(copied(await runExample('mount-first', '--allow-run=node')), [0]);
  },
  lock: async () => {
    for (let run = 1; run <= 2; run++) {
      await runExample('lock');
      assert.ok(!existsSync(out('locked/server/.lock')), 'the lock is given back');
    }
    mkdirSync(out('locked/server/.lock'));
    const held = await runBuilt(['-s', 'examples/lock.sync.ts'], { currentDir: scratch, home: join(scratch, 'home') });
    assert.equal(held.code, 0, 'a simulation takes no lock');
    rmSync(out('locked/server/.lock'), { recursive: true });
  },
  duplicates: async () => {
    const found = 'equal: camera/100K4800/DSC_0001.jpg = camera/100K4800/DSC_0002.jpg = camera/100K4800/DSC_0003.jpg';
    assert.deepEqual(messages(await runExample('duplicates')), [found]);
    mkdirSync(out('duplicates/left/empty'), { recursive: true });
    const args = ['--json', 'examples/duplicates.sync.ts', '--', 'out/duplicates'];
    const outcome = await runBuilt(args, { currentDir: scratch, home: join(scratch, 'home') });
    assert.deepEqual([outcome.code, messages(outcome)], [0, ['empty: left/empty']]);
  },
  'mail-report': async (t) => {
    const server = await mailServer(t);
    for (const copied of [8, 0]) {
      const mail = await mailOf('mail-report', server, 0);
      assert.match(mail, new RegExp(`^Subject: Backup: ${copied} copied, 0 collisions, 0 problems`, 'm'));
      assert.match(mail, copied === 0 ? /backup: nothing to do/ : /backup: 8 copied/);
    }
  },
  'mail-from-log': async (t) => {
    const server = await mailServer(t);
    for (let run = 1; run <= 2; run++) {
      const body = (await mailOf('mail-from-log', server, 1)).split('\r\n\r\n')[1] ?? '';
      assert.match(body.trim(), /^[^\r\n]* collision +notes\.txt \(file and directory\)$/);
    }
  },
  'mail-on-error': async (t) => {
    const server = await mailServer(t);
    for (let run = 1; run <= 2; run++) {
      await mailOf('mail-on-error', server, 1);
      const mail = server.taken[run - 1];
      assert.deepEqual([mail?.to, mail?.encrypted], [['me@example.org'], true]);
      assert.match(mail?.source ?? '', /^Subject: Backup of \d{4}-\d\d-\d\d failed: SyncError/m);
      assert.match((mail?.source ?? '').replace(/=\r\n/g, ''), /missing-disk/);
      assert.match(mail?.source ?? '', /filename=mail-on-error\.log/);
    }
  },
  recent: async () => {
    await runExample('recent');
    assert.deepEqual(copied(await runExample('recent')), [0]);
  },
};

for (const [name, body] of Object.entries(EXAMPLES)) test(`example ${name} does what it says, twice in a row`, body);

test('every example has its test', () => {
  const shipped = readdirSync(join(REPOSITORY, 'examples')).flatMap((file) => (file.endsWith('.sync.ts') ? [file.slice(0, -'.sync.ts'.length)] : []));
  assert.deepEqual(shipped.sort(), Object.keys(EXAMPLES).sort());
});

test('the shipped data is never changed', () => {
  const tree = (base: string) =>
    readdirSync(join(base, 'examples', 'data'), { recursive: true })
      .map(String)
      .sort();
  assert.deepEqual(tree(scratch), tree(REPOSITORY));
});
