import assert from 'node:assert/strict';
import test from 'node:test';
import type { WireProject } from '../../sdk/protocol.ts';
import { failure, projectOf, RESULT, type RunOptions, run } from './script-kit.ts';

const IMPORT = "import { sync, log, sleep } from 'sxrun';\nsync.dontDo();\n";
const PROJECT = "roots: ['one', 'two']";

/** Options that are refused before the host hears of anything. */
const REFUSED: readonly (readonly [what: string, project: string, message: RegExp])[] = [
  ['a proxy whose keys cannot be read', "new Proxy({}, { ownKeys() { throw new Error('keys'); } })", /Error: keys/],
  ['a revoked proxy', '(() => { const made = Proxy.revocable({}, {}); made.revoke(); return made.proxy; })()', /revoked proxy/],
  ['a getter that throws', "{ get roots() { throw new Error('no roots'); } }", /Error: no roots/],
  [
    'options that hold themselves',
    `(() => { const all: any = { ${PROJECT} }; all.guard = { all }; return all; })()`,
    /option "guard\.all\.guard" holds itself/,
  ],
  [
    'options that are nested without end',
    `(() => { let deep: object = {}; for (let n = 0; n < 50_000; n++) deep = { deep }; return { ${PROJECT}, guard: deep }; })()`,
    /option "guard" is nested more than 50 deep/,
  ],
  ['a project among its own subSyncs', `(() => { const own: any = { ${PROJECT} }; own.subSyncs = [own]; return own; })()`, /among its own subSyncs/],
  [
    'sub-projects that are nested without end',
    '(() => { let deep: object = {}; for (let n = 0; n < 5000; n++) deep = { subSyncs: [deep] }; return deep; })()',
    /subSyncs are nested more than 50 deep/,
  ],
  ['a BigInt', `{ ${PROJECT}, parallel: 4n }`, /option "parallel" cannot be 4n/],
  ['NaN', `{ ${PROJECT}, parallel: NaN }`, /option "parallel" cannot be NaN/],
  ['a symbol', `{ ${PROJECT}, name: Symbol('evil') }`, /option "name" cannot be Symbol\(evil\)/],
  ['an invalid date', `{ ${PROJECT}, newerThan: new Date(NaN) }`, /option "newerThan" is an invalid Date/],
  ['an inherited project', `Object.create({ ${PROJECT} })`, /a project or the path of a project file is wanted here/],
];

for (const [what, project, message] of REFUSED) {
  test(`${what} is refused with its line, and nothing is asked of the host`, async () => {
    const outcome = await run(`${IMPORT}await sync.do(${project} as never);`);
    assert.match(failure(outcome), message);
    assert.match(failure(outcome), / @ main\.sync\.ts:3:\d+$/);
    assert.deepEqual(outcome.calls, []);
  });
}

test('getters are read once, and keys with names of the language are plain options', async () => {
  const { calls, log } = await run(
    `${IMPORT}let reads = 0;\nawait sync.do({ ${PROJECT}, get name() { return String(++reads); }, ['__proto__']: { simulation: true } } as never);\nlog.info(reads);`,
  );
  const { options } = projectOf(calls);
  assert.deepEqual(Object.keys(options), ['roots', 'name', '__proto__']);
  assert.deepEqual([options['name'], log], [{ kind: 'data', value: '1' }, ['info: 1']]);
});

const THROWN: readonly (readonly [thrown: string, message: RegExp])[] = [
  ['undefined', /^thrown thrown: undefined/],
  ["Symbol('evil')", /^thrown thrown: Symbol\(evil\)/],
  ["{ toString() { throw new Error('again'); } }", /^thrown thrown: \{ toString: \[function toString\] \}/],
  ['(() => { const made = Proxy.revocable({}, {}); made.revoke(); return made.proxy; })()', /^thrown thrown: \[cannot be shown\]/],
  ["Promise.reject(new Error('in a promise'))", /Error: in a promise|thrown: \[promise\]/],
];
for (const [thrown, message] of THROWN) {
  test(`what is thrown is shown: ${thrown}`, async () => {
    assert.match(failure(await run(`${IMPORT}throw ${thrown};`)), message);
  });
}

for (const promise of [
  'new Promise(() => undefined)',
  'Promise.race([])',
  '{ then() {} } as PromiseLike<void>',
  'Promise.all(Array.from({ length: 10_000 }, () => new Promise(() => undefined)))',
]) {
  test(`an await that can never end is an error with its line: ${promise}`, async () => {
    assert.match(failure(await run(`${IMPORT}await (${promise});`)), /^stuck .* @ main\.sync\.ts:3:\d+$/);
  });
}

