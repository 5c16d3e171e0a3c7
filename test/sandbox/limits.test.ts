import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, run } from './script-kit.ts';

const IMPORT = "import { sync, log, sleep } from 'sxrun';\nsync.dontDo();\n";
const SHORT = { limits: { turnMs: 200 } };

test('an endless loop at the top level ends with its line', async () => {
  assert.match(
    failure(await run(`${IMPORT}function spin(): void {\n  for (;;) {\n    Math.abs(1);\n  }\n}\nspin();`, SHORT)),
    /^timeout the script did not give control back within 0\.2 s .* @ main\.sync\.ts:5:/,
  );
});

test('catch and finally do not stop the end of a loop', async () => {
  const outcome = await run(`${IMPORT}try { for (;;) {} } catch { log.info('caught'); } finally { log.info('finally'); }`, SHORT);
  assert.match(failure(outcome), /^timeout/);
  assert.deepEqual(outcome.log, []);
});

test('an endless chain of promise jobs ends', async () => {
  assert.match(
    failure(await run(`${IMPORT}function again(): void {\n  Promise.resolve().then(again);\n}\nagain();`, SHORT)),
    /^timeout .* @ main\.sync\.ts:4:/,
  );
  assert.match(failure(await run(`${IMPORT}async function f() {\n  for (;;) await null;\n}\nvoid f();`, SHORT)), /^timeout/);
});

test('an endless timer callback ends with its line', async () => {
  assert.match(failure(await run(`${IMPORT}setTimeout(() => {\n  for (;;) Math.abs(1);\n}, 1);`, SHORT)), /^timeout .* @ main\.sync\.ts:4:/);
});

test('a regular expression that runs wild ends', async () => {
  assert.match(failure(await run(`${IMPORT}/(a+)+b/.test('a'.repeat(60));`, SHORT)), /^timeout/);
});

test('an operation that cannot be interrupted is ended from outside', async () => {
  const outcome = await run(`${IMPORT}const list = new Array(2e7).fill(1);\nfor (;;) list.includes(2);`, {
    limits: { turnMs: 200, memoryBytes: 2 ** 30 },
  });
  assert.match(failure(outcome), /^timeout/);
});

test('waiting is free', async () => {
  const { end } = await run(`${IMPORT}for (let n = 0; n < 10; n++) await sleep(50);`, SHORT);
  assert.equal(end.end, 'finished');
});

test('a script that wants too much memory is told so with its line', async () => {
  assert.match(
    failure(await run(`${IMPORT}const all: unknown[] = [];\nfor (;;) all.push(new Uint8Array(1_000_000));`)),
    /^memory the script needs more memory than the 64 MB .*--script-memory.* @ main\.sync\.ts:4:/,
  );
  assert.match(failure(await run(`${IMPORT}const all: object[] = [];\nfor (;;) all.push({});`)), /^memory/);
});

test('endless recursion is told with its line', async () => {
  assert.match(
    failure(await run(`${IMPORT}function deep(n: number): number {\n  return deep(n + 1) + 1;\n}\ndeep(0);`)),
    /^stack .* @ main\.sync\.ts:4:/,
  );
});

test('recursion in the parser, in JSON and in proxies ends as well', async () => {
  assert.match(failure(await run(`${IMPORT}eval('('.repeat(1e6));`)), /^stack/);
  assert.match(failure(await run(`${IMPORT}JSON.parse('['.repeat(1e6));`)), /^stack/);
  assert.match(failure(await run(`${IMPORT}const p: any = new Proxy({}, { get: (t, k, r) => r[k] });\np.x;`)), /^stack/);
});

test('a giant string is an error of the script', async () => {
  assert.equal(failure(await run(`${IMPORT}log.info('x'.repeat(2 ** 30));`)), 'thrown RangeError: invalid string length @ main.sync.ts:3:14');
});

test('a message that is too long is refused with its line', async () => {
  assert.match(
    failure(await run(`${IMPORT}log.info('x'.repeat(65e6));`, { limits: { memoryBytes: 2 ** 30 } })),
    /a message of \d+ characters is too long @ main\.sync\.ts:3:/,
  );
});

test('a flood of log lines arrives whole, and the script waits for the reader', async () => {
  const { end, log } = await run(`${IMPORT}for (let n = 0; n < 60; n++) log.info('x'.repeat(1e6));`);
  assert.deepEqual([end.end, log.length], ['finished', 60]);
});
