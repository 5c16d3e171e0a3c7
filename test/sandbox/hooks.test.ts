import assert from 'node:assert/strict';
import test from 'node:test';
import type { FilterVerdicts } from '../../sdk/filter-protocol.ts';
import type { CollisionChoice } from '../../sdk/project.ts';
import type { WireOption, WireProject } from '../../sdk/protocol.ts';
import { ScriptError } from '../../runtime/sandbox/script-error.ts';
import type { SyncCall, ScriptHooks } from '../../runtime/sandbox/script-host.ts';
import { packedQuestions } from '../kit/packed-questions.ts';
import { RESULT, type RunOptions, run, type ScriptOutcome, projectOf } from './script-kit.ts';

const MODIFIED = new Date('2024-02-03T04:05:06.789Z');
const questions = () =>
  packedQuestions([
    { path: 'dir/a.txt', at: [{ kind: 'file', size: 3, modified: MODIFIED }, null, { kind: 'other' }] },
    { path: 'dir', at: [null, { kind: 'directory' }, null] },
  ]);

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
  ask<FilterVerdicts>(script, 'isExclude', (hooks, number) => hooks.filter(number, questions()), options);
const collide = (script: string) =>
  ask<CollisionChoice>(script, 'onCollision', (hooks, number) =>
    hooks.collision(number, { path: 'x', reason: 'both changed', at: [{ kind: 'file', size: 1, modified: MODIFIED }, null] }),
  );

test('a filter callback is asked in a batch and gets path and entry', async () => {
  const { answer, outcome } = await filter(`export default defineProject({ isExclude(path, entry) {
    log.info(path, entry.kind, entry.name, String(entry.size), String(entry.modified?.toISOString()), JSON.stringify(entry.at));
    return entry.kind === 'directory' ? 'include' : entry.size === 3;
  } });`);
  assert.equal(answer, 'xi');
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
  const slow = "export default defineProject({ isExclude: async (path) => { await sleep(1); return path === 'dir'; } });";
  assert.equal((await filter(slow)).answer, '-x');
  assert.equal((await filter('export default defineProject({ isExclude: (path) => (path === "dir" ? null : undefined) });')).answer, '--');
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
        await hooks.filter(numberOf(nested.options['isExclude']), questions()),
        await hooks.filter(numberOf(request.overrides['isExcludeDir']), questions()),
      );
      return RESULT;
    },
  });
  assert.deepEqual(verdicts, ['ii', 'xx']);
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
      late = hooks.filter(1, questions()).catch((error: unknown) => (error as Error).message);
      await late;
      return RESULT;
    },
  });
  assert.equal(await late, 'callback 1 belongs to a call that is over');
});

test('a hundred thousand questions are answered in order', async () => {
  const many = Array.from({ length: 100_000 }, (_, n) => ({ path: `dir/file-${n}.txt`, at: [{ kind: 'file', size: n } as const, null] }));
  const { answer } = await ask(
    'export default defineProject({ isExclude: (path, entry) => (entry.size ?? 0) % 7 === 0 });',
    'isExclude',
    (hooks, number) => hooks.filter(number, packedQuestions(many)),
  );
  assert.ok(typeof answer === 'string' && answer.length === many.length);
  assert.ok([...answer].every((letter, n) => letter === (n % 7 === 0 ? 'x' : '-')));
});

const SEVERAL = ['a', 'b', 'c', 'd'];
/** Asks one batch a path, each before the one before is answered; resolves to what became of each. */
const askSeveral = (script: string) =>
  ask(script, 'isExclude', (hooks, number) =>
    Promise.allSettled(SEVERAL.map((path) => hooks.filter(number, packedQuestions([{ path, at: [{ kind: 'file', size: 1 }] }])))),
  );

test('batches that are asked at once come to an async callback one after the other', async () => {
  const { answer, outcome } = await askSeveral(`let under = 0;
export default defineProject({ isExclude: async (path) => { log.info(path, ++under); await sleep(1); under--; return path === 'c'; } });`);
  assert.ok(Array.isArray(answer));
  assert.deepEqual(
    answer.map((one) => one.status === 'fulfilled' && one.value),
    ['-', '-', 'x', '-'],
  );
  assert.deepEqual(outcome.log, ['info: a 1', 'info: b 1', 'info: c 1', 'info: d 1']);
});

test('a callback that failed is not asked what follows, and can be asked again later', async () => {
  for (const [kind, pause] of [
    ['', ''],
    ['async ', 'await sleep(1); '],
  ]) {
    const script = `export default defineProject({ isExclude: ${kind}(path) => { log.info(path); ${pause}if (path === 'b') throw new Error('no'); } });`;
    const { answer, outcome } = await ask(script, 'isExclude', async (hooks, number) => {
      const one = (path: string) => hooks.filter(number, packedQuestions([{ path, at: [null] }]));
      const first = await Promise.allSettled(SEVERAL.map(one));
      return [...first.map(({ status }) => status), await one('e')];
    });
    assert.deepEqual(answer, ['fulfilled', 'rejected', 'rejected', 'rejected', '-']);
    assert.deepEqual(outcome.log, ['info: a', 'info: b', 'info: e']);
  }
});

