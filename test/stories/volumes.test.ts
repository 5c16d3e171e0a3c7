import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { MediaStory } from '../kit/media-story.ts';
import { MemoryMedia } from '../kit/memory-media.ts';
import { edit, file, link, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';
import { day } from './story.ts';

/** A medium takes the identity (512) and 1000 bytes more. */
const SMALL = { limitBytes: 1512 };
const of = (size: number, letter = 'x') => letter.repeat(size);

describe('files go to the first medium with room', () => {
  test('and to the next when it is full; a second run does nothing', async () => {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(600), b: of(600), c: of(300), d: of(500) });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a c', '2: b', '3: d']);
    assert.deepEqual(await story.lines(), []);
    await story.agrees();
  });
  test('everything is rounded up to sectors, folders count', async () => {
    const story = new MediaStory({ limitBytes: 512 * 4, sectorSize: 512 });
    await put(story.source, { a: '1', b: '2', 'd/c': '3' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a b', '2: d/c']);
  });
  test('the space that is free counts where it is known', async () => {
    const story = new MediaStory();
    story.media.free = (medium) => (medium === 1 ? 100 : 1000);
    await put(story.source, { a: of(60), b: of(120), c: of(30) });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a c', '2: b']);
    story.media.free = () => 10;
    await put(story.source, { d: of(20) });
    assert.deepEqual((await story.sync()).problems, ['d@1 too-large']);
    assert.deepEqual((await story.sync()).problems, ['d@1 too-large'], 'no medium is made for it each time');
    assert.deepEqual(await story.placed(), ['1: a c', '2: b', '3:']);
  });
  test('a file that is larger than any medium is a problem before a byte is copied, the others are taken', async () => {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(1001), b: of(1000) });
    const end = await story.sync();
    assert.deepEqual(end.problems, ['a@1 too-large']);
    assert.match(end.result.problems[0]?.message ?? '', /it has 1001 bytes, and a medium of vol1 has room for 1000 at most/);
    assert.deepEqual(await story.placed(), ['1: b']);
  });
  test('where sizes are not known before, a file that does not fit goes to the next medium as a whole', async () => {
    const story = new MediaStory({ limitBytes: 512 + 400 });
    const over = (vfs: Parameters<typeof gzipped>[0]) => gzipped(vfs, { extension: '.gz' });
    await put(story.source, { a: noise(300), b: noise(300, 7), c: '' });
    await story.lines({ over });
    assert.deepEqual(await story.placed(), ['1: a.gz c.gz', '2: b.gz']);
    assert.deepEqual(await story.lines({ over }), []);
    await put(story.source, { large: noise(900, 3) });
    const end = await story.sync({ over });
    assert.deepEqual(end.problems, ['large@1 too-large']);
    assert.deepEqual(await story.placed(), ['1: a.gz c.gz', '2: b.gz', '3:']);
  });
});

describe('changes', () => {
  test('a file that still fits stays on its medium; one that does not moves, and its old copy goes', async () => {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(600), b: of(300), c: of(50) });
    await story.lines();
    await edit(story.source, 'b', of(310, 'y'), day(5));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a b c']);
    await edit(story.source, 'b', of(900, 'z'), day(6));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a c', '2: b']);
    assert.deepEqual(await story.lines(), []);
    await story.agrees();
  });
  test('removals, moves, touches and links', async () => {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(600), b: of(600), 'd/e/c': of(100), 'empty/': null, l: link('a') });
    const options = { syncRemove: true, symlinks: 'copy' } as const;
    await story.lines({ options });
    await remove(story.source, 'a');
    await move(story.source, 'b', 'd/moved');
    await touch(story.source, 'd/e/c', day(9));
    await remove(story.source, 'empty');
    const lines = await story.lines({ options });
    assert.ok(lines.includes('move b to d/moved 1 (moved on root 0)'), lines.join('\n'));
    assert.deepEqual(await snapshot((await story.open()).vfs), await snapshot(story.source));
    assert.deepEqual(await story.lines({ options }), []);
    await story.agrees();
  });
  test('a file turns into a folder and back', async () => {
    const story = new MediaStory(SMALL);
    await put(story.source, { x: of(500), k1: '1', k2: '2', 'y/a': of(400), 'y/b': of(900) });
    await story.lines();
    await remove(story.source, 'x');
    await remove(story.source, 'y');
    await put(story.source, { 'x/in': of(700), y: of(300) });
    await story.lines();
    assert.deepEqual(await snapshot((await story.open()).vfs), await snapshot(story.source));
    assert.deepEqual(await story.lines(), []);
    await story.agrees();
  });
  test('a file that somebody changed, added or removed on a medium is seen like on any root', async () => {
    const story = new MediaStory();
    await put(story.source, { a: 'a', b: 'b', c: 'c' });
    await story.lines({ bothWays: true });
    await edit(story.media.get(1), 'a', 'changed', day(9));
    await put(story.media.get(1), { 'new/d': 'd' });
    await remove(story.media.get(1), 'b');
    await story.lines({ bothWays: true });
    assert.deepEqual(await snapshot(story.source), { a: 'changed', 'new/d': 'd', c: 'c' });
    assert.deepEqual(await story.lines({ bothWays: true }), []);
  });
});

