import assert from 'node:assert/strict';
import test from 'node:test';
import { ScriptCallError } from '../../runtime/sandbox/script-host.ts';
import type { WireProject } from '../../sdk/protocol.ts';
import { failure, PLAN, RESULT, run, projectOf } from '../sandbox/script-kit.ts';

const IMPORT = "import { defineProject, sync, log, sleep, SyncError } from 'sxrun';\n";

test('a default export runs once when nothing else was called', async () => {
  const { calls, end } = await run(`${IMPORT}export default defineProject({ roots: ['a', 'b'] });`);
  assert.equal(end.end, 'finished');
  assert.deepEqual(
    calls.map(({ method }) => method),
    ['sync.do'],
  );
  assert.deepEqual(calls[0]?.place()?.line, 2);
});

test('a default export that is a list runs in order', async () => {
  const { calls } = await run(`${IMPORT}export default [defineProject({ name: 'a' }), defineProject({ name: 'b' })];`);
  assert.deepEqual(
    calls.map(({ request }) => (request.target as WireProject).options['name']),
    [
      { kind: 'data', value: 'a' },
      { kind: 'data', value: 'b' },
    ],
  );
});

test('sync.do, sync.plan and sync.dontDo each keep the default export from running by itself', async () => {
  for (const [line, methods] of [
    ['await sync.do({ name: "x" });', ['sync.do']],
    ['await sync.plan({ name: "x" });', ['sync.plan']],
    ['sync.dontDo();', []],
  ] as const) {
    const { calls } = await run(`${IMPORT}${line}\nexport default defineProject({});`);
    assert.deepEqual(
      calls.map(({ method }) => method),
      methods,
    );
  }
});

test('dates cross as dates, and what is undefined does not cross', async () => {
  const { calls } = await run(
    `${IMPORT}await sync.do({ newerThan: new Date(5), name: undefined, guard: { minFiles: undefined, maxRemove: 3 } }, { verbose: true });`,
  );
  assert.deepEqual(
    { ...projectOf(calls).options },
    { newerThan: { kind: 'date', ms: 5 }, guard: { kind: 'data', value: Object.assign(Object.create(null), { maxRemove: 3 }) } },
  );
  assert.deepEqual({ ...calls[0]?.request.overrides }, { verbose: { kind: 'data', value: true } });
});

test('names such as __proto__ cross as names', async () => {
  const { calls } = await run(`${IMPORT}await sync.do(JSON.parse('{ "__proto__": 1, "guard": { "__proto__": 2, "constructor": 3 } }'));`);
  const { options } = projectOf(calls);
  assert.deepEqual(Object.keys(options), ['__proto__', 'guard']);
  assert.deepEqual(options['guard']?.kind === 'data' && Object.keys(options['guard'].value as object), ['__proto__', 'constructor']);
});

test('a result has dates, and its actions are there when looked at', async () => {
  const result = {
    ...RESULT,
    collisions: [{ path: 'x', reason: 'both', at: [{ kind: 'file', modified: 5 } as const, null] }],
    actions: '[{"op":"copy","kind":"file","path":"x","to":1,"reason":"missing"}]',
  };
  const { log } = await run(
    `${IMPORT}const r = await sync.do({});\nlog.info(r.copied, r.collisions[0]?.at[0]?.modified instanceof Date, r.actions.length, r.actions[0]?.reason, Object.keys(r).length);`,
    { call: async () => result },
  );
  assert.deepEqual(log, ['info: 2 true 1 missing 12']);
});

test('a plan has its summary and actions', async () => {
  const { log } = await run(`${IMPORT}const plan = await sync.plan({});\nlog.info(plan.id, plan.summary.copied, plan.actions);`, {
    call: async () => PLAN,
  });
  assert.deepEqual(log, ['info: abc 1 []']);
});

const stop = (goOn: boolean) => async () => {
  throw new ScriptCallError({ code: 'stopped', message: 'cannot read a.txt', path: 'a.txt', root: 1, goOn, result: RESULT });
};

test('an error of the host is a SyncError with all its fields and the line of the call', async () => {
  const { log } = await run(
    `${IMPORT}try {\n  await sync.do({});\n} catch (error) {\n  if (error instanceof SyncError) log.info(error.name, error.code, error.path, error.root, error.line, error.result?.copied, error.message);\n}`,
    { call: stop(false) },
  );
  assert.deepEqual(log, ['info: SyncError stopped a.txt 1 main.sync.ts:3:14 2 cannot read a.txt']);
});

test('a SyncError that nobody catches fails the script and brings its cause', async () => {
  const outcome = await run(`${IMPORT}\nawait sync.do({});`, { call: stop(false) });
  assert.equal(failure(outcome), 'thrown SyncError: cannot read a.txt @ main.sync.ts:3:12');
  assert.ok(outcome.end.end === 'failed');
  assert.equal(outcome.end.cause?.error.code, 'stopped');
});

