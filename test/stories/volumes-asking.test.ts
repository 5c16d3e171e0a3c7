import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaStory } from '../kit/media-story.ts';
import { MemoryMedia, type VolumeSetup } from '../kit/memory-media.ts';
import type { MemoryVfs } from '../kit/memory-vfs.ts';
import { edit, put, remove, snapshot } from '../kit/tree.ts';
import { day } from './story.ts';

const of = (size: number, letter = 'x') => letter.repeat(size);
const WAITS = { limitBytes: 1512, waits: true, makesMissing: false };

/** Media at their own places, put in by somebody. */
function asking(more: VolumeSetup = {}): MediaStory {
  const story: MediaStory = new MediaStory({ ...WAITS, ...more, ask: (question) => story.ask(question) }, new MemoryMedia({ makes: false }));
  return story;
}

/** Media that go into one slot, one after the other. `insert` puts in a medium by what is written on it. */
function slot(more: VolumeSetup = {}): { story: MediaStory; insert: (medium: number) => boolean } {
  const media = new MemoryMedia({ isOneSlot: true });
  const story: MediaStory = new MediaStory({ ...WAITS, ...more, ask: (question) => story.ask(question) }, media);
  const insert = (medium: number) => {
    media.inSlot = media.all.get(medium) ?? media.put(medium);
    return true;
  };
  return { story, insert };
}

/** Two media with a file each, put in when they were asked for. */
async function filled(set: { story: MediaStory; insert: (medium: number) => boolean }): Promise<typeof set> {
  const { story, insert } = set;
  await put(story.source, { a: of(900), b: of(900) });
  story.answers.push(
    () => insert(1),
    () => insert(2),
  );
  await story.lines();
  return set;
}

describe('a medium that is needed is asked for', () => {
  test('when those that there are are full; what is there already is taken without a question', async () => {
    const story = asking();
    story.media.put(1);
    await put(story.source, { a: of(600), b: of(600) });
    story.answers.push(() => {
      story.media.put(2);
      return true;
    });
    await story.lines();
    assert.deepEqual(story.asked, ['An empty medium 2 for vol1 is wanted at media2.']);
    assert.deepEqual(await story.placed(), ['1: a', '2: b']);
  });
  test('again when it is not there, and what is wrong is said', async () => {
    const story = asking();
    const other = asking();
    other.media.put(1);
    await put(other.source, { o: 'o' });
    await other.lines();
    await put(story.source, { a: 'a' });
    story.answers.push(
      () => true,
      () => {
        story.media.all.set(1, other.media.get(1));
        return true;
      },
      () => {
        story.media.put(1);
        return true;
      },
    );
    await story.lines();
    assert.deepEqual(story.asked, [
      'An empty medium 1 for vol1 is wanted at media1.',
      'medium 1 is needed at media1. An empty medium 1 for vol1 is wanted at media1.',
      'what is at media1 is a medium of another set; nothing is done on it. An empty medium 1 for vol1 is wanted at media1.',
    ]);
    assert.deepEqual(await snapshot(other.media.get(1)), { 'medium.syncvol': (await snapshot(other.media.get(1)))['medium.syncvol'], o: 'o' });
  });
  test('once: who says no is asked nothing more, and what was done is recorded', async () => {
    const story = asking();
    story.media.put(1);
    await put(story.source, { a: of(900), b: of(600), c: of(600), d: of(50) });
    const end = await story.sync();
    assert.deepEqual(end.problems, ['b@1 no-space', 'c@1 no-space']);
    assert.match(end.result.problems[0]?.message ?? '', /no medium of vol1 that is in reach has room for it \(600 bytes\); medium 2 was not put in/);
    assert.equal(story.asked.length, 1);
    assert.deepEqual(await story.placed(), ['1: a d']);
    story.media.put(2);
    const next = await story.sync();
    assert.deepEqual(next.lines, ['copy b 0>1 (missing)']);
    assert.deepEqual(next.problems, ['c@1 no-space']);
  });
  test('where nobody can be asked it is a problem that says what to do', async () => {
    const story = new MediaStory(WAITS, new MemoryMedia({ makes: false }));
    await put(story.source, { a: 'a' });
    const end = await story.sync();
    assert.deepEqual(end.problems, ['a@1 no-space']);
    assert.match(
      end.result.problems[0]?.message ?? '',
      /medium 1 is needed at media1\. Nobody can be asked: put it in and run again; what is done is done/,
    );
  });
  test('also to read what is only on it', async () => {
    const story = asking();
    story.media.put(1);
    await put(story.source, { a: 'a' });
    await story.lines();
    await remove(story.source, 'a');
    story.media.away.add(1);
    story.answers.push(() => story.media.away.delete(1));
    await story.lines({ asTarget: true, options: {} });
    assert.deepEqual(story.asked, ['Put in medium 1 of vol1 at media1; "a" is on it.']);
    assert.deepEqual(await snapshot(story.source), { a: 'a' });
  });
});

