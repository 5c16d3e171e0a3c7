import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CheckedRoot } from '../../runtime/project/options.ts';
import { placeRoots } from '../../runtime/project/root-places.ts';

const base = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-places-')));
after(() => rmSync(base, { recursive: true, force: true }));
for (const folder of ['a/in/deep', 'b', 'c']) mkdirSync(join(base, folder), { recursive: true });
symlinkSync(join(base, 'a'), join(base, 'link-to-a'), 'junction');

function root(path: string, ...shadows: string[]): CheckedRoot {
  return { url: path, path: join(base, path), targetOnly: false, autoMkdir: false, shadows: shadows.map((shadow) => join(base, shadow)) };
}

test('a root below another is left out of the outer one, at every depth and through links', () => {
  const places = placeRoots([root('a'), root('a/in/deep'), root('link-to-a/in'), root('b')]);
  assert.deepEqual(
    places.map((place) => place.innerRoots),
    [['in', 'in/deep'], [], ['deep'], []],
  );
  assert.equal(places[2]?.realPath, join(base, 'a', 'in'));
});

test('a root that does not exist yet is placed below what exists', () => {
  const places = placeRoots([root('a'), root('link-to-a/new/folder')]);
  assert.equal(places[1]?.realPath, join(base, 'a', 'new', 'folder'));
  assert.deepEqual(places[0]?.innerRoots, ['new/folder']);
});

test('names that only start alike are not nested', () => {
  assert.deepEqual(placeRoots([root('a'), root('a-too')])[0]?.innerRoots, []);
});

test('two roots that are the same folder are refused, however they are spelled', () => {
  const message = `option "roots[1]" is the same folder as "roots[0]": ${join(base, 'a')}`;
  assert.throws(() => placeRoots([root('a'), root('link-to-a')]), { name: 'OptionError', message });
  assert.throws(() => placeRoots([root('b/new'), root('c'), root('b/./new')]), /"roots\[2\]" is the same folder as "roots\[0\]"/);
});

test('a shadow is left out of the root that holds it, and may not be a root or hold one', () => {
  const [place] = placeRoots([root('a', 'a/in'), root('b')]);
  assert.deepEqual(place, { realPath: join(base, 'a'), shadows: [join(base, 'a', 'in')], innerRoots: ['in'] });
  assert.throws(() => placeRoots([root('a', 'b'), root('b')]), /"roots\[1\]" is the same folder as "roots\[0\].shadow\[0\]"/);
  assert.throws(() => placeRoots([root('a', 'c', 'c'), root('b')]), /"roots\[0\].shadow\[1\]" is the same folder/);
  assert.throws(() => placeRoots([root('a/in', 'a'), root('b')]), /"roots\[0\].shadow\[0\]" is a folder around "roots\[0\]"/);
});
