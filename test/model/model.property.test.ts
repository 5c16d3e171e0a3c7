import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Clock } from '../kit/clock.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees } from '../kit/run.ts';
import { syncFolders } from '../kit/sync-folders.ts';
import { withoutSizes } from '../kit/without-sizes.ts';
import { play } from './play.ts';
import { scenario, type Scenario } from './scenario.ts';

/** The same scenarios every time, unless `SXRUN_MODEL_SEED` is a number of another seed, or `random`. `SXRUN_MODEL_RUNS` raises their number. */
const numRuns = Number(process.env['SXRUN_MODEL_RUNS'] ?? 300);
const wanted = process.env['SXRUN_MODEL_SEED'] ?? '1';
const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);

test('in memory the engine does what the model says, round after round, and in the end finds nothing to do', async (context) => {
  context.diagnostic(`seed ${seed}, ${numRuns} scenarios`);
  await fc.assert(fc.asyncProperty(scenario, playInMemory), { numRuns, seed, includeErrorInReport: true });
});

test('on disk, with the real database, the engine does what the model says', async (context) => {
  context.diagnostic(`seed ${seed}, ${Math.ceil(numRuns / 6)} scenarios`);
  const parameters = { numRuns: Math.ceil(numRuns / 6), seed, includeErrorInReport: true, endOnFailure: true };
  await fc.assert(fc.asyncProperty(scenario, playOnDisk), parameters);
});

async function playInMemory(scene: Scenario): Promise<void> {
  const { targetOnly, syncDb } = scene.options;
  const database = new MemoryDatabase();
  const sees = (root: number) => scene.options.sight[root] ?? { times: true, sizes: true };
  const now = new Clock().now;
  const places = targetOnly.map(
    (_, root) => new MemoryVfs({ label: `root ${root}`, now, traits: sees(root).times ? {} : { timePrecisionMs: undefined } }),
  );
  const roots = places.map((vfs, root) => ({ vfs: sees(root).sizes ? vfs : withoutSizes(vfs), targetOnly: targetOnly[root] === true }));
  await play(scene, { places, uniqueTimes: false, run: (options) => syncTrees({ roots, options, ...(syncDb ? { database } : {}) }) });
}

/** Folders show times and sizes. */
async function playOnDisk(drawn: Scenario): Promise<void> {
  const sight = drawn.options.sight.map(() => ({ times: true, sizes: true }));
  const scene = { ...drawn, options: { ...drawn.options, sight } };
  const base = await mkdtemp(join(tmpdir(), 'sxrun-model-'));
  try {
    const { targetOnly, syncDb } = scene.options;
    const folders = targetOnly.map((isTarget, root) => ({ path: join(base, `root${root}`), targetOnly: isTarget }));
    for (const folder of folders) await mkdir(folder.path);
    const database = syncDb ? { database: join(base, 'p.syncdb') } : {};
    await play(scene, {
      places: folders.map((folder) => folder.path),
      uniqueTimes: true,
      run: (options) => syncFolders({ folders, options, ...database }),
    });
  } finally {
    await rm(base, { recursive: true });
  }
}