test('timers take odd delays as no delay, and what is no number at all is an error with its line', async () => {
  const { end, log } = await run(
    `${IMPORT}for (const delay of [NaN, -1, '5', 'x', undefined, null, {}] as any[]) setTimeout(() => log.info('fired'), delay);\nfor (const delay of [Infinity, 2 ** 31, 1e300]) clearTimeout(setTimeout(() => log.info('never'), delay));\nawait sleep(50);`,
  );
  assert.deepEqual([end.end, log], ['finished', Array.from({ length: 7 }, () => 'info: fired')]);
  assert.match(failure(await run(`${IMPORT}setTimeout(() => undefined, Symbol('x') as never);`)), /symbol.* @ main\.sync\.ts:3:\d+$/);
});

test('thousands of timers and of pending promises come to their end', async () => {
  const { end, log } = await run(
    `${IMPORT}const all = Array.from({ length: 20_000 }, (_, n) => new Promise<number>((resolve) => setTimeout(() => resolve(n), n % 7)));\nlog.info((await Promise.all(all)).length);`,
    { limits: { memoryBytes: 256 * 2 ** 20 } },
  );
  assert.deepEqual([end.end, log], ['finished', ['info: 20000']]);
});

test('weak references and finalizers work, and keep nothing alive', async () => {
  const { end, log } = await run(
    `${IMPORT}const kept = { a: 1 };\nlog.info(new WeakRef(kept).deref() === kept);\nconst ends = new FinalizationRegistry(() => undefined);\nfor (let n = 0; n < 1000; n++) ends.register({ n }, n);`,
  );
  assert.deepEqual([end.end, log], ['finished', ['info: true']]);
});

/** Asks the callback of the only call once for one collision. */
const asking: RunOptions = {
  call: async ({ request, hooks }) => {
    const option = (request.target as WireProject).options['onCollision'];
    assert.equal(option?.kind, 'callback');
    await hooks.collision(option.number, { path: 'a.txt', at: [{ kind: 'file' }, { kind: 'file' }], reason: 'both changed' } as never);
    throw new Error('it answered');
  },
};
const ANSWERS: readonly (readonly [answer: string, message: RegExp])[] = [
  ['new Promise(() => undefined)', /onCollision waits for something that can never happen/],
  ['({ then() {} })', /onCollision waits for something that can never happen/],
  ["({ get then() { throw new Error('then'); } })", /onCollision threw Error: then/],
  ["new Proxy({}, { get() { throw new Error('trap'); } })", /onCollision threw Error: trap/],
  ["Symbol('evil')", /onCollision gave Symbol\(evil\) for 'a\.txt'/],
  ['4n', /onCollision gave 4n/],
];
for (const [answer, message] of ANSWERS) {
  test(`a callback that answers ${answer} ends the run with its line`, async () => {
    const outcome = await run(`${IMPORT}await sync.do({ ${PROJECT}, onCollision: () => ${answer} as never });`, asking);
    assert.match(failure(outcome), message);
    assert.match(failure(outcome), /main\.sync\.ts:3:\d+/);
  });
}

test('a callback that waits for another call of the script is waited for', async () => {
  const { end, log } = await run(
    `${IMPORT}await sync.do({ ${PROJECT}, onCollision: async () => { await sleep(5); await sync.do({ roots: ['three', 'four'] }); log.info('inner'); return 'skip' as const; } });\nlog.info('outer');`,
    {
      call: async ({ request, hooks }) => {
        const option = (request.target as WireProject).options['onCollision'];
        if (option?.kind === 'callback') await hooks.collision(option.number, { path: 'a.txt', at: [null, null], reason: 'x' } as never);
        return RESULT;
      },
    },
  );
  assert.deepEqual([end.end, log], ['finished', ['info: inner', 'info: outer']]);
});

test('what throws when it is looked at is logged as such', async () => {
  const { log } = await run(
    `${IMPORT}const { proxy, revoke } = Proxy.revocable({}, {}); revoke();\nlog.info(proxy, [new Proxy({}, { ownKeys() { throw new Error('keys'); } })], { get x() { throw new Error('x'); } });`,
  );
  assert.deepEqual(log, ['info: [cannot be shown] [ [cannot be shown] ] [cannot be shown]']);
});
