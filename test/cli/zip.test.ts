import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { takeArchiveLock } from '../../runtime/vfs/backends/zip/archive-lock.ts';
import { ownFilesOf } from '../../runtime/vfs/backends/zip/own-files.ts';
import { type CommandOutcome, eventsOf, resultsOf, runBuilt } from '../kit/built-command.ts';
import { assertWhole } from '../kit/zip-archive.ts';

let scratch = '';
let archive = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-zip-cli-')));
  archive = join(scratch, 'out.zip');
  mkdirSync(join(scratch, 'texts'));
  writeFileSync(
    join(scratch, 'p.sync.ts'),
    "import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['texts', { url: 'zip:out.zip', targetOnly: true }] });\n",
  );
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Changes a source file; `day` is later than the one before. */
function save(name: string, text: string, day: number): void {
  writeFileSync(join(scratch, 'texts', name), text);
  utimesSync(join(scratch, 'texts', name), day * 86_400, day * 86_400);
}
function command(...args: string[]): Promise<CommandOutcome> {
  return runBuilt(args, { currentDir: scratch, home: join(scratch, 'home') });
}
async function sync(): Promise<CommandOutcome> {
  const outcome = await command('--json', '-p', 'p.sync.ts');
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome;
}

describe('sxrun zip compact', () => {
  test('frees what overwritten files take, says how much, and leaves an archive that is in sync', async () => {
    save('a', 'x'.repeat(10), 1);
    save('b.gz', 'not to be packed '.repeat(5000), 1);
    await sync();
    save('b.gz', 'short', 2);
    await sync();
    const before = statSync(archive).size;
    assert.ok(before > 80_000, 'the old content stays until the archive is compacted');
    const compacted = await command('zip', 'compact', 'out.zip');
    assert.equal(compacted.code, 0, compacted.stderr);
    assert.match(compacted.stdout, /^out\.zip: .+ freed, .+ left\n$/);
    assert.ok(statSync(archive).size < 2000);
    await assertWhole(archive);
    assert.equal(resultsOf(await sync())[0]?.copied, 0);
    assert.equal((await command('zip', 'compact', 'out.zip')).stdout, 'out.zip: nothing to free\n');
  });

  test('ends with 2 for what is missing, no archive or no command', async () => {
    writeFileSync(join(scratch, 'text.zip'), 'no archive at all');
    for (const args of [['compact', 'none.zip'], ['compact', 'text.zip'], ['compact'], ['shrink', 'out.zip']]) {
      const outcome = await command('zip', ...args);
      assert.equal(outcome.code, 2, args.join(' '));
      assert.match(outcome.stderr, /^sxrun: /);
    }
  });
});

test('a simulation tells the names that an archive cannot hold, as the run does, with the ways out', {
  skip: process.platform === 'win32',
}, async () => {
  save('a', 'x', 1);
  save('odd\nname', 'xyz', 1);
  mkdirSync(join(scratch, 'texts', 'odd\nfolder'));
  save('odd\nfolder/in', 'xyz', 1);
  const options = "roots: ['texts', { url: 'zip:out.zip//in', targetOnly: true }], onError: 'continue-files'";
  writeFileSync(join(scratch, 'go-on.sync.ts'), `import { defineProject } from 'sxrun';\nexport default defineProject({ ${options} });\n`);
  const told = async (...args: string[]) => {
    const outcome = await command('--json', '-p', ...args, 'go-on.sync.ts');
    const [result] = resultsOf(outcome);
    const problems = eventsOf(outcome).filter((event) => event.type === 'problem');
    for (const { message } of problems)
      assert.match(String(message), /control characters; rename it, leave it out \(excludeFiles, excludeDirs\), or .*onError/);
    return { code: outcome.code, paths: problems.map(({ path }) => path).sort(), copied: result?.copied, made: result?.made, bytes: result?.bytes };
  };
  const simulated = await told('-s');
  assert.deepEqual(simulated, { code: 1, paths: ['odd\nfolder', 'odd\nname'], copied: 1, made: 0, bytes: 1 });
  assert.deepEqual(await told(), simulated);
});

describe('an archive that another run writes into', () => {
  test('ends a run and a compaction with exit code 4 and the name of the other, and stays as it was', async () => {
    save('a', 'one', 1);
    await sync();
    save('a', 'two', 2);
    save('b', 'new', 2);
    const giveBack = takeArchiveLock(ownFilesOf(archive).lock);
    try {
      const size = statSync(archive).size;
      for (const args of [
        ['-p', 'p.sync.ts'],
        ['zip', 'compact', 'out.zip'],
      ]) {
        const outcome = await command(...args);
        assert.equal(outcome.code, 4, outcome.stdout + outcome.stderr);
        assert.match(outcome.stdout + outcome.stderr, new RegExp(`another run \\(process ${process.pid} on `));
      }
      assert.equal(statSync(archive).size, size);
    } finally {
      giveBack();
    }
    assert.equal(resultsOf(await sync())[0]?.copied, 2);
  });
});
