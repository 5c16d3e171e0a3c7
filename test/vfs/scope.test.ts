import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { compilePatterns } from '../../runtime/vfs/pattern.ts';
import { compileScope, isOwnName } from '../../runtime/vfs/scope.ts';
import type { ScopeRules } from '../../runtime/vfs/scope.ts';

const rules = (some: Partial<ScopeRules>): ScopeRules => ({
  excludeFiles: [],
  includeFiles: [],
  excludeDirs: [],
  includeDirs: [],
  killFiles: [],
  ignoreCase: false,
  links: 'ignore',
  ...some,
});

test('a pattern means what Python fnmatch makes of it', () => {
  const cases = JSON.parse(readFileSync(new URL('./fixtures/fnmatch-cases.json', import.meta.url), 'utf8')) as [string, string, boolean][];
  assert.ok(cases.length > 500 && cases.filter((c) => c[2]).length > 200);
  for (const [pattern, name, expected] of cases) {
    assert.equal(compilePatterns([pattern], true, false)?.test(name), expected, JSON.stringify({ pattern, name }));
  }
});

test('patterns of one list keep apart', () => {
  const list = compilePatterns(['*a*b*c', 'x', '*d*e*f'], true, false);
  for (const name of ['abc', '--a-b-c', 'x', 'ddeef']) assert.equal(list?.test(name), true, name);
  for (const name of ['ab', 'xx', 'adef-', '']) assert.equal(list?.test(name), false, name);
});

test('patterns with many stars do not hang', () => {
  const list = compilePatterns([`${'*a'.repeat(60)}*b`, '**********b', '*[ab]*[ab]*[ab]*[ab]*[ab]*[ab]*b'], false, false);
  assert.equal(list?.test('a'.repeat(4000)), false);
  assert.equal(list?.test('a/'.repeat(1000)), false);
});

test('a rooted pattern matches the whole path, an unrooted one any tail after a slash', () => {
  const scope = compileScope(rules({ excludeFiles: ['/top.txt', 'b/*.o', 'tail'], excludeDirs: ['/build', 'node_modules'] }));
  assert.equal(scope.fileVerdict('top.txt'), 'out');
  assert.equal(scope.fileVerdict('a/top.txt'), 'in');
  assert.equal(scope.fileVerdict('b/x.o'), 'out');
  assert.equal(scope.fileVerdict('a/b/c/x.o'), 'out');
  assert.equal(scope.fileVerdict('ab/x.o'), 'in');
  assert.equal(scope.fileVerdict('a/tail'), 'out');
  assert.equal(scope.fileVerdict('atail'), 'in');
  assert.equal(scope.directoryVerdict('build'), 'out');
  assert.equal(scope.directoryVerdict('x/build'), 'in');
  assert.equal(scope.directoryVerdict('x/node_modules'), 'out');
});

test('rooted include, rooted exclude, unrooted include, unrooted exclude: the first match wins', () => {
  const scope = compileScope(rules({ includeFiles: ['/a/keep', 'keep'], excludeFiles: ['/a/*', '*'] }));
  assert.equal(scope.fileVerdict('a/keep'), 'in');
  assert.equal(scope.fileVerdict('a/x/keep'), 'out');
  assert.equal(scope.fileVerdict('b/keep'), 'in');
  assert.equal(scope.fileVerdict('b/other'), 'out');
});

test('kill beats include and exclude, and never takes a directory', () => {
  const scope = compileScope(rules({ killFiles: ['*.tmp', '/core'], includeFiles: ['*.tmp'], excludeFiles: ['core'] }));
  assert.equal(scope.fileVerdict('a/x.tmp'), 'killed');
  assert.equal(scope.fileVerdict('core'), 'killed');
  assert.equal(scope.fileVerdict('a/core'), 'out');
  assert.equal(scope.directoryVerdict('x.tmp'), 'in');
});

test('case counts unless it is ignored', () => {
  assert.equal(compileScope(rules({ excludeFiles: ['*.BAK'] })).fileVerdict('a.bak'), 'in');
  assert.equal(compileScope(rules({ excludeFiles: ['*.BAK', 'É*[A-C]'], ignoreCase: true })).fileVerdict('a.bak'), 'out');
  assert.equal(compileScope(rules({ excludeFiles: ['É*[A-C]'], ignoreCase: true })).fileVerdict('éxb'), 'out');
});

test('names of ours are known, and only those', () => {
  const ours = [
    'p.sync.ts.syncdb',
    'x.syncdb.lock',
    'x.syncdb.journal',
    'XVS',
    '.XVS',
    '.recycle',
    '.sxrun-0a1b2c3d-1-abcdef0.part',
    '.sxrun-x.aside',
  ];
  for (const name of ours) assert.equal(isOwnName(name), true, name);
  for (const name of ['syncdb', 'x.syncdb.old', 'XVS2', 'xvs', '.recycled', '.sxrun-notes', 'a.part']) assert.equal(isOwnName(name), false, name);
});
