import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultyVfs, failAt, stopAt, World, type Fault } from '../kit/faulty-vfs.ts';
import { MediaStory } from '../kit/media-story.ts';
import type { MemoryVfs } from '../kit/memory-vfs.ts';
import type { VolumeSetup } from '../kit/memory-media.ts';
import { edit, move, put, remove, snapshot } from '../kit/tree.ts';
import { day } from './story.ts';

const of = (size: number, letter = 'x') => letter.repeat(size);

/** Everything that can happen to a file, on media where some of it means a move to another one. */
async function changed(setup: VolumeSetup): Promise<MediaStory> {
  const story = new MediaStory({ limitBytes: 1512, ...setup });
  await put(story.source, { a: of(600), b: of(300), c: of(90), d: of(700), 'e/m': of(200), 'gone/g': of(50), turned: of(10), k1: '1', k2: '2' });
  await story.lines();
  await edit(story.source, 'b', of(500, 'y'), day(5));
  await edit(story.source, 'c', of(80, 'y'), day(5));
  await move(story.source, 'e/m', 'f/moved');
  await remove(story.source, 'gone');
  await remove(story.source, 'turned');
  await put(story.source, { 'turned/in': of(20), new: of(900) });
  return story;
}

describe('a run that is stopped at any step on the media converges by running again', () => {
  for (const [what, setup, away] of [
    ['one copy', {}, []],
    ['one copy, a medium away at the next run', {}, [2]],
    ['two copies', { copies: 2 }, []],
  ] as const) {
    for (const when of ['before', 'after'] as const) {
      test(`${what}, ${when} each step`, async () => {
        const counting = new World();
        const whole = await changed(setup);
        whole.media.wrap = (vfs, medium) => faultyVfs(vfs, counting, medium);
        await whole.lines();
        assert.ok(counting.mutationCount > 12, `${counting.mutationCount}`);
        for (let step = 1; step <= counting.mutationCount; step++) await stopped(await changed(setup), step, when, away);
      });
    }
  }
});

async function stopped(story: MediaStory, step: number, when: Fault['when'], away: readonly number[]): Promise<void> {
  const world = new World([stopAt(step, when)]);
  story.media.wrap = (vfs, medium) => faultyVfs(vfs, world, medium);
  const end = await Promise.race([story.sync().then(() => 'ended'), world.stopped]);
  assert.equal(end, 'stopped', `step ${step}`);
  story.media.wrap = (vfs) => vfs;
  for (const medium of away) story.media.away.add(medium);
  const meanwhile = away.length > 0 ? await story.sync() : undefined;
  assert.deepEqual(meanwhile?.problems ?? [], [], `step ${step}`);
  story.media.away.clear();
  await story.lines();
  const tree = await snapshot(story.source);
  assert.deepEqual(await snapshot((await story.open()).vfs), tree, `step ${step}`);
  assert.deepEqual(await story.lines(), [], `step ${step}`);
  await put(story.source, { last: '1' });
  await story.lines();
  await story.agrees();
  await holdsOnce(story, { ...tree, last: '1' }, step);
}

/** Each file is on just as many media as it should be, with its content. */
async function holdsOnce(story: MediaStory, tree: Readonly<Record<string, unknown>>, step: number): Promise<void> {
  const { catalogue } = await story.open();
  for (const [path, content] of Object.entries(tree).filter(([, one]) => one !== null)) {
    const kept = catalogue.find(path)?.kept;
    assert.ok(kept?.kind === 'file', `${path} after step ${step}`);
    const holders: number[] = [];
    for (const [medium, vfs] of story.media.all) {
      const files = (await snapshot(vfs)) as Record<string, unknown>;
      if (files[path] === undefined) continue;
      assert.equal(files[path], content, `${path} on medium ${medium} after step ${step}`);
      holders.push(medium);
    }
    assert.deepEqual(kept.copies.map(({ medium }) => medium).sort(), holders.sort(), `${path} after step ${step}`);
  }
}

