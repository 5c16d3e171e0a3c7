import assert from 'node:assert/strict';
import test from 'node:test';
import type { CollisionChoice, FilterVerdict } from '../../sdk/project.ts';
import type { WireOption, WireProject } from '../../sdk/protocol.ts';
import { ScriptError } from '../../runtime/sandbox/script-error.ts';
import type { SyncCall, ScriptHooks } from '../../runtime/sandbox/script-host.ts';
import { RESULT, type RunOptions, run, type ScriptOutcome, projectOf } from './script-kit.ts';

const MODIFIED = new Date('2024-02-03T04:05:06.789Z');
const FILE = {
  kind: 'file',
  name: 'a.txt',
  size: 3,
  modified: MODIFIED,
  at: [{ kind: 'file', size: 3, modified: MODIFIED }, null, { kind: 'other' }],
} as const;
const QUESTIONS: Parameters<ScriptHooks['filter']>[1] = [
  { path: 'dir/a.txt', entry: { ...FILE, at: [...FILE.at] } },
  { path: 'dir', entry: { kind: 'directory', name: 'dir', at: [null, { kind: 'directory' }, null] } },
];

/** Runs a script whose only call brings the option, and asks that callback. */
async function ask<Answer>(
  script: string,
  option: string,
  question: (hooks: ScriptHooks, number: number) => Promise<Answer>,
  options: RunOptions = {},
): Promise<{ answer: Answer | ScriptError; outcome: ScriptOutcome }> {
  let answer: Answer | ScriptError | undefined;
  const outcome = await run(`import { defineProject, sync, log, sleep } from 'sxrun';\n${script}`, {
    ...options,
    call: async ({ request, hooks }: SyncCall) => {
      const { number } = (request.target as WireProject).options[option] as Extract<WireOption, { kind: 'callback' }>;
      answer = await question(hooks, number).catch((error: unknown) => {
        assert.ok(error instanceof ScriptError);
        return error;
      });
      return RESULT;
    },
  });
  assert.ok(answer !== undefined);
  return { answer, outcome };
}

const filter = (script: string, options?: RunOptions) =>
  ask<readonly FilterVerdict[]>(script, 'isExclude', (hooks, number) => hooks.filter(number, QUESTIONS), options);
const collide = (script: string) =>
  ask<CollisionChoice>(script, 'onCollision', (hooks, number) =>
    hooks.collision(number, { path: 'x', reason: 'both changed', at: [{ kind: 'file', size: 1, modified: MODIFIED }, null] }),
  );

test('a filter callback is asked in a batch and gets path and entry', async () => {
  const { answer, outcome } = await filter(`export default defineProject({ isExclude(path, entry) {
    log.info(path, entry.kind, entry.name, String(entry.size), String(entry.modified?.toISOString()), JSON.stringify(entry.at));
    return entry.kind === 'directory' ? 'include' : entry.size === 3;
  } });`);
  assert.deepEqual(answer, ['exclude', 'include']);
  assert.deepEqual(outcome.log, [
    'info: dir/a.txt file a.txt 3 2024-02-03T04:05:06.789Z [{"kind":"file","size":3,"modified":"2024-02-03T04:05:06.789Z"},null,{"kind":"other"}]',
    'info: dir directory dir undefined undefined [null,{"kind":"directory"},null]',
  ]);
});

test('an entry can be logged whole', async () => {
  const { outcome } = await filter('export default defineProject({ isExclude(path, entry) { if (path === "dir") log.info(entry); } });');
  assert.match(outcome.log[0] ?? '', /kind: 'directory'.*name: 'dir'/s);
});

test('verdicts may come from async callbacks, and anything falsy lets the patterns decide', async () => {
  assert.deepEqual(
    (await filter("export default defineProject({ isExclude: async (path) => { await sleep(1); return path === 'dir'; } });")).answer,
    [undefined, 'exclude'],
  );
  assert.deepEqual((await filter('export default defineProject({ isExclude: (path) => (path === "dir" ? null : undefined) });')).answer, [
    undefined,
    undefined,
  ]);
});

test('a callback that throws, or rejects, is an error with its line', async () => {
  for (const script of [
    "export default defineProject({ isExclude: () => {\n  throw new TypeError('no');\n} });",
    "export default defineProject({ isExclude: async () => {\n  throw new TypeError('no');\n} });",
  ]) {
    const { answer } = await filter(script);
    assert.ok(answer instanceof ScriptError);
    assert.deepEqual([answer.code, answer.message, answer.place?.line], ['callback', 'isExclude threw TypeError: no (main.sync.ts:3:13)', 3]);
  }
});

