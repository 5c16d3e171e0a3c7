import assert from 'node:assert/strict';
import { readFile, rm, truncate } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BaselineRow, Recorded } from '../../runtime/engine/baseline.ts';
import type { SyncDatabase } from '../../runtime/state/sync-database.ts';
import { digestOf, digestPart } from '../../runtime/vfs/digest.ts';
import { compareNames, comparePaths, isWithin, nameOf, parentOf } from '../../runtime/vfs/path.ts';
import { CrashingDisk } from './fixtures/crashing-disk.ts';
import { open, withFolder } from './fixtures/database-kit.ts';

/**
 * The model: a plain map from path to what each root has, by the root's key. It knows the rule for left-out roots in its own words
 * and keeps a copy of itself for each commit.
 */
interface ModelRow {
  kind: BaselineRow['kind'];
  readonly at: Map<string, Recorded>;
}
interface Model {
  rows: Map<string, ModelRow>;
  joined: Set<string>;
}

function recordInModel(model: Model, roots: readonly string[], path: string, row: BaselineRow | undefined): void {
  const before = model.rows.get(path);
  const now = new Map(roots.flatMap((root, index) => (row?.at[index] ? [[root, row.at[index]] as const] : [])));
  const leftOut = [...(before?.at ?? [])].filter(([root]) => !roots.includes(root));
  const holders = roots.filter((root) => before?.at.get(root)?.behind === undefined && before?.at.has(root));
  const isMoved = holders.some((root) => now.get(root)?.revision !== before?.at.get(root)?.revision || now.get(root)?.behind);
  const kind = now.size > 0 && row ? row.kind : (before?.kind ?? 'file');
  const at = new Map(now);
  for (const [root, record] of leftOut) {
    if (now.size > 0 && kind !== before?.kind) continue;
    if (holders.length === 0 && now.size > 0 && !record.behind) continue;
    at.set(root, isMoved ? { ...record, behind: true } : record);
  }
  if (at.size === 0) model.rows.delete(path);
  else model.rows.set(path, { kind, at });
}

const ROOTS = ['/a', '/b', '/c', 'sftp://me@nas/d'];
const PATHS = ['a', 'a/x', 'a/y', 'a/x/1', 'a!', 'a!/z', 'b', 'b/c/d', 'ü|"'];
const path = fc.constantFrom(...PATHS);
const entry: fc.Arbitrary<Recorded | undefined> = fc.option(
  fc.record(
    { revision: fc.constantFrom('1', '2', '3|'), fileId: fc.constantFrom('7', '8'), behind: fc.constant(true as const) },
    { requiredKeys: ['revision'], noNullPrototype: true },
  ),
  { nil: undefined },
);
const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      path,
      kind: fc.constantFrom('file', 'link'),
      at: fc.array(entry, { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), path: fc.oneof(path, fc.constant('')) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
);
const group = fc.uniqueArray(operation, { maxLength: 6, selector: (one) => ('path' in one ? `${one.do === 'forget'} ${one.path}` : one.do) });
const session = fc.record({
  roots: fc.shuffledSubarray(ROOTS, { minLength: 2 }),
  groups: fc.array(group, { maxLength: 4 }),
  /** undefined: closed in order; else killed, and this share of the last group's bytes has reached the disk. */
  kill: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
});
type Session = typeof session extends fc.Arbitrary<infer T> ? T : never;

function apply(database: SyncDatabase, model: Model, roots: readonly string[], one: Session['groups'][number][number]): void {
  switch (one.do) {
    case 'record': {
      const row = { kind: one.kind as 'file' | 'link', at: one.at.slice(0, roots.length) };
      database.record(one.path, row);
      recordInModel(model, roots, one.path, row);
      break;
    }
    case 'remove':
      database.record(one.path, undefined);
      recordInModel(model, roots, one.path, undefined);
      break;
    case 'forget':
      database.forgetTree(one.path);
      for (const known of [...model.rows.keys()]) if (isWithin(known, one.path)) model.rows.delete(known);
      break;
    case 'join':
      database.markJoined();
      for (const root of roots) model.joined.add(root);
      break;
  }
}

