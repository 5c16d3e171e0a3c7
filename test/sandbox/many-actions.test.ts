import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, PLAN, RESULT, run } from './script-kit.ts';

const actions = JSON.stringify(
  Array.from({ length: 200_000 }, (_, index) => ({
    op: 'copy',
    path: `some/folder ${index % 100}/and a file ${index}.txt`,
    from: 0,
    to: 1,
    reason: 'missing',
    kind: 'file',
    size: 12,
  })),
);

test('a script looks at 200,000 actions of a plan and of a result in the memory that it has by default', async () => {
  const { end, log } = await run(
    `import { log, sync } from 'sxrun';
const plan = await sync.plan({ roots: ['a', 'b'] });
log.info(plan.actions.length, plan.actions.filter(({ path }) => path.endsWith('99.txt')).length);
const result = await sync.do({ roots: ['a', 'b'] });
log.info(result.actions.length, result.actions.at(-1)?.path);`,
    { limits: { memoryBytes: 256 * 2 ** 20 }, call: async ({ method }) => (method === 'sync.plan' ? { ...PLAN, actions } : { ...RESULT, actions }) },
  );
  assert.deepEqual([end.end, ...log], ['finished', 'info: 200000 2000', 'info: 200000 some/folder 99/and a file 199999.txt']);
});

test('actions that do not fit into the memory of the script are an error that says so', async () => {
  const script = "import { sync } from 'sxrun';\nconst plan = await sync.plan({ roots: ['a', 'b'] });\nplan.actions.slice();";
  const outcome = await run(script, { limits: { memoryBytes: 32 * 2 ** 20 }, call: async () => ({ ...PLAN, actions }) });
  assert.match(failure(outcome), /^memory the script needs more memory than the 32 MB it may have \(--script-memory\)/);
});