test('after questions that can never be answered, the callback can be asked again', async () => {
  const script = "export default defineProject({ isExclude: (path) => { log.info(path); return path === 'a' ? new Promise(() => {}) : true; } });";
  const { answer, outcome } = await ask(script, 'isExclude', async (hooks, number) => {
    const one = (path: string) => hooks.filter(number, packedQuestions([{ path, at: [null] }]));
    const first = await Promise.allSettled(['a', 'b'].map(one));
    return [...first.map(({ status }) => status), await one('c')];
  });
  assert.deepEqual(answer, ['rejected', 'rejected', 'x']);
  assert.deepEqual(outcome.log, ['info: a', 'info: c']);
});

test('a callback that can see its entry gets it, however it is written', async () => {
  const callbacks = [
    '(path) => path',
    'path => path',
    'async (path) => path',
    '(path, entry) => entry.name',
    '(...all) => all[1].name',
    '(path, { name }) => name',
    '(path, entry = {}) => entry.name',
    '(path = "", entry) => entry.name',
    '([letter], entry) => entry.name',
    'function (path) { return arguments[1].name; }',
    'function () { return arguments[1].name; }',
    'async (path, entry) => entry.name',
    'async function (path) { return arguments[1].name; }',
    '((path, entry) => entry.name).bind(null)',
    '((more, path, entry) => entry.name).bind(null, 1)',
    'new Proxy((path, entry) => entry.name, {})',
  ];
  for (const callback of callbacks) {
    const { answer } = await ask(`await sync.do({ isExclude: ${callback} });`, 'isExclude', (hooks, number) =>
      hooks.filter(number, packedQuestions([{ path: 'include', at: [null] }])),
    );
    assert.equal(answer, 'i', callback);
  }
});

test('an entry that a callback keeps stays what it was', async () => {
  const { outcome } = await askSeveral(`const kept = [];
export default defineProject({ isExclude: (path, entry) => { kept.push(entry); if (path === 'd') log.info(kept.map(({ name, size }) => name + size).join()); } });`);
  assert.deepEqual(outcome.log, ['info: a1,b1,c1,d1']);
});

test('a callback sees a path by its names, whatever is in them', async () => {
  const paths = ['a\nb', 'ü/\u{1F600}', '\\d/"q"', "don't/c:d", 'e/ '];
  const { answer, outcome } = await ask(
    'export default defineProject({ isExclude: (path, entry) => { log.info(JSON.stringify([path, entry.name])); } });',
    'isExclude',
    (hooks, number) => hooks.filter(number, packedQuestions(paths.map((path) => ({ path, at: [null] })))),
  );
  assert.equal(answer, '-----');
  assert.deepEqual(
    outcome.log,
    paths.map((path) => `info: ${JSON.stringify([path, path.slice(path.lastIndexOf('/') + 1)])}`),
  );
});

test('names of a list that nothing is asked about are passed over', async () => {
  const list = packedQuestions(['a', 'b', 'c', 'd', 'e'].map((path, size) => ({ path, at: [{ kind: 'file', size }] })));
  const { answer, outcome } = await ask(
    'export default defineProject({ isExclude: (path, { name, size }) => { log.info(path, name, size); return true; } });',
    'isExclude',
    (hooks, number) => hooks.filter(number, { ...list, unasked: [0, 2, 3] }),
  );
  assert.equal(answer, '-x--x');
  assert.deepEqual(outcome.log, ['info: b b 1', 'info: e e 4']);
});

test('what is newest is told of links, too, and what has no time is never newer', async () => {
  const at = [null, { kind: 'directory' }, { kind: 'file', size: 1 }, { kind: 'link', modified: MODIFIED }, { kind: 'other' }] as const;
  const { outcome } = await ask(
    'export default defineProject({ isExclude: (path, entry) => log.info(JSON.stringify(entry)) });',
    'isExclude',
    (hooks, number) =>
      hooks.filter(
        number,
        packedQuestions([
          { path: 'a', at: [...at] },
          { path: 'b', at: [...at.slice(0, 3), null, null] },
          { path: 'c', at: [null, null, null, null, null] },
        ]),
      ),
  );
  assert.deepEqual(
    outcome.log.map((line) => JSON.parse(line.slice('info: '.length)) as unknown),
    [
      { kind: 'link', name: 'a', modified: MODIFIED.toISOString(), at: JSON.parse(JSON.stringify(at)) },
      { kind: 'directory', name: 'b', at: [null, { kind: 'directory' }, { kind: 'file', size: 1 }, null, null] },
      { kind: 'file', name: 'c', at: [null, null, null, null, null] },
    ],
  );
});
