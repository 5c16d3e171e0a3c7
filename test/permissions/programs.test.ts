import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { NeedError } from '../../runtime/permissions/need.ts';
import { createPathRules } from '../../runtime/permissions/path-rules.ts';
import { PermissionError } from '../../runtime/permissions/permission-error.ts';
import { findProgram } from '../../runtime/permissions/program.ts';
import { tempTree } from './temp-tree.ts';

const posix = { skip: process.platform === 'win32' };

async function setUp(t: TestContext) {
  const base = await tempTree(t, {
    'bin/tool': '#!/bin/sh\n',
    'bin/plain': 'no program',
    'bin/folder/x': '',
    'other/tool': '#!/bin/sh\n',
    'other/last': '#!/bin/sh\n',
    'project/tool': '#!/bin/sh\n',
    'project/tools/own': '#!/bin/sh\n',
    'bin/link': '-> ../other/last',
    'bin/dangling': '-> ../other/none',
    'bin/exe': '-> /proc/self/exe',
    'own/tool': '#!/bin/sh\n',
  });
  for (const path of ['bin/tool', 'other/tool', 'other/last', 'project/tool', 'project/tools/own', 'own/tool']) chmodSync(join(base, path), 0o755);
  const rules = createPathRules([join(base, 'own')]);
  const find = (program: string, path: readonly string[] = ['bin', 'other'].map((name) => join(base, name))) =>
    findProgram(program, { directory: join(base, 'project'), rules, environment: { PATH: path.join(delimiter) } });
  return { base, find };
}

test('a name is looked up on the PATH and comes back as a real path', posix, async (t) => {
  const { base, find } = await setUp(t);
  assert.equal(await find('tool'), join(base, 'bin/tool'));
  assert.equal(await find('tool', [join(base, 'none'), join(base, 'other'), join(base, 'bin')]), join(base, 'other/tool'));
  assert.equal(await find('link'), join(base, 'other/last'));
  assert.equal(await find('./tool'), join(base, 'project/tool'));
  assert.equal(await find('tools/own'), join(base, 'project/tools/own'));
  assert.equal(await find('tools/../../bin/link'), join(base, 'other/last'));
  assert.equal(await find(`${base}/bin//./tool`), join(base, 'bin/tool'));
});

test('neither the current folder nor relative entries of the PATH are searched', posix, async (t) => {
  const { base, find } = await setUp(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(join(base, 'bin'));
  for (const path of [[], [''], ['.'], ['./'], ['..', '../bin'], ['bin'], ['', ''], ['~/bin'], [`${base}/bin\0`]]) {
    await assert.rejects(find('tool', path), NeedError, path.join(delimiter));
  }
});

test('what is no program is none, and nobody is refused anything by it', posix, async (t) => {
  const { base, find } = await setUp(t);
  const names = [
    '',
    '.',
    '..',
    '/',
    'none',
    'plain',
    'folder',
    'dangling',
    'tool ',
    ' tool',
    'tool\0',
    './none',
    `${base}/bin`,
    `${base}/bin/plain`,
    `${base}/bin/tool/`,
    'tool;id',
    '$(id)',
    '-c',
    '~',
    '~none/x',
  ];
  for (const name of names) await assert.rejects(find(name), NeedError, JSON.stringify(name));
});

test('nobody may run what is out of reach', posix, async (t) => {
  const { base, find } = await setUp(t);
  const names = [
    join(base, 'own/tool'),
    ...(process.platform === 'linux' ? ['/proc/self/exe', '/proc/thread-self/exe', 'exe', '/proc/self/root/bin/sh'] : []),
  ];
  for (const name of names) await assert.rejects(find(name), PermissionError, name);
});

test('a program keeps its path when another one is put in its place', posix, async (t) => {
  const { base, find } = await setUp(t);
  const found = await find('link');
  renameSync(join(base, 'bin/link'), join(base, 'bin/old'));
  mkdirSync(join(base, 'bin/sub'));
  writeFileSync(join(base, 'bin/link'), '#!/bin/sh\n', { mode: 0o755 });
  assert.notEqual(await find('link'), found);
  assert.equal(basename(found), 'last');
  assert.equal(dirname(found), join(base, 'other'));
});
