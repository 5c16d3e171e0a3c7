import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { loadCommand } from '../../runtime/cli/compiled-command.ts';

/** Stands for the command's code. */
const CODE = "exports.answer = () => 'one';";

function setUp(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'sxrun-code-'));
  const before = process.env['SXRUN_HOME'];
  process.env['SXRUN_HOME'] = home;
  t.after(() => {
    if (before === undefined) delete process.env['SXRUN_HOME'];
    else process.env['SXRUN_HOME'] = before;
    rmSync(home, { recursive: true, force: true });
  });
  const file = join(home, 'command.cjs');
  const cache = join(home, 'cache');
  writeFileSync(file, CODE);
  return {
    file,
    cache,
    record: () => join(cache, readdirSync(cache)[0] ?? ''),
    /** Loads it as a start does, keeps its code as an end does, and tells what it answers. */
    async run(): Promise<string> {
      const { command, keepCode } = loadCommand(file);
      const answer = (command as unknown as { answer(): string }).answer();
      await keepCode();
      return answer;
    },
  };
}

test('whoever runs it for the first time keeps no code; the next run does, and those after it take that', async (t) => {
  const { run, cache, record } = setUp(t);
  assert.equal(await run(), 'one');
  assert.throws(() => readdirSync(cache), { code: 'ENOENT' });
  mkdirSync(cache, { mode: 0o700 });
  assert.equal(await run(), 'one');
  const { ino } = statSync(record());
  assert.equal(await run(), 'one');
  assert.deepEqual([statSync(record()).ino, readdirSync(cache).length], [ino, 1]);
});

test('code that was kept is not taken for another file of the same length', async (t) => {
  const { run, file, cache } = setUp(t);
  mkdirSync(cache, { mode: 0o700 });
  await run();
  const { mtime } = statSync(file);
  writeFileSync(file, CODE.replace('one', 'two'));
  assert.equal(await run(), 'two');
  assert.ok(mtime <= statSync(file).mtime);
  assert.equal(readdirSync(cache).length, 2);
});

test('damaged code is ignored, and made again', async (t) => {
  const { run, cache, record } = setUp(t);
  mkdirSync(cache, { mode: 0o700 });
  await run();
  const bytes = readFileSync(record());
  for (const at of [10, 40, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 0x55;
    writeFileSync(record(), damaged);
    assert.equal(await run(), 'one');
    assert.ok(!readFileSync(record()).equals(damaged));
  }
});

test('the versions that are kept are few', async (t) => {
  const { run, file, cache } = setUp(t);
  mkdirSync(cache, { mode: 0o700 });
  for (let version = 0; version < 9; version++) {
    writeFileSync(file, `exports.answer = () => 'version ${version}';`);
    assert.equal(await run(), `version ${version}`);
  }
  assert.equal(readdirSync(cache).length, 4);
});

test('code that V8 does not take does no harm', async (t) => {
  const { run, cache } = setUp(t);
  mkdirSync(cache, { mode: 0o700 });
  await run();
  setFlagsFromString('--stack-size=983');
  t.after(() => setFlagsFromString('--stack-size=984'));
  assert.equal(await run(), 'one');
});