test('a wrong verdict is an error with the line of the callback', async () => {
  const { answer } = await filter('\nexport default defineProject({\n  isExclude: (() => 42) as never,\n});');
  assert.ok(answer instanceof ScriptError);
  assert.deepEqual([answer.code, answer.place?.line], ['callback', 4]);
  assert.equal(answer.message, "isExclude gave 42 for 'dir/a.txt'; it gives true or 'exclude', 'include', or nothing (main.sync.ts:4:3)");
});

test('a callback that loops ends the script and its question', async () => {
  const { answer, outcome } = await filter('export default defineProject({ isExclude: () => {\n  for (;;) Math.abs(1);\n} });', {
    limits: { turnMs: 200 },
  });
  assert.ok(answer instanceof ScriptError && outcome.end.end === 'failed');
  assert.deepEqual([answer.code, answer.place?.line, outcome.end.error.code], ['timeout', 3, 'timeout']);
});

test('a collision callback gets the collision and gives a choice', async () => {
  assert.deepEqual(
    (
      await collide(
        "export default defineProject({ onCollision: (c) => ({ use: c.path === 'x' && c.at[0]?.modified instanceof Date && c.at[1] === null ? 1 : 0 }) });",
      )
    ).answer,
    { use: 1 },
  );
  assert.equal((await collide("export default defineProject({ onCollision: async () => 'skip' });")).answer, 'skip');
});

test('a wrong choice is an error with the line of the callback', async () => {
  for (const choice of ['42', "'never'", '{ use: 2 }', '{ use: -1 }', 'undefined']) {
    const { answer } = await collide(`export default defineProject({\n  onCollision: (() => (${choice})) as never,\n});`);
    assert.ok(answer instanceof ScriptError, choice);
    assert.deepEqual([answer.code, answer.place?.line], ['callback', 3]);
    assert.match(
      answer.message,
      /^onCollision gave .* for 'x'; it gives 'report', 'newest', 'keepBoth', 'skip' or \{ use: index of a root \} \(main\.sync\.ts:3:\d+\)$/,
    );
  }
});

test('callbacks of subSyncs and of overrides can be asked as well', async () => {
  const verdicts: unknown[] = [];
  const script = `import { sync } from 'sxrun';
await sync.do({ subSyncs: [{ subSyncs: [{ isExclude: () => 'include' }] }, 'other.sync.ts'] }, { isExcludeDir: () => true });`;
  const { calls } = await run(script, {
    call: async ({ request, hooks }) => {
      const numberOf = (option: WireOption | undefined) => (option as Extract<WireOption, { kind: 'callback' }>).number;
      const inner = (project: WireProject) => (project.options['subSyncs'] as Extract<WireOption, { kind: 'projects' }>).projects;
      const nested = inner(inner(request.target as WireProject)[0] as WireProject)[0] as WireProject;
      verdicts.push(
        await hooks.filter(numberOf(nested.options['isExclude']), QUESTIONS),
        await hooks.filter(numberOf(request.overrides['isExcludeDir']), QUESTIONS),
      );
      return RESULT;
    },
  });
  assert.deepEqual(verdicts, [
    ['include', 'include'],
    ['exclude', 'exclude'],
  ]);
  assert.deepEqual((projectOf(calls).options['subSyncs'] as Extract<WireOption, { kind: 'projects' }>).projects[1], {
    kind: 'file',
    path: 'other.sync.ts',
  });
});

test('a callback cannot be asked when its call is over', async () => {
  let late: Promise<unknown> | undefined;
  await run("import { sync, sleep } from 'sxrun';\nawait sync.do({ isExclude: () => true });\nawait sync.do({});", {
    call: async ({ request, hooks }) => {
      if ('isExclude' in (request.target as WireProject).options) return RESULT;
      late = hooks.filter(1, QUESTIONS).catch((error: unknown) => (error as Error).message);
      await late;
      return RESULT;
    },
  });
  assert.equal(await late, 'callback 1 belongs to a call that is over');
});

test('a hundred thousand questions are answered in order', async () => {
  const questions = Array.from({ length: 100_000 }, (_, n) => ({
    path: `dir/file-${n}.txt`,
    entry: { kind: 'file', name: `file-${n}.txt`, size: n, at: [{ kind: 'file', size: n }, null] } as const,
  })).map(({ path, entry }) => ({ path, entry: { ...entry, at: [...entry.at] } }));
  const { answer } = await ask(
    'export default defineProject({ isExclude: (path, entry) => (entry.size ?? 0) % 7 === 0 });',
    'isExclude',
    (hooks, number) => hooks.filter(number, questions),
  );
  assert.ok(Array.isArray(answer));
  assert.ok(answer.every((verdict, n) => verdict === (n % 7 === 0 ? 'exclude' : undefined)));
});
