import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, run } from './script-kit.ts';

const IMPORT = "import { sync, log, sleep } from 'sxrun';\nsync.dontDo();\n";

/** What the script logs. */
async function logged(script: string): Promise<readonly string[]> {
  const outcome = await run(IMPORT + script);
  assert.equal(failure(outcome), 'finished');
  return outcome.log.map((line) => line.replace(/^info: /, ''));
}

test("nothing of the host is in the script's world", async () => {
  assert.deepEqual(
    await logged(`for (const name of ['process', 'fetch', 'Deno', 'sxrunBridge', 'global', 'std', 'os', 'WebAssembly', 'Worker', 'importScripts']) {
    if (name in globalThis) log.info(name);
  }
  log.info((log.info.constructor as any)('return typeof process')());
  log.info([1].map.constructor('return this')() === globalThis);`),
    ['undefined', 'true'],
  );
});

test("URL and URLSearchParams are the platform's", async () => {
  assert.deepEqual(
    await logged(`const url = new URL('../x?a=1#h', 'http://me:pw@host:81/a/b/c');
  url.searchParams.append('b', 'ü +');
  url.port = '';
  url.pathname = '/p q';
  log.info(url.href, url.host, url.searchParams.get('b'), url.searchParams.size);
  url.search = '?c=3&c=4';
  log.info(url.searchParams.getAll('c'), [...url.searchParams.keys()], JSON.stringify(url));
  url.searchParams.set('c', '5');
  url.searchParams.delete('none');
  log.info(String(url), URL.canParse('nope'), URL.parse('nope'), new URLSearchParams({ a: '1 2' }).toString(), new URLSearchParams([['z', '1'], ['y', '2']]).has('z', '1'));
  try { new URL('nope'); } catch (error) { log.info(String(error)); }`),
    [
      'http://me:pw@host/p%20q?a=1&b=%C3%BC+%2B#h host ü + 2',
      "[ '3', '4' ] [ 'c', 'c' ] \"http://me:pw@host/p%20q?c=3&c=4#h\"",
      'http://me:pw@host/p%20q?c=5#h false null a=1+2 true',
      'TypeError: Invalid URL: nope',
    ],
  );
});

test('TextEncoder and TextDecoder follow the Encoding Standard for utf-8', async () => {
  const samples = [
    [0xff, 0x41, 0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xef, 0xbb, 0xbf, 0x41],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x28, 0xa1],
  ];
  const expected = samples.map((bytes) => new TextDecoder().decode(new Uint8Array(bytes)));
  assert.deepEqual(
    await logged(`for (const bytes of ${JSON.stringify(samples)}) log.info(JSON.stringify(new TextDecoder().decode(new Uint8Array(bytes))));`),
    expected.map((text) => JSON.stringify(text)),
  );
  assert.deepEqual(
    await logged(`const text = 'aß€😀\\ud800';
  log.info([...new TextEncoder().encode(text)].join(), new TextDecoder().decode(new TextEncoder().encode('aß€😀'.repeat(3000))).length);
  const decoder = new TextDecoder();
  log.info([[0xf0], [0x9f, 0x98], [0x80, 0x41]].map((part) => decoder.decode(new Uint8Array(part), { stream: true })).join('|') + decoder.decode());
  try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])); } catch (error) { log.info((error as Error).name); }
  try { new TextDecoder('latin1'); } catch (error) { log.info((error as Error).message); }`),
    [
      `${[...new TextEncoder().encode('aß€😀\ud800')].join()} 15000`,
      '||😀A',
      'TypeError',
      'the encoding "latin1" is not available here, only utf-8 is',
    ],
  );
});

test('structuredClone copies cycles, maps, dates, errors and bytes, and refuses functions', async () => {
  assert.deepEqual(
    await logged(`const value: any = { map: new Map([[1, new Set(['a'])]]), date: new Date(0), bytes: new Uint8Array([1, 2]), error: new RangeError('r'), sparse: [, 1], text: /x/gi };
  value.self = value;
  const copy = structuredClone(value);
  log.info(copy !== value, copy.self === copy, copy.map.get(1).has('a'), copy.date.getTime(), copy.bytes[1], copy.bytes !== value.bytes, copy.error instanceof RangeError, copy.sparse.length, 0 in copy.sparse, String(copy.text));
  try { structuredClone({ f() {} }); } catch (error) { log.info((error as Error).name); }`),
    ['true true true 0 2 true true 2 false /x/gi', 'DataCloneError'],
  );
});

