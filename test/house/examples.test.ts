import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { eventsOf, REPOSITORY, resultsOf, runBuilt, type CommandOutcome } from '../kit/built-command.ts';

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

/** Runs an example in the copy. It ends well, and a run of its own folder needs no grant. */
async function runExample(name: string): Promise<CommandOutcome> {
  const outcome = await runBuilt(['--json', `examples/${name}.sync.ts`], { currentDir: scratch, home: join(scratch, 'home') });
  assert.equal(outcome.code, 0, `${name}\n${outcome.stdout}${outcome.stderr}`);
  return outcome;
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
function messages(outcome: CommandOutcome): readonly string[] {
  return eventsOf(outcome).flatMap((event) => (event.type === 'log' ? [event.message] : []));
}

/** What each example does on a first and a second run. */
const EXAMPLES: Readonly<Record<string, () => Promise<void>>> = {
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
  compressed: async () => {
    assert.deepEqual(copied(await runExample('compressed')), [8, 8]);
    assert.ok(files('compressed/backup').every((name) => name.endsWith('.sx.gz')));
    assert.equal(
      read('compressed/restored/letters/anna.txt'),
      readFileSync(join(scratch, 'examples', 'data', 'texts', 'letters', 'anna.txt'), 'utf8'),
    );
    assert.deepEqual(copied(await runExample('compressed')), [0, 0]);
  },
  'full-copy': async () => {
    for (let run = 1; run <= 2; run++) assert.deepEqual(copied(await runExample('full-copy')), [8]);
    assert.equal(files('full-copy').length, 8);
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
