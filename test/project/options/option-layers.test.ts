import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heritageOf, layeredOptions, withNamedRoots } from '../../../runtime/project/options/option-layers.ts';

const NO_FILES = { logFile: undefined, sourceList: undefined };

test('each layer replaces what the ones before it set, lists too', () => {
  const options = layeredOptions({
    inherited: { mirror: true, compare: 'size', excludeFiles: ['a'] },
    own: { compare: 'content', excludeFiles: ['b'] },
    overrides: { excludeFiles: ['c'], simulation: true },
  });
  assert.deepEqual(options, { mirror: true, compare: 'content', excludeFiles: ['c'], simulation: true });
});

test('the command line wins, and adds to the lists', () => {
  const options = layeredOptions({
    own: { excludeFiles: ['a'] },
    overrides: { simulation: false },
    commandLine: { simulation: true, excludeFiles: ['b'], killFiles: ['k'] },
  });
  assert.deepEqual(options, { excludeFiles: ['a', 'b'], simulation: true, killFiles: ['k'] });
});

test('a sub-project inherits what is set, but neither name, roots nor further sub-projects', () => {
  const heritage = heritageOf({ name: 'all', roots: ['a', 'b'], subSyncs: ['x'], evenTime: true, guard: false }, NO_FILES);
  assert.deepEqual(heritage, { evenTime: true, guard: false });
});

test("a database path stays its own project's; that there is one is inherited", () => {
  assert.deepEqual(heritageOf({ syncDb: 'all.syncdb' }, NO_FILES), { syncDb: true });
  assert.deepEqual(heritageOf({ syncDb: false }, NO_FILES), { syncDb: false });
});

test('sub-projects add to the log of their super-project', () => {
  const heritage = heritageOf(
    { logFile: { path: 'run.log', mode: 'overwrite' } },
    { ...NO_FILES, logFile: { path: '/p/run.log', mode: 'overwrite' } },
  );
  assert.deepEqual(heritage, { logFile: { path: '/p/run.log', mode: 'append' } });
});

test('roots of the command line come behind those of the project', () => {
  const named = { extraRoots: ['/c'], targetOnly: [0, 2], currentDir: '/here' };
  assert.deepEqual(withNamedRoots({ roots: ['a', { url: 'b', shadow: 's' }] }, named).roots, [
    { url: 'a', targetOnly: true },
    { url: 'b', shadow: 's' },
    { url: '/c', targetOnly: true },
  ]);
});

test('a root of the command line that is alone is synchronized with the current folder', () => {
  assert.deepEqual(withNamedRoots({}, { extraRoots: ['/c'], targetOnly: [1], currentDir: '/here' }).roots, [
    '/here',
    { url: '/c', targetOnly: true },
  ]);
  assert.deepEqual(withNamedRoots({}, { extraRoots: ['/c', '/d'], targetOnly: [], currentDir: '/here' }).roots, ['/c', '/d']);
});

test('-n with a root that is not there says which there are', () => {
  assert.throws(() => withNamedRoots({ roots: ['a', 'b'] }, { extraRoots: [], targetOnly: [2], currentDir: '/' }), {
    name: 'OptionError',
    message: '-n 2: there is no root 2; there are 2 roots, counted from 0',
  });
});

test('a project that only runs others gets no roots of its own by the command line', () => {
  const raw = { subSyncs: ['a.sync.ts'] };
  assert.equal(withNamedRoots(raw, { extraRoots: ['/c'], targetOnly: [1], currentDir: '/here' }), raw);
});