test('timers, intervals and microtasks run in order', async () => {
  assert.deepEqual(
    await logged(`const order: string[] = [];
  setTimeout((a: string) => order.push(a), 5, 'later');
  const cleared = setTimeout(() => order.push('never'), 1);
  clearTimeout(cleared);
  queueMicrotask(() => order.push('microtask'));
  order.push('now');
  let ticks = 0;
  await new Promise<void>((resolve) => { const timer = setInterval(() => { if (++ticks === 3) { clearInterval(timer); resolve(); } }, 1); });
  await sleep(10);
  log.info(order, ticks);`),
    ["[ 'now', 'microtask', 'later' ] 3"],
  );
});

test('console goes into the log', async () => {
  const { log } = await run(
    `${IMPORT}console.log('a', { b: 1 });\nconsole.warn('w');\nconsole.error('e');\nconsole.group('g');\nconsole.info('in');\nconsole.groupEnd();\nconsole.assert(1 > 2, 'claim');\nconsole.debug('d');`,
  );
  assert.deepEqual(log, ['info: a { b: 1 }', 'warn: w', 'error: e', 'info: g', 'info:   in', 'error: assertion failed claim', 'info: d']);
});

test('text around a stack is kept, wherever the stack stands', async () => {
  const script = `const e = new Error('x');
console.log('A', e, 'B');
log.info(\`why: \${e.stack} tail\`);
log.info(JSON.stringify({ stack: e.stack, more: 1 }));`;
  assert.deepEqual(await logged(script), [
    'A Error: x\n    at /p/main.sync.ts:3:15\nB',
    'why:     at /p/main.sync.ts:3:15\n tail',
    '{"stack":"    at /p/main.sync.ts:3:15\\n","more":1}',
  ]);
});

test('atob, btoa and crypto.randomUUID are there', async () => {
  assert.deepEqual(
    await logged(
      `log.info(btoa('hi'), atob('aGk='), /^[0-9a-f-]{36}$/.test(crypto.randomUUID()));\ntry { btoa('€'); } catch { log.info('refused'); }`,
    ),
    ['aGk= hi true', 'refused'],
  );
});

test('classes, generators, async iteration, using and dynamic imports of TypeScript work', async () => {
  assert.deepEqual(
    await logged(`class A { #n = 1; static s = 2; get n() { return this.#n + A.s; } }
  async function* count() { for (let n = 0; n < 3; n++) { await sleep(1); yield n; } }
  const seen: number[] = [];
  for await (const n of count()) seen.push(n);
  { await using held = { async [Symbol.asyncDispose]() { await null; seen.push(99); } }; void held; }
  enum Colour { Red = 5 }
  log.info(new A().n, seen, Colour.Red, await Promise.any([Promise.reject(1), Promise.resolve(2)]), (await Promise.allSettled([Promise.reject(1)]))[0]?.status);`),
    ['3 [ 0, 1, 2, 99 ] 5 2 rejected'],
  );
});

test('a promise of the script is a Promise', async () => {
  assert.deepEqual(
    await logged(`const p = (async () => 1)();
  class Mine extends Promise<number> {}
  log.info(p instanceof Promise, p.constructor === Promise, Promise.name, Mine.resolve(1) instanceof Mine, Mine.resolve(1).then(() => 1) instanceof Mine, await p.finally(() => 2));
  await new Promise((resolve) => resolve({ then: (done: (value: number) => void) => done(3) }));`),
    ['true true Promise true true 1'],
  );
});

test('what an async function gives is a promise like any other, also where it has nothing to wait for', async () => {
  assert.deepEqual(
    await logged(`const value = async () => 1;
  const thrown = async () => { throw new Error('no'); };
  const adopting = async () => ({ then: (resolve: (value: number) => void) => resolve(2) });
  const nested = async () => value();
  async function own(this: { x: number }, ...rest: number[]) { return this.x + arguments.length + rest.length; }
  const kept = [value(), adopting(), nested(), own.call({ x: 5 }, 1, 2)];
  log.info(kept.map((one) => one instanceof Promise && one.constructor === Promise && Object.keys(one).length === 0).join());
  log.info((await Promise.all(kept)).join(), (await Promise.all(kept)).join());
  log.info((await thrown().catch((error) => error.message)), (await Promise.allSettled([thrown(), value()])).map(({ status }) => status).join());
  const order: string[] = [];
  const step = async (name: string) => { order.push(name + 1); await null; order.push(name + 2); await value(); order.push(name + 3); };
  const both = [step('a'), step('b')];
  order.push('sync');
  await Promise.all(both);
  log.info(order.join());
  log.info(await value().then(() => 3).finally(() => order.push('finally')), order.at(-1));
  class Own<Value> extends Promise<Value> {}
  log.info((await Own.resolve(4)), Own.resolve(4).then(() => 0) instanceof Own);`),
    ['true,true,true,true', '1,2,1,9 1,2,1,9', 'no rejected,fulfilled', 'a1,b1,sync,a2,b2,a3,b3', '3 finally', '4 true'],
  );
});