test('a list ends at the first project that is stopped, unless it says to go on', async () => {
  const script = `${IMPORT}try { await sync.do([{}, {}, {}]); } catch (error) { log.info((error as Error).message); }`;
  const strict = await run(script, { call: stop(false) });
  assert.deepEqual([strict.calls.length, strict.log], [1, ['info: cannot read a.txt']]);
  const lenient = await run(script, { call: stop(true) });
  assert.deepEqual([lenient.calls.length, lenient.log], [3, ['info: cannot read a.txt']]);
});

test('a file is named by its path', async () => {
  const { calls } = await run(`${IMPORT}await sync.do('../other/server.sync.ts', { simulation: true });`);
  assert.deepEqual(calls[0]?.request.target, { kind: 'file', path: '../other/server.sync.ts' });
});

test('what cannot be a project is refused in the script, with the line', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['undefined', /this is undefined \(does the imported file have a default export\?\)/],
    ['null', /this is null/],
    ['42', /this is 42/],
    ['Promise.resolve({})', /this is a promise \(write await before it\)/],
    ['() => 1', /this is a function/],
    ['{ newerThan: new Date(NaN) }', /option "newerThan" is an invalid Date/],
    ['{ parallel: NaN }', /option "parallel" cannot be NaN/],
    ['{ roots: [{ url: () => 1 }] }', /option "roots\[0\]\.url" cannot be a function/],
    ['{ roots: new Set() }', /option "roots" cannot be Set/],
    ['(() => { const a: any = {}; a.a = a; return { guard: a }; })()', /option "guard\.a" holds itself/],
    ['{ subSyncs: [1] }', /this is 1/],
  ];
  for (const [value, message] of wrong) {
    const outcome = await run(`${IMPORT}\nawait sync.do(${value} as any);`);
    assert.match(failure(outcome), message);
    assert.match(failure(outcome), /^thrown SyncError: .* @ main\.sync\.ts:3:\d+$/);
    assert.equal(outcome.calls.length, 0);
  }
});

test('a call that is never awaited is waited for, with a warning that names its line', async () => {
  let answered = false;
  const { end, log } = await run(`${IMPORT}\nvoid sync.do({});`, {
    call: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      answered = true;
      return RESULT;
    },
  });
  assert.deepEqual(
    [end.end, answered, log],
    ['finished', true, ['warn: sync.do was not awaited (main.sync.ts:3:11): it was waited for at the end; write "await sync.do(…)"']],
  );
});

test('calls that are awaited in any way bring no warning', async () => {
  const { end, log } = await run(
    `${IMPORT}async function main() { return sync.do({}); }\nmain();\nsync.do({}).then(() => {});\nawait Promise.all([sync.do({}), sync.plan({})]);\nconst p = sync.do([{}]);\nawait sleep(1);\nawait p;`,
  );
  assert.deepEqual([end.end, log], ['finished', []]);
});

test('a call that is never awaited and fails is an error', async () => {
  assert.match(failure(await run(`${IMPORT}void sync.do({});`, { call: stop(false) })), /^thrown SyncError: cannot read a\.txt @ main\.sync\.ts:2:/);
});

test('the facts of the run are there', async () => {
  const { log } = await run(`${IMPORT}sync.dontDo();\nlog.info(sync.simulation, sync.sandboxed, sync.args, sync.projectFile, sync.projectDir);`, {
    simulation: true,
    args: ['a', 'b'],
  });
  assert.deepEqual(log, ["info: true true [ 'a', 'b' ] /p/main.sync.ts /p"]);
});

test('log has three levels and shows values', async () => {
  const { log } = await run(
    `${IMPORT}sync.dontDo();\nlog.info('text', 1, [true, null, undefined], { 'a b': 'x', c: { d: { e: { f: 1 } } }, h: [[[[1]]]] });\nlog.warn(new Map([[1, new Set(['a'])]]), 10n, Symbol('s'), () => 1);\nlog.error(new Date(0));`,
  );
  assert.deepEqual(log, [
    "info: text 1 [ true, null, undefined ] { 'a b': 'x', c: { d: { e: { f: 1 } } }, h: [ [ [ […] ] ] ] }",
    "warn: Map { 1 => Set { 'a' } } 10n Symbol(s) [function without name]",
    'error: 1970-01-01T00:00:00.000Z',
  ]);
});

test('an error in the log has its stack in terms of the script', async () => {
  const { log } = await run(`${IMPORT}sync.dontDo();\nfunction here() {\n  return new Error('x', { cause: 'y' });\n}\nlog.info(here());`);
  assert.deepEqual(log, ["info: Error: x\n    at here (/p/main.sync.ts:4:14)\n    at /p/main.sync.ts:6:10\n  cause: 'y'"]);
});

test('sleep takes milliseconds and texts, and refuses the rest', async () => {
  assert.equal((await run(`${IMPORT}sync.dontDo();\nawait sleep(1); await sleep('2ms'); await sleep('0.001s');`)).end.end, 'finished');
  for (const wrong of ["'soon'", '-1', 'NaN', 'undefined', "'10 years'"])
    assert.match(
      failure(await run(`${IMPORT}await sleep(${wrong} as any);`)),
      /^thrown TypeError: sleep wants milliseconds or a text such as .* @ main\.sync\.ts:2:/,
    );
});
