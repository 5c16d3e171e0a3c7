import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { bundleProject } from '../../runtime/project/bundle/bundle.ts';
import { parseMessage } from '../../runtime/sandbox/parse-message.ts';
import { type PreparedSandbox, prepareSandbox } from '../../runtime/sandbox/prepare-sandbox.ts';
import { runScript } from '../../runtime/sandbox/run-script.ts';
import type { ScriptEnd } from '../../runtime/sandbox/script-host.ts';
import { ScriptError } from '../../runtime/sandbox/script-error.ts';
import { projectFolder, RESULT, run } from './script-kit.ts';

/** Runs a script that does nothing in that sandbox. */
async function runIn(sandbox: PreparedSandbox): Promise<ScriptEnd> {
  await using folder = await projectFolder({ 'main.sync.ts': "import { sync } from 'sxrun';\nsync.dontDo();" });
  const bundle = await bundleProject({ kind: 'file', path: join(folder.path, 'main.sync.ts') }, { cacheFolder: undefined, mayRead: () => false });
  return runScript({
    bundle,
    sandbox,
    facts: { simulation: false, args: [], projectFile: bundle.file, projectDir: dirname(bundle.file), sandboxed: true },
    limits: { turnMs: 60_000, memoryBytes: 2 ** 26, stackBytes: 2 ** 19 },
    signal: new AbortController().signal,
    host: {
      simulate: () => undefined,
      setUntaken: () => undefined,
      over: () => undefined,
      log: () => undefined,
      call: () => Promise.reject(new Error('no call expected')),
    },
  });
}

test('a sandbox that was started earlier is used, and its worker is gone afterwards', async () => {
  const sandbox = prepareSandbox();
  assert.equal((await runIn(sandbox)).end, 'finished');
  assert.equal(sandbox.worker.threadId, -1);
});

test('a sandbox that broke down before its script came is told of, not waited for', async () => {
  const sandbox = prepareSandbox();
  await sandbox.worker.terminate();
  const end = await runIn(sandbox);
  assert.ok(end.end === 'failed');
  assert.equal(end.error.code, 'crashed');
});

test('a sandbox that is not used can be disposed of', async () => {
  const sandbox = prepareSandbox();
  const gone = new Promise((resolve) => sandbox.worker.once('exit', resolve));
  sandbox.dispose();
  await gone;
  assert.equal(sandbox.worker.threadId, -1);
});

test('a script that ends well has released all handles, callbacks and promises included', async () => {
  const { end } = await run(`import { sync, sleep } from 'sxrun';
    for (let n = 0; n < 20; n++) await sync.do({ isExclude: () => true, onCollision: async () => 'skip' });
    setInterval.call(null, () => {}, 1); await sleep(5); clearInterval(1);
    Promise.reject(1).catch(() => {});
    await Promise.all([sync.do({}), sync.do({}).catch(() => 1)]); await sleep(1);
    for (let timer = 1; timer < 10; timer++) clearInterval(timer);`);
  assert.deepEqual(end, { end: 'finished' });
});

test('calls that the host has accepted are brought to their end before an aborted script is over', async () => {
  const controller = new AbortController();
  let finished = false;
  const { end } = await run("import { sync } from 'sxrun';\nawait sync.do({});", {
    signal: controller.signal,
    call: async () => {
      controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      finished = true;
      return RESULT;
    },
  });
  assert.deepEqual([end.end, finished], ['aborted', true]);
});

test('messages of any other shape are refused', () => {
  const call = { type: 'call', id: 1, method: 'sync.do', request: { target: { kind: 'project', options: {} }, overrides: {} }, stack: '' };
  assert.equal(parseMessage(JSON.stringify(call)).type, 'call');
  let deep: object = { kind: 'data', value: 1 };
  for (let n = 0; n < 100; n++) deep = { kind: 'projects', projects: [{ kind: 'project', options: { subSyncs: deep } }] };
  const wrong = [
    'nonsense',
    '1',
    'null',
    '[]',
    '{}',
    '{"type":"reply"}',
    ...[
      { ...call, id: -1 },
      { ...call, id: '1' },
      { ...call, method: 'toString' },
      { ...call, method: 'xfile.remove_all' },
      { ...call, stack: 5 },
      { ...call, request: null },
      { ...call, request: { target: 'a', overrides: {} } },
      { ...call, request: { target: { kind: 'project', options: { a: 1 } }, overrides: {} } },
      { ...call, request: { target: { kind: 'project', options: { a: { kind: 'callback', number: 1.5 } } }, overrides: {} } },
      { ...call, request: { target: { kind: 'project', options: { a: { kind: 'date', ms: null } } }, overrides: {} } },
      { ...call, request: { target: { kind: 'project', options: { subSyncs: deep } }, overrides: {} } },
      { ...call, request: { target: { kind: 'file', path: 1 }, overrides: {} } },
      { type: 'note', note: 'log', level: 'loud', message: '' },
      { type: 'note', note: 'log', level: 'info', message: {} },
      { type: 'answer', id: 1, hook: 'collision', choice: 'rm' },
      { type: 'answer', id: 1, hook: 'filter', verdicts: ['x'] },
    ].map((message) => JSON.stringify(message)),
  ];
  for (const text of wrong)
    assert.throws(
      () => parseMessage(text),
      (error) => error instanceof ScriptError && error.code === 'protocol',
      text,
    );
});

test('data from the script has no prototype', () => {
  const message = parseMessage(
    '{"type":"call","id":1,"method":"sync.do","stack":"","request":{"overrides":{},"target":{"kind":"project","options":{"guard":{"kind":"data","value":{"__proto__":{"a":1}}}}}}}',
  );
  assert.ok(message.type === 'call' && message.asked.kind === 'sync' && message.asked.request.target.kind === 'project');
  const { options } = message.asked.request.target;
  assert.equal(Object.getPrototypeOf(options), null);
  const guard = options['guard'];
  assert.ok(guard?.kind === 'data' && typeof guard.value === 'object' && guard.value !== null);
  assert.equal(Object.getPrototypeOf(guard.value), null);
  assert.equal((guard.value as { a?: number }).a, undefined);
});
