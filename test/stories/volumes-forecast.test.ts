import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { MediaStory } from '../kit/media-story.ts';
import { edit, put, remove } from '../kit/tree.ts';

/** Same seed, same numbers; from 0 to below `end`. */
function numbers(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

for (const copies of [1, 2]) {
  test(`a simulation says which medium gets what, and a run does just that (${copies} of each)`, async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const next = numbers(seed);
      const story = new MediaStory({ limitBytes: 512 * 6, sectorSize: 64, copies });
      let clock = Date.parse('2024-04-01T00:00:00Z');
      for (let round = 0; round < 4; round++) {
        for (let i = 0; i < 12; i++) {
          const path = `${['', 'D/', 'D/E/', 'F/'][next(4)]}${'abcdefgh'[next(8)]}`;
          const there = await story.source.stat(path);
          const content = 'x'.repeat(next(1200));
          clock += 60_000;
          if (there !== undefined && next(4) === 0) await remove(story.source, path);
          else if (there === undefined) await put(story.source, { [path]: content });
          else await edit(story.source, path, content, new Date(clock).toISOString());
        }
        await told(story, seed, round);
      }
    }
  });
}

async function told(story: MediaStory, seed: number, round: number): Promise<void> {
  const options = { syncRemove: true, guard: false } as const;
  const opened = await story.open({ simulation: true });
  const forecast = await opened.forecast();
  const simulated = await story.sync({ simulation: true, options });
  const foretold = simulated.result.actions
    .filter(({ op }) => op === 'copy' || op === 'make' || op === 'replace')
    .map(({ path, size }): [string, readonly number[]] => {
      const places = forecast.place(path, size);
      return [path, places instanceof VfsError ? [] : places.map(({ medium }) => medium)];
    });
  await opened.vfs.close();
  await story.lines({ options });
  const { catalogue, vfs } = await story.open({ simulation: true });
  for (const [path, media] of foretold) {
    const kept = catalogue.find(path)?.kept;
    if (kept?.kind === 'file')
      assert.deepEqual(
        kept.copies.map(({ medium }) => medium),
        media,
        `${path}, seed ${seed}, round ${round}`,
      );
  }
  await vfs.close();
}
