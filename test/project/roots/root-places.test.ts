import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CheckedRoot } from '../../../runtime/project/options/options.ts';
import type { RootAddress } from '../../../runtime/vfs/root-address.ts';
import { placeRoots } from '../../../runtime/project/roots/root-places.ts';

const base = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-places-')));
after(() => rmSync(base, { recursive: true, force: true }));
for (const folder of ['a/in/deep', 'b', 'c']) mkdirSync(join(base, folder), { recursive: true });
symlinkSync(join(base, 'a'), join(base, 'link-to-a'), 'junction');

function at(path: string, ...layers: RootAddress['layers']): RootAddress {
  return { layers, base: { kind: 'local', path: join(base, path) } };
}

function root(path: string, ...shadows: string[]): CheckedRoot {
  return { url: path, address: at(path), targetOnly: false, autoMkdir: false, shadows: shadows.map((shadow) => at(shadow)) };
}

test('a root below another is left out of the outer one, at every depth and through links', () => {
  const places = placeRoots([root('a'), root('a/in/deep'), root('link-to-a/in'), root('b')]);
  assert.deepEqual(
    places.map((place) => place.innerRoots),
    [['in', 'in/deep'], [], ['deep'], []],
  );
  assert.deepEqual(places[2]?.address, at('a/in'));
});

test('a root that does not exist yet is placed below what exists', () => {
  const places = placeRoots([root('a'), root('link-to-a/new/folder')]);
  assert.deepEqual(places[1]?.address, at('a/new/folder'));
  assert.deepEqual(places[0]?.innerRoots, ['new/folder']);
});

test('a layered root is the same folder as a plain one, and lies in the one around it; an archive in a root is no part of it', () => {
  const igz = { scheme: 'igz', extension: '.sx.gz' } as const;
  const layered = { ...root('a/in'), address: at('a/in', igz) };
  assert.throws(() => placeRoots([root('a/in'), layered]), /"roots\[1\]" is the same folder as "roots\[0\]"/);
  assert.deepEqual(placeRoots([root('a'), layered])[0]?.innerRoots, ['in']);
  const zip = (archive: RootAddress) => ({ ...root('b'), address: { layers: [], base: { kind: 'zip' as const, archive, inner: '' } } });
  assert.deepEqual(placeRoots([root('a'), zip(at('link-to-a/x.zip'))])[0]?.innerRoots, ['x.zip']);
  assert.deepEqual(placeRoots([root('a'), zip(at('a/x.zip', igz))])[0]?.innerRoots, ['x.zip.sx.gz']);
  const around = placeRoots([{ ...root('a'), address: at('a', { scheme: 'xvs' }, igz) }, zip(at('a/x.zip', igz))]);
  assert.deepEqual(around[0]?.innerRoots, ['x.zip', 'x.zip.sx.gz']);
  assert.throws(() => placeRoots([zip(at('a/x.zip')), zip(at('a/x.zip'))]), /is the same archive as/);
  const nothing: CheckedRoot = { ...root('b'), address: { layers: [], base: { kind: 'null' } } };
  assert.deepEqual(placeRoots([root('a'), nothing, nothing])[1], { address: nothing.address, shadows: [], innerRoots: [] });
});

test('names that only start alike are not nested', () => {
  assert.deepEqual(placeRoots([root('a'), root('a-too')])[0]?.innerRoots, []);
});

test('two roots that are the same folder are refused, however they are spelled', () => {
  const message = `option "roots[1]" is the same folder as "roots[0]": ${join(base, 'a')}. Name another one, or leave it out`;
  assert.throws(() => placeRoots([root('a'), root('link-to-a')]), { name: 'OptionError', message });
  assert.throws(() => placeRoots([root('b/new'), root('c'), root('b/./new')]), /"roots\[2\]" is the same folder as "roots\[0\]"/);
});

test('a shadow is left out of the root that holds it, and may not be a root or hold one', () => {
  const [place] = placeRoots([root('a', 'a/in'), root('b')]);
  assert.deepEqual(place, { address: at('a'), shadows: [at('a/in')], innerRoots: ['in'] });
  assert.throws(() => placeRoots([root('a', 'b'), root('b')]), /"roots\[1\]" is the same folder as "roots\[0\].shadow\[0\]"/);
  assert.throws(() => placeRoots([root('a', 'c', 'c'), root('b')]), /"roots\[0\].shadow\[1\]" is the same folder/);
  assert.throws(() => placeRoots([root('a/in', 'a'), root('b')]), /"roots\[0\].shadow\[0\]" is a folder around "roots\[0\]"/);
});