describe('media that go into one slot', () => {
  test('are asked for one after another, each once; a second run asks for none', async () => {
    const { story, insert } = slot();
    await put(story.source, { a: of(600), b: of(600), c: of(600), d: of(100) });
    story.answers.push(
      () => insert(1),
      () => insert(2),
      () => insert(3),
    );
    await story.lines();
    assert.equal(story.asked.length, 3);
    assert.deepEqual(await story.placed(), ['1: a', '2: b', '3: c d']);
    story.media.inSlot = undefined;
    assert.deepEqual(await story.lines(), []);
    assert.equal(story.asked.length, 3);
  });
  test('the last one is asked for as long as it has room; a wrong one is recognised and not written to', async () => {
    const { story, insert } = slot();
    await put(story.source, { a: of(900), b: of(300) });
    story.answers.push(
      () => insert(1),
      () => insert(2),
    );
    await story.lines();
    insert(1);
    const before = await snapshot(story.media.get(1));
    await put(story.source, { c: of(300) });
    story.answers.push(
      () => insert(1),
      () => insert(2),
    );
    await story.lines();
    assert.deepEqual(story.asked.slice(2), [
      'Put in medium 2 of vol1 at slot; it has room for "c".',
      'That is medium 1. Put in medium 2 of vol1 at slot; it has room for "c".',
    ]);
    assert.deepEqual(await snapshot(story.media.get(1)), before);
    assert.deepEqual(await story.placed(), ['1: a', '2: b c']);
  });
  test('an old copy on another one goes when that one is put in again', async () => {
    const { story, insert } = slot();
    await put(story.source, { a: of(900), b: of(300) });
    story.answers.push(
      () => insert(1),
      () => insert(2),
    );
    await story.lines();
    await edit(story.source, 'a', of(200, 'y'), day(5));
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: a', '2: a b']);
    insert(1);
    await put(story.source, { c: of(700) });
    await story.lines();
    assert.deepEqual(await story.placed(), ['1: c', '2: a b']);
  });
  test('are asked for one after another to read all', async () => {
    const { story, insert } = await filled(slot());
    await remove(story.source, 'a');
    await remove(story.source, 'b');
    story.answers.push(
      () => insert(1),
      () => insert(2),
    );
    await story.lines({ asTarget: true, options: { guard: false } });
    assert.deepEqual(Object.keys(await snapshot(story.source)), ['a', 'b']);
  });
  test('are all asked for when the catalogue is lost', async () => {
    const { story, insert } = await filled(slot());
    story.catalogue.text = undefined;
    story.answers.push(() => insert(1));
    assert.deepEqual(await story.lines({ bothWays: true }), []);
    assert.match(story.asked.at(-1) ?? '', /Put in medium 1 of vol1 at slot; the catalogue of vol1, test\.syncvol, is missing/);
  });
});

describe('a set that is to be read, whose catalogue is lost, with no medium in', () => {
  async function lost(open: () => { story: MediaStory; insert: (medium: number) => boolean }) {
    const { story, insert } = await filled(open());
    await remove(story.source, 'a');
    await remove(story.source, 'b');
    story.catalogue.text = undefined;
    story.asked.length = 0;
    story.media.inSlot = undefined;
    story.media.away.add(1).add(2);
    return { story, insert };
  }
  const places = () => {
    const story = asking();
    const insert = (medium: number) => {
      story.media.away.delete(medium);
      if (!story.media.all.has(medium)) story.media.put(medium);
      return true;
    };
    return { story, insert };
  };
  const restore = { asTarget: true, options: { guard: false }, setup: { mustExist: true } } as const;

  test('has any medium asked for, then all others, in one slot', async () => {
    const { story, insert } = await lost(slot);
    story.answers.push(
      () => true,
      () => {
        story.media.inSlot = story.media.blank();
        return true;
      },
      () => insert(2),
      () => insert(1),
      () => insert(2),
    );
    await story.lines(restore);
    assert.deepEqual(Object.keys(await snapshot(story.source)), ['a', 'b']);
    const wanted = 'Put in a medium of vol1 at slot; the catalogue of vol1, test.syncvol, is missing.';
    assert.deepEqual(story.asked.slice(0, 4), [
      wanted,
      `No medium of vol1 is there. ${wanted}`,
      `what is at slot is no medium. ${wanted}`,
      'Put in medium 1 of vol1 at slot; the catalogue of vol1, test.syncvol, is missing, so all media have to be looked at.',
    ]);
  });
  test('has the same asked for where each medium has a place of its own, also when the catalogue is damaged', async () => {
    for (const run of [restore, { asTarget: true, options: { guard: false } }] as const) {
      const { story, insert } = await lost(places);
      if (run !== restore) story.catalogue.text = 'no catalogue\n';
      story.answers.push(
        () => insert(1),
        () => insert(2),
      );
      await story.lines(run);
      assert.match(
        story.asked[0] ?? '',
        /^Put in a medium of vol1, such as the first one, at media1; the catalogue of vol1, test\.syncvol, is (missing|damaged)\.$/,
      );
      assert.deepEqual(Object.keys(await snapshot(story.source)), ['a', 'b']);
    }
  });
  test('ends the run where somebody says no, or nobody can be asked', async () => {
    const { story } = await lost(slot);
    await assert.rejects(story.lines(restore), { code: 'unreachable', message: /^nothing is known of vol1, which is to be read/ });
    assert.equal(story.asked.length, 1);
    const silent = new MediaStory(WAITS, new MemoryMedia({ isOneSlot: true }));
    await assert.rejects(silent.lines(restore), { code: 'unreachable' });
  });
});