describe('media that are not in reach', () => {
  async function spread(): Promise<MediaStory> {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(600), b: of(600), 'd/c': of(300) });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a d/c', '2: b']);
    return story;
  }
  test('are compared by the catalogue: nothing is done, with or without a database', async () => {
    const story = await spread();
    story.media.away.add(1).add(2);
    assert.deepEqual(await story.lines(), []);
    assert.deepEqual(await story.lines({ options: {} }), []);
    assert.deepEqual(await story.lines({ bothWays: true }), []);
  });
  test('a changed file goes to another, and the old copy goes when its medium comes again', async () => {
    const story = await spread();
    story.media.away.add(1);
    await edit(story.source, 'a', of(200, 'y'), day(5));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a d/c', '2: a b']);
    story.media.away.delete(1);
    assert.deepEqual(await story.lines(), [], 'it does not come back as a new file');
    await put(story.source, { e: '5' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: d/c e', '2: a b']);
    await story.agrees();
  });
  test('a removed file and its folder go when their medium comes again, and never return', async () => {
    const story = await spread();
    story.media.away.add(1);
    await remove(story.source, 'd');
    await story.lines();
    assert.deepEqual(await story.lines(), []);
    story.media.away.delete(1);
    assert.deepEqual(await story.lines({ bothWays: true }), []);
    await edit(story.source, 'b', of(610), day(7));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a', '2: b']);
    await story.agrees();
  });
  test('what somebody changed meanwhile where an old copy is to go stays', async () => {
    const story = await spread();
    story.media.away.add(1);
    await remove(story.source, 'd');
    await story.lines();
    story.media.away.delete(1);
    await edit(story.media.get(1), 'd/c', 'precious', day(20));
    await put(story.source, { e: '5' });
    await story.lines({ bothWays: true });
    assert.equal(((await snapshot(story.source)) as Record<string, unknown>)['d/c'], 'precious');
  });
  test('a moved file is copied, since it cannot be renamed there', async () => {
    const story = await spread();
    story.media.away.add(1);
    await move(story.source, 'a', 'moved');
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a d/c', '2: b', '3: moved']);
    story.media.away.delete(1);
    await put(story.source, { e: '5' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: d/c e', '2: b', '3: moved']);
    await story.agrees();
  });
  test('a file on them cannot be read, and that is said; the others are', async () => {
    const story = await spread();
    await remove(story.source, 'a');
    await remove(story.source, 'b');
    story.media.away.add(1);
    const end = await story.sync({ asTarget: true, options: {} });
    assert.deepEqual(end.problems, ['a@1 absent']);
    assert.match(end.result.problems[0]?.message ?? '', /it is on medium 1 of vol1, which is not in reach: put it in at media1 and run again/);
    assert.deepEqual(Object.keys(await snapshot(story.source)).sort(), ['b', 'd/c']);
  });
  test('another medium at the place of one is recognised and not touched', async () => {
    const story = await spread();
    const two = story.media.get(2);
    story.media.all.set(1, two);
    story.media.all.delete(2);
    const before = await snapshot(two);
    assert.deepEqual(await story.lines(), []);
    assert.deepEqual(await snapshot(two), before);
  });
  test('a medium of another set is not touched', async () => {
    const [story, other] = [await spread(), await spread()];
    story.media.all.set(1, other.media.get(1));
    const before = await snapshot(other.media.get(1));
    await edit(story.source, 'a', 'y', day(5));
    await remove(story.source, 'd');
    await story.lines();
    assert.deepEqual(await snapshot(other.media.get(1)), before);
  });
  test('what was on a lost one is brought again, and its number is not used again', async () => {
    const story = await spread();
    story.media.all.delete(1);
    const lost = { setup: { lost: new Set([1]) } };
    await story.lines(lost);
    assert.deepEqual(await story.placed(), ['2: b d/c', '3: a']);
    assert.deepEqual(await story.lines(lost), []);
  });
});

describe('several copies', () => {
  const TWO = { ...SMALL, copies: 2 };
  test('each file is on two media, and reading goes on from the other when one fails', async () => {
    const story = new MediaStory(TWO);
    await put(story.source, { a: of(600), b: of(600) });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a', '2: a', '3: b', '4: b']);
    await remove(story.source, 'a');
    await remove(story.source, 'b');
    story.media.away.add(1).add(4);
    await story.lines({ asTarget: true, options: { guard: false } });
    assert.deepEqual(await snapshot(story.source), { a: of(600), b: of(600) });
  });
  test('where only one medium has room nothing is written', async () => {
    const story = new MediaStory(TWO, new MemoryMedia({ makes: false }));
    story.media.put(1);
    await put(story.source, { a: of(600) });
    assert.deepEqual((await story.sync()).problems, ['a@1 no-space']);
    assert.deepEqual(await story.placed(), ['1:']);
    story.media.put(2);
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a', '2: a']);
  });
  test('a copy that is gone or damaged is made good from the other one', async () => {
    const story = new MediaStory(TWO);
    await put(story.source, { a: of(300), b: of(300) });
    await story.lines();
    await remove(story.media.get(1), 'a');
    const time = (await story.media.get(2).stat('b')) as { modifiedMs: number };
    story.media.get(2).editInPlace('b', Buffer.from('cut off'), time.modifiedMs);
    await put(story.source, { c: '3' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a b c', '2: a b c']);
    assert.equal(((await snapshot(story.media.get(2))) as Record<string, unknown>)['b'], of(300));
    await story.agrees();
  });
  test('more copies than before are made of what is there', async () => {
    const story = new MediaStory();
    await put(story.source, { a: of(300), 'd/b': of(300) });
    await story.lines();
    story.media.put(2);
    await put(story.source, { c: '3' });
    await story.lines({ setup: { copies: 2 } });
    assert.deepEqual(await story.placed(), ['1: a c d/b', '2: a c d/b']);
    await story.agrees();
  });
});

describe('a catalogue that is lost', () => {
  async function spread(): Promise<MediaStory> {
    const story = new MediaStory(SMALL);
    await put(story.source, { a: of(600), 'd/b': of(600), 'empty/': null });
    await story.lines();
    return story;
  }
  for (const [what, text] of [
    ['missing', undefined],
    ['damaged', '{"format":"sxrun volumes","version":1}\nnonsense\n'],
    ['something else', 'hello'],
  ] as const) {
    test(`is made anew from the media when it is ${what}`, async () => {
      const story = await spread();
      story.catalogue.text = text;
      assert.deepEqual(await story.lines({ bothWays: true }), []);
      assert.match(story.told.join(), /it was made anew from the 2 media/);
      assert.equal(story.catalogue.damaged, text);
      assert.deepEqual(await story.lines({ bothWays: true }), []);
      await story.agrees();
    });
    test(`ends the run when it is ${what} and a medium is not in reach, and nothing is changed`, async () => {
      const story = await spread();
      story.catalogue.text = text;
      story.media.away.add(2);
      await assert.rejects(story.sync(), /and of 2 media medium 2 is not in reach/);
      assert.equal(story.catalogue.text, text);
      await story.lines({ setup: { lost: new Set([2]) } });
      assert.deepEqual(await story.placed(), ['1: a', '2: d/b', '3: d/b']);
    });
  }
  test('that is cut off in its last line goes on', async () => {
    const story = await spread();
    story.catalogue.text = story.catalogue.text?.slice(0, -20);
    assert.deepEqual(await story.lines({ bothWays: true }), []);
    await story.agrees();
  });
  test('of two versions of a file the newer one counts, and the older one goes', async () => {
    const story = await spread();
    story.catalogue.text = undefined;
    await put(story.media.get(2), { a: file('old', { modified: day(1).replace('2024', '2020') }) });
    assert.deepEqual(await story.lines(), []);
    await put(story.source, { e: '5' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a e', '2: d/b']);
  });
});

test('a simulation changes neither media nor catalogue, and makes no medium', async () => {
  const story = new MediaStory(SMALL);
  const tree: Tree = { a: of(600), b: of(600) };
  await put(story.source, tree);
  assert.equal((await story.sync({ simulation: true })).lines.length, 2);
  assert.equal(story.catalogue.text, undefined);
  assert.equal(story.media.all.size, 0);
  await story.lines();
  const before = [story.catalogue.text, await snapshot(story.media.get(1))];
  await edit(story.source, 'a', of(700), day(9));
  await remove(story.media.get(2), 'b');
  await story.sync({ simulation: true });
  assert.deepEqual([story.catalogue.text, await snapshot(story.media.get(1))], before);
});

/** Bytes that hardly compress, as text. */
function noise(length: number, seed = 1): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return String.fromCharCode(33 + ((state >> 8) % 90));
  }).join('');
}
