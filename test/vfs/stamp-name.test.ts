import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatStampName, nameHashOf, parseStampName, textOfNote } from '../../runtime/vfs/layers/stamp-only/stamp-name.ts';

test('a stamp name is as docs/tfs-format.md says', () => {
  const photo = { name: 'photo.jpg', size: 12345, modifiedMs: Date.parse('2024-01-01T00:00:00Z') };
  assert.equal(formatStampName(photo), 'photo.jpg.9ix_lqu5m2o0.sx.tfs');
});

for (const stamp of [
  { name: 'a', size: 0 },
  { name: 'a.5_1.sx.tfs', size: 1, modifiedMs: -1 },
  { name: '.hidden', size: Number.MAX_SAFE_INTEGER, modifiedMs: Date.parse('+010000-01-01T00:00:00Z') },
  { name: 'new\nline', size: 5, modifiedMs: 0 },
  { name: 'x.y_z', size: 36, modifiedMs: Date.parse('1888-01-01T00:00:00Z') },
]) {
  test(`${JSON.stringify(stamp)} comes back from its name`, () => assert.deepEqual(parseStampName(formatStampName(stamp)), stamp));
}

test('of a name that is too long the note has the beginning, whole characters, and a hash; its name stays below 200 bytes', () => {
  const stored = formatStampName({ name: '日本語'.repeat(28), size: Number.MAX_SAFE_INTEGER, modifiedMs: Date.parse('+010000-01-01T00:00:00Z') });
  assert.match(stored, /^(日本語){11}~[0-9a-f]{32}\.2gosa7pa2gv_[0-9a-z]+\.sx\.tfl$/);
  assert.ok(Buffer.byteLength(stored) < 200);
  assert.deepEqual(parseStampName(stored), {
    nameHash: nameHashOf('日本語'.repeat(28)),
    size: Number.MAX_SAFE_INTEGER,
    modifiedMs: Date.parse('+010000-01-01T00:00:00Z'),
  });
  assert.equal(textOfNote(stored, 'its name'), 'its name');
  assert.equal(textOfNote('photo.jpg.9ix.sx.tfs', 'photo.jpg'), '');
});

test('other names are not ours', () => {
  for (const name of ['a', 'a.sx.tfs', '.5.sx.tfs', 'a.5.tfs', 'a.5_.sx.tfs', 'a.zzzzzzzzzzz.sx.tfs', 'a._5.sx.tfs', 'a.5.sx.tfl', 'a.5_1_2.sx.tfs'])
    assert.equal(parseStampName(name), undefined, name);
});
