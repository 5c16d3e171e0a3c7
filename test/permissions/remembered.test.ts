import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { formatGrant, parseGrant } from '../../runtime/permissions/grant.ts';
import { createPathRules } from '../../runtime/permissions/path-rules.ts';
import { PermissionError } from '../../runtime/permissions/permission-error.ts';
import { createRememberedGrants, validateGrantsFile } from '../../runtime/permissions/remembered.ts';
import { memoryStore } from './memory-store.ts';
import { tempTree } from './temp-tree.ts';

async function setUp(t: TestContext) {
  const base = await tempTree(t, { 'p/a.sync.ts': '', 'p/link.sync.ts': '-> a.sync.ts', data: null, other: null, alias: '-> data', config: null });
  const store = memoryStore();
  const remembered = createRememberedGrants(store, createPathRules([join(base, 'config')]));
  const project = join(base, 'p/a.sync.ts');
  const grants = (...texts: string[]) => texts.map((text) => parseGrant(text, base));
  const found = async (hash: string) => {
    const { valid, stale } = await remembered.find(project, hash, []);
    return { valid: valid.map(formatGrant), stale: stale.map(formatGrant) };
  };
  return { base, store, remembered, project, grants, found };
}

test('grants belong to one state of the sources', async (t) => {
  const { base, remembered, project, grants, found } = await setUp(t);
  await remembered.allow(project, grants('read:data', 'net:nas.local:22'), { sourcesHash: 'one', subProjects: [] });
  const both = ['net:nas.local:22', `read:${join(base, 'data')}`];
  assert.deepEqual(await found('one'), { valid: both, stale: [] });
  assert.deepEqual(await found('two'), { valid: [], stale: both });
  await remembered.allow(project, grants('read:data', 'write:other'), { sourcesHash: 'two', subProjects: [] });
  assert.deepEqual(await found('two'), { valid: [`read:${join(base, 'data')}`, `write:${join(base, 'other')}`], stale: ['net:nas.local:22'] });
});

test('any-change waives the hash for these and for the earlier grants', async (t) => {
  const { base, remembered, project, grants, found } = await setUp(t);
  await remembered.allow(project, grants('read:data'), { sourcesHash: 'one', subProjects: [] });
  await remembered.allow(project, [], 'any-change');
  assert.deepEqual(await found('later'), { valid: [`read:${join(base, 'data')}`], stale: [] });
  await remembered.allow(project, grants('write:data'), { sourcesHash: 'one', subProjects: [] });
  assert.deepEqual(await found('later'), { valid: [`read:${join(base, 'data')}`], stale: [`write:${join(base, 'data')}`] });
});

test('a project is known by its real path, also after it is gone', { skip: process.platform === 'win32' }, async (t) => {
  const { base, remembered, project, grants, found } = await setUp(t);
  await remembered.allow(join(base, 'p/link.sync.ts'), grants('read:data'), { sourcesHash: 'one', subProjects: [] });
  assert.equal((await found('one')).valid.length, 1);
  assert.deepEqual((await remembered.find(join(base, 'p/b.sync.ts'), 'one', [])).valid, []);
  assert.deepEqual(await remembered.list(), [
    { projectFile: project, grants: [{ grant: { kind: 'read', value: join(base, 'data') }, scope: { sourcesHash: 'one', subProjects: [] } }] },
  ]);
  rmSync(project);
  assert.equal(await remembered.revoke(project), true);
  assert.equal(await remembered.revoke(project), false);
  assert.deepEqual(await remembered.list(), []);
});

test('what a path leads to is granted, not where its link is turned later', { skip: process.platform === 'win32' }, async (t) => {
  const { base, remembered, project, grants, found } = await setUp(t);
  await remembered.allow(project, grants('read:alias'), { sourcesHash: 'one', subProjects: [] });
  rmSync(join(base, 'alias'));
  symlinkSync('/', join(base, 'alias'));
  assert.deepEqual((await found('one')).valid, [`read:${join(base, 'data')}`]);
});

test('own stores cannot be granted, and nothing is remembered then', async (t) => {
  const { store, remembered, project, grants } = await setUp(t);
  const before = store.text;
  await assert.rejects(
    remembered.allow(project, grants('read:data', 'write:config/x'), 'any-change'),
    (error) => error instanceof PermissionError && error.code === 'refused',
  );
  assert.equal(store.text, before);
});

test('a file that holds anything else is no grants file', () => {
  // biome-ignore format: a table
  const wrong: unknown[] = [
    null, [], {}, { projects: [] }, { projects: { '/p': {} } }, { projects: { '/p': [{ grant: 'read:/x' }] } }, { projects: { '/p': [{ grant: 'all', sources: null }] } },
    { projects: { '/p': [{ grant: 'read:/x', sources: 1 }] } }, { projects: {}, more: 1 },
  ];
  for (const data of wrong) assert.throws(() => validateGrantsFile(data), /^Error: (?:at ".*" stands|it holds) something else/, JSON.stringify(data));
  const right = { projects: { '/p': [{ grant: 'read:/x', sources: null }] } };
  assert.deepEqual(validateGrantsFile(right), right);
});
