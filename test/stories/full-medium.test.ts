import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { Clock } from '../kit/clock.ts';
import { fullMedium, type Room } from '../kit/full-medium.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees, type TreesEnd } from '../kit/run.ts';
import { schemesOf, stacked } from '../kit/stacks.ts';
import { edit, put, snapshot } from '../kit/tree.ts';
import { day, isClean } from './story.ts';

/** A text that cannot be compressed below its length. */
function text(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

const PLENTY = 1e9;

describe('a medium that is full in the middle of a file keeps the old one, says so, and the next run goes on', () => {
  for (const prefix of ['', 'igz:', 'ienc:', 'uxvs:', 'rcy:', 'ienc:igz:', 'uxvs:igz:', 'igz:rcy:', 'uxvs:ienc:']) {
    for (const keeps of [true, false]) {
      test(`${prefix === '' ? 'no layer' : prefix}${keeps ? '' : ', without a database'}`, async () => {
        const [source, inner] = [new MemoryVfs({ label: 'source' }), new MemoryVfs({ label: 'target', now: new Clock().now })];
        const room: Room = { bytes: PLENTY };
        const database = new MemoryDatabase();
        const sync = (): Promise<TreesEnd> => {
          const vfs = stacked(schemesOf(prefix), fullMedium(inner, room));
          return syncTrees({ roots: [source, { vfs, targetOnly: true }], options: { parallel: 1 }, ...(keeps && { database }) });
        };
        await put(source, { a: 'old a', b: 'old b', c: 'old c' });
        isClean(await sync());
        await edit(source, 'a', text(1000), day(9));
        await edit(source, 'b', text(60_000), day(9));
        await put(source, { 'd/new': text(60_000) });
        // A version that is kept aside is a file, too.
        room.bytes = 5000;
        const end = await sync();
        assert.deepEqual(end.problems, ['b@1 no-space', 'd/new@1 no-space']);
        assert.ok(end.lines.includes('copy a 0>1 (newer on root 0)') || end.lines.includes('copy a 0>1 (older)'), String(end.lines));
        const left = await snapshot(stacked(schemesOf(prefix), inner));
        assert.deepEqual([left['b'], left['c'], left['d/new']], ['old b', 'old c', undefined]);
        room.bytes = PLENTY;
        isClean(await sync());
        assert.deepEqual(await snapshot(stacked(schemesOf(prefix), inner)), await snapshot(source));
        assert.deepEqual((await sync()).lines, []);
      });
    }
  }
});

describe('a full shadow', () => {
  test('leaves the root and the shadows after it untouched, and what was done on those before it is done again', async () => {
    const source = new MemoryVfs({ label: 'source' });
    const memory = (label: string) => new MemoryVfs({ label });
    const [root, first, second, third] = [memory('root'), memory('first'), memory('second'), memory('third')];
    const room: Room = { bytes: PLENTY };
    const database = new MemoryDatabase();
    const sync = () => {
      const vfs = shadowed(stacked(['tfs'], root), [stacked(['igz'], first), fullMedium(second, room), stacked(['uxvs'], third)]);
      return syncTrees({ roots: [source, { vfs, targetOnly: true, key: 'root' }], options: { syncRemove: true, parallel: 1 }, database });
    };
    const kept = () => Promise.all([stacked(['igz'], first), second, stacked(['uxvs'], third)].map((vfs) => snapshot(vfs)));
    await put(source, { a: 'old', b: 'goes', c: 'stays' });
    isClean(await sync());
    const before = { a: 'old', b: 'goes', c: 'stays' };
    const changed = text(2000);
    await edit(source, 'a', changed, day(9));
    await source.removeFile('b', (await source.stat('b')) as { kind: 'file'; revision: string });
    room.bytes = 1000;
    const end = await sync();
    assert.deepEqual(end.problems, ['a@1 no-space']);
    assert.match(end.result.problems[0]?.message ?? '', /^on the shadow second: the medium is full/);
    assert.deepEqual(await kept(), [{ ...before, a: changed }, before, before], 'no removal where a copy failed');
    room.bytes = PLENTY;
    isClean(await sync());
    assert.deepEqual(await kept(), [
      { a: changed, c: 'stays' },
      { a: changed, c: 'stays' },
      { a: changed, c: 'stays' },
    ]);
    assert.deepEqual((await sync()).lines, []);
  });
});
