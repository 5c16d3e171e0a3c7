import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, run, runFiles } from './script-kit.ts';

const IMPORT = "import { defineProject, sync, log, sleep } from 'sxrun';\nsync.dontDo();\n";

test('an error at the top level names its line in the .ts', async () => {
  assert.equal(
    failure(await run("interface Unused {\n  a: number;\n}\nfunction fail(): void {\n  throw new TypeError('bad');\n}\nfail();\n")),
    'thrown TypeError: bad @ main.sync.ts:5:13',
  );
});

test("an error in an imported module names that module, and the stack has no frames but the script's own", async () => {
  const { end } = await runFiles({
    'main.sync.ts': `${IMPORT}import { fail } from './lib/fail.ts';\n\nfail();\n`,
    'lib/fail.ts': 'export function fail(): never {\n  throw new Error("there");\n}\n',
  });
  assert.ok(end.end === 'failed');
  assert.deepEqual(
    end.error.frames.map(({ file, line, name }) => [file.replace(/^.*sxrun-script-[^/\\]*./, '').replace('\\', '/'), line, name]),
    [
      ['lib/fail.ts', 2, 'fail'],
      ['main.sync.ts', 5, ''],
    ],
  );
});

test('an error after an await names its line', async () => {
  assert.equal(
    failure(await run(`${IMPORT}async function f() {\n  await sleep(1);\n  throw new Error('late');\n}\nawait f();`)),
    'thrown Error: late @ main.sync.ts:5:13',
  );
});

test('thrown things that are no errors are shown', async () => {
  assert.equal(failure(await run("throw 'oops';")), "thrown thrown: 'oops'");
  assert.equal(failure(await run('throw null;')), 'thrown thrown: null');
  assert.equal(failure(await run('throw { code: 7 };')), 'thrown thrown: { code: 7 }');
});

test('a rejection that nobody handles is an error with its line', async () => {
  assert.equal(
    failure(await run(`${IMPORT}async function f() {\n  throw new Error('nobody');\n}\nf();\nawait sleep(60_000);`)),
    'thrown Error: nobody @ main.sync.ts:4:13',
  );
  assert.equal(
    failure(await run(`${IMPORT}Promise.resolve().then(() => {\n  throw new Error('nobody');\n});`)),
    'thrown Error: nobody @ main.sync.ts:4:13',
  );
  assert.equal(
    failure(await run(`${IMPORT}void Promise.all([1, Promise.reject(new Error('one of them'))]);`)),
    'thrown Error: one of them @ main.sync.ts:3:41',
  );
});

test('a rejection that is handled before the turn ends is none', async () => {
  const { end, log } = await run(
    `${IMPORT}const p = Promise.reject(new Error('x'));\ntry { await p; } catch (error) { log.info(String(error)); }\nPromise.reject(1).catch(() => log.info('caught'));`,
  );
  assert.deepEqual([end.end, log], ['finished', ['info: Error: x', 'info: caught']]);
});

test('an error in a timer names its line', async () => {
  assert.equal(failure(await run(`${IMPORT}setTimeout(() => {\n  throw new Error('late');\n}, 1);`)), 'thrown Error: late @ main.sync.ts:4:13');
});

test('a top-level await that can never settle is an error that names it', async () => {
  assert.match(
    failure(await run(`${IMPORT}await sleep(1);\n\nawait new Promise(() => {});\n`)),
    /^stuck this await waits for something that can never happen.* @ main\.sync\.ts:5:\d+$/,
  );
  assert.match(
    failure(await run(`${IMPORT}async function main() {\n  await new Promise(() => {});\n}\nawait main();`)),
    /^stuck .* @ main\.sync\.ts:6:\d+$/,
  );
});

test('a script that catches a stuck await goes on', async () => {
  const { end, log } = await run(`${IMPORT}try { await new Promise(() => {}); } catch (error) { log.info((error as Error).name); }`);
  assert.deepEqual([end.end, log], ['finished', ['info: StuckError']]);
});

test('a script with nothing to run says what to write', async () => {
  assert.match(failure(await run('console.log("hello");')), /^nothing-to-run nothing to run: write "export default defineProject\(.*sync\.do\(/);
});

test('abort ends a script at once, also one that loops or waits', async () => {
  for (const code of ['for (;;) {}', 'await sleep("1h");', 'await new Promise(() => setInterval(() => {}, 1000));']) {
    const controller = new AbortController();
    const started = run(`${IMPORT}log.info('started');\n${code}`, { signal: controller.signal, limits: { turnMs: 60_000 } });
    controller.abort();
    assert.equal((await started).end.end, 'aborted');
  }
});

test('a defect of the host is told as one, without frames or words of the engine', async () => {
  const outcome = await run("import { sync } from 'sxrun';\nawait sync.do({ roots: ['a', 'b'] });", {
    call: () => Promise.reject(new TypeError('at wasm://')),
  });
  assert.equal(
    failure(outcome),
    'crashed the sandbox of the script has broken down; this is a defect of sxrun, please report it @ main.sync.ts:2:12',
  );
});