describe('a medium that fails in the middle of a run', () => {
  /** Two media with room, so that the second can take what the first does not. */
  async function two(): Promise<MediaStory> {
    const story = new MediaStory();
    story.media.put(1);
    story.media.put(2);
    await put(story.source, { a: 'a' });
    await story.lines();
    await put(story.source, { b: 'b', c: 'c', 'd/e': 'e' });
    return story;
  }
  const onMedium = (story: MediaStory, number: number, world: World) => {
    story.media.wrap = (vfs, medium) => (medium === number ? faultyVfs(vfs, world) : vfs);
  };

  test('is full: the next one gets the file', async () => {
    const story = await two();
    onMedium(story, 1, new World([failAt('write', 'c', 'no-space')]));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a b d/e', '2: c']);
    story.media.wrap = (vfs) => vfs;
    assert.deepEqual(await story.lines(), []);
    await story.agrees();
  });
  test('can only be read any more: all that follows goes to the next one', async () => {
    const story = await two();
    const world = new World([
      failAt('write', () => true, 'read-only'),
      failAt('removeFile', () => true, 'read-only'),
      failAt('makeDirectory', () => true, 'read-only'),
    ]);
    onMedium(story, 1, world);
    await edit(story.source, 'a', 'changed', day(5));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a', '2: a b c d/e']);
    assert.deepEqual(await story.lines(), []);
    await remove(story.source, 'a');
    await story.lines();
    story.media.wrap = (vfs) => vfs;
    await put(story.source, { f: 'f' });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: f', '2: b c d/e']);
    await story.agrees();
  });
  test('is taken away: all that follows goes to the next one, and what it has is still known', async () => {
    const story = await two();
    let isGone = false;
    const fail = () => {
      isGone = true;
    };
    const world = new World([
      { when: 'before', at: ({ method, path }) => method === 'write' && path === 'c', effect: fail },
      { when: 'before', at: () => isGone, effect: 'failed' },
    ]);
    onMedium(story, 1, world);
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a b', '2: c d/e']);
    story.media.wrap = (vfs) => vfs;
    assert.deepEqual(await story.lines(), []);
    await story.agrees();
  });
  test('refuses a file for a reason of its own: that is a problem of the file, and no other medium gets it', async () => {
    const story = await two();
    onMedium(story, 1, new World([failAt('write', 'c', 'name-refused')]));
    assert.deepEqual((await story.sync()).problems, ['c@1 name-refused']);
    assert.deepEqual(await story.placed(), ['1: a b d/e']);
  });
  test('cannot give a file whose source cannot be read either', async () => {
    const story = await two();
    story.media.away.add(1);
    await remove(story.source, 'a');
    const end = await story.sync({ asTarget: true, options: { onError: 'stop' } });
    assert.equal(end.end, 'failed');
    assert.equal(end.whole.end === 'failed' && end.whole.code, 'absent');
  });
});

test('two copies of which the second fails leave nothing of the first', async () => {
  const story = new MediaStory({ copies: 2 });
  await put(story.source, { a: 'a' });
  await story.lines();
  const world = new World([failAt('write', 'b', 'name-refused')]);
  story.media.wrap = (vfs, medium) => (medium === 2 ? faultyVfs(vfs, world) : vfs);
  await put(story.source, { b: 'b' });
  assert.deepEqual((await story.sync()).problems, ['b@1 name-refused']);
  assert.deepEqual(await story.placed(), ['1: a', '2: a']);
  story.media.wrap = (vfs) => vfs;
  await story.lines();
  assert.deepEqual(await story.placed(), ['1: a b', '2: a b']);
  await story.agrees();
});

test('an overwritten copy whose second one fails is what there is, and is made good', async () => {
  const story = new MediaStory({ copies: 2 });
  await put(story.source, { a: 'a' });
  await story.lines();
  const world = new World([failAt('write', 'a', 'denied')]);
  story.media.wrap = (vfs, medium) => (medium === 2 ? faultyVfs(vfs, world) : vfs);
  await edit(story.source, 'a', 'changed', day(5));
  assert.deepEqual((await story.sync()).problems, ['a@1 denied']);
  story.media.wrap = (vfs) => vfs;
  await put(story.source, { b: 'b' });
  await story.lines();
  for (const medium of [1, 2]) assert.equal(((await snapshot(story.media.get(medium) as MemoryVfs)) as Record<string, unknown>)['a'], 'changed');
  await story.agrees();
});