describe('a new medium that holds something', () => {
  async function used(more: VolumeSetup = {}): Promise<{ story: MediaStory; stick: MemoryVfs }> {
    const story = asking(more);
    const stick = story.media.put(1);
    await put(stick, { 'holiday/1.jpg': 'precious', note: 'n' });
    await put(story.source, { a: 'a' });
    return { story, stick };
  }
  const PRECIOUS = { 'holiday/1.jpg': 'precious', note: 'n' };

  test('is refused, and nothing is done on it', async () => {
    const { story, stick } = await used();
    const end = await story.sync();
    assert.deepEqual(end.problems, ['a@1 no-space']);
    assert.match(story.asked.join(), /what is at media1 is no medium of vol1 and holds "holiday", "note"; empty it by hand, or name another folder/);
    assert.deepEqual(await snapshot(stick), PRECIOUS);
  });
  test('is emptied after a yes to just this', async () => {
    const { story, stick } = await used({ emptiesNew: true });
    story.answers.push(({ isYesFirst }) => !isYesFirst);
    await story.lines();
    assert.match(
      story.asked.join(),
      /media1 is to become medium 1 of vol1\. It holds "holiday", "note", 2 files in all\. Remove ALL of that for good\?/,
    );
    assert.deepEqual(Object.keys(await snapshot(stick)), ['a', 'medium.syncvol']);
  });
  test('stays as it is, without a question, when it holds what the run lives from', async () => {
    const { story, stick } = await used({ emptiesNew: true });
    story.media.ownFiles = ['holiday/1.jpg'];
    story.answers.push(() => true);
    await story.sync();
    assert.match(story.asked.join('\n'), /is no medium of vol1 and holds "holiday\/1\.jpg", which belongs to this run; name another folder/);
    assert.ok(!story.asked.some((text) => text.includes('Remove ALL')));
    assert.deepEqual(await snapshot(stick), { 'holiday/1.jpg': 'precious', note: 'n' });
  });
  test('stays as it is after a no', async () => {
    const { story, stick } = await used({ emptiesNew: true });
    story.answers.push(() => false);
    assert.deepEqual((await story.sync()).problems, ['a@1 no-space']);
    assert.deepEqual(await snapshot(stick), PRECIOUS);
  });
  test('stays as it is where nobody can be asked', async () => {
    const story = new MediaStory({ emptiesNew: true });
    await put(story.media.put(1), PRECIOUS);
    await put(story.source, { a: 'a' });
    const end = await story.sync();
    assert.deepEqual(end.problems, ['a@1 no-space']);
    assert.match(end.result.problems[0]?.message ?? '', /nobody can be asked whether it may be emptied/);
    assert.deepEqual(await snapshot(story.media.get(1)), PRECIOUS);
  });
  test('stays as it is in a simulation', async () => {
    const { story, stick } = await used({ emptiesNew: true });
    story.answers.push(() => true);
    await story.sync({ simulation: true });
    assert.deepEqual(story.asked, []);
    assert.deepEqual(await snapshot(stick), PRECIOUS);
  });
  test('of another set is never emptied', async () => {
    const other = asking();
    other.media.put(1);
    await put(other.source, { o: 'o' });
    await other.lines();
    const story = asking({ emptiesNew: true });
    story.media.all.set(1, other.media.get(1));
    await put(story.source, { a: 'a' });
    story.catalogue.text = '{"format":"sxrun volumes","version":1}\n[{"what":"set","id":"mine"}]\n';
    story.answers.push(
      () => true,
      () => true,
    );
    const before = await snapshot(other.media.get(1));
    assert.deepEqual((await story.sync()).problems, ['a@1 no-space']);
    assert.deepEqual(await snapshot(other.media.get(1)), before);
  });
  test('but what systems put on every disk is used as it is', async () => {
    const story = asking();
    await put(story.media.put(1), { 'lost+found/': null, 'System Volume Information/x': 'x' });
    await put(story.source, { a: 'a' });
    await story.lines();
    assert.deepEqual(await snapshot((await story.open()).vfs), { a: 'a' });
  });
});