function copyOf(model: Model): Model {
  return { rows: new Map(model.rows), joined: new Set(model.joined) };
}

/** Runs one session and resolves to the model of what must be on disk after it. */
async function runSession(file: string, before: Model, { roots, groups, kill }: Session): Promise<Model> {
  const disk = new CrashingDisk();
  const database = await open(file, { roots, disk });
  const sizes: number[] = [await sizeOf(`${file}.journal`)];
  const models = [copyOf(before)];
  const model = copyOf(before);
  for (const operations of groups) {
    for (const one of operations) apply(database, model, roots, one);
    await database.commit();
    sizes.push(await sizeOf(`${file}.journal`));
    models.push(copyOf(model));
  }
  if (kill === undefined) {
    await database.close();
    return model;
  }
  disk.die();
  await assert.rejects(database.close());
  await rm(`${file}.lock`);
  const last = sizes.at(-1) ?? 0;
  const beforeLast = sizes.at(-2) ?? last;
  const size = beforeLast + Math.floor((last - beforeLast) * kill);
  if (last > beforeLast) await truncate(`${file}.journal`, size);
  return models[size < last ? models.length - 2 : models.length - 1] ?? before;
}

async function sizeOf(file: string): Promise<number> {
  return (await readFile(file).catch(() => Buffer.alloc(0))).length;
}

/** What `directories()` must give to a run with these roots. */
function expected(model: Model, roots: readonly string[]): unknown {
  const directories = new Map<string, [string, BaselineRow][]>();
  for (const [known, row] of model.rows) {
    const at = roots.map((root) => row.at.get(root));
    if (at.every((one) => one === undefined)) continue;
    const agreedElsewhere = [...row.at].some(([root, one]) => !roots.includes(root) && !one.behind);
    const seen: BaselineRow = { kind: row.kind, at, ...(agreedElsewhere ? { agreedElsewhere } : {}) };
    directories.set(parentOf(known), [...(directories.get(parentOf(known)) ?? []), [nameOf(known), seen]]);
  }
  return [...directories]
    .sort(([a], [b]) => comparePaths(a, b))
    .map(([directory, unsorted]) => {
      const rows = unsorted.sort(([a], [b]) => compareNames(a, b));
      const isSettled = rows.every(([, row]) => row.at.every((one) => one !== undefined && !one.behind));
      const digest = (root: number) =>
        digestOf(rows.map(([name, row]) => digestPart(name, row.kind === 'link' ? 2 : 0, row.at[root]?.revision ?? '')).join(''));
      return {
        path: directory,
        rows,
        entryCounts: roots.map((_, root) => rows.filter(([, row]) => row.at[root]).length),
        digests: isSettled ? roots.map((_, root) => digest(root)) : undefined,
      };
    });
}

async function found(file: string, roots: readonly string[]): Promise<{ readonly directories: unknown; readonly joined: readonly boolean[] }> {
  const database = await open(file, { roots, simulation: true });
  const directories = [...database.directories()].map((one) => ({
    path: one.path,
    rows: [...one.rows()],
    entryCounts: one.entryCounts,
    digests: one.digests,
  }));
  await database.close();
  return { directories, joined: database.joined };
}

test('whatever is recorded, forgotten, committed, closed or killed, the database holds what a plain map would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(session, { minLength: 1, maxLength: 5 }), (sessions) =>
      withFolder(async (file) => {
        let model: Model = { rows: new Map(), joined: new Set() };
        for (const one of sessions) {
          model = await runSession(file, model, one);
          for (const roots of [ROOTS, one.roots, ROOTS.slice(0, 2)]) {
            const { directories, joined } = await found(file, roots);
            assert.deepEqual(directories, expected(model, roots));
            assert.deepEqual(
              joined,
              roots.map((root) => model.joined.has(root)),
            );
          }
        }
      }),
    ),
    { numRuns: Number(process.env['SXRUN_TEST_RUNS'] ?? 150) },
  );
});
