import assert from 'node:assert/strict';
import test from 'node:test';
import { run } from '../../sandbox/script-kit.ts';

const HEAD = "import { log, sync } from 'sxrun';\nsync.dontDo();\nconst later = async <Value>(value: Value) => value;\n";

test('a loop may go through what its head waits for, wherever it stands and whatever stands in its head', async () => {
  const { end, log } = await run(`${HEAD}
for (const { a } of await later([{ a: 1 }, { a: 2 }])) log.info('top', a, ...(await Array.fromAsync([later(3)])));
async function within(list: number[][]): Promise<string> {
  let seen = '';
  outer: for (const [a = 0] of await later(list)) {
    if (a === 1) for (const b of (await later(list)).flatMap((one) => { let all = 0; for (const x of one) all += x; return [all]; })) seen += 'b' + b;
    else for (const c of await later([1, 2])) {
      if (c === 2) continue outer;
      if (a === 9) return seen + 'end' + await later(c);
      seen += 'c' + c;
    }
  }
  return seen;
}
log.info('function', await within([[1], [5, 6], [], [9], [7]]));
const nested = async () => { const all: number[] = []; for (const a of await (async () => { const ones = []; for (const b of await later([1, 2])) ones.push(b); return ones; })()) all.push(a); return all; };
log.info('nested', await nested());
function* own(): Generator<string, void, string[]> { for (const x of yield 'ask') yield x; }
const it = own(); log.info('generator', it.next().value, it.next(['given']).value, it.next().done);
async function* many() { for (const x of await later([1, 2])) yield x; }
const all = []; for await (const x of many()) all.push(x);
log.info('async generator', all);
log.info('texts', 'for (const a of yield b) {', \`for (const a of \${await later('yield')}) {\`);
for (const x of [
  await later('several'),
  'lines',
]) log.info(x);
const caught = async () => { try { for (const x of await Promise.reject(new Error('no'))) log.info(x); } catch (error) { return (error as Error).message; } finally { for (const y of await later(['finally'])) log.info(y); } };
log.info(await caught());`);
  assert.deepEqual(end, { end: 'finished' });
  assert.deepEqual(log, [
    'info: top 1 3',
    'info: top 2 3',
    'info: function b1b11b0b9b7c1c1end1',
    'info: nested [ 1, 2 ]',
    'info: generator ask given true',
    'info: async generator [ 1, 2 ]',
    'info: texts for (const a of yield b) { for (const a of yield) {',
    'info: several',
    'info: lines',
    'info: finally',
    'info: no',
  ]);
});

test('errors in and behind such a loop have their lines', async () => {
  const frames = async (rest: string) => {
    const { end } = await run(HEAD + rest);
    return end.end === 'failed' ? end.error.frames.map(({ line, column }) => `${line}:${column}`).at(-1) : end.end;
  };
  const thrower = 'const no = (): never => { throw new Error("no"); };\n';
  assert.equal(await frames(`${thrower}for (const x of await later(no())) log.info(x);`), '5:29');
  assert.equal(await frames('for (const x of await later([1].map(() => {\n  throw new Error("in the head");\n}))) log.info(x);'), '4:33');
  assert.equal(await frames('for (const x of await later([1])) {\n  log.info(x);\n  throw new Error("in the body");\n}'), '6:13');
  assert.equal(await frames('for (const x of await later([1])) log.info(x);\nthrow new Error("behind");'), '5:11');
});
