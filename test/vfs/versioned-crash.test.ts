import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { type VersionedOptions, versioned } from '../../runtime/vfs/layers/versioned.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Expected, LocalEnd, Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { faultyVfs, stopAt, World } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { link, put, snapshot, type Tree } from '../kit/tree.ts';

type Place = VersionedOptions['place'];

const PRESENT: Tree = { f: 'old f', l: link('f'), 'd/a': 'old a', 'd/sub/b': 'old b' };
const BEFORE: Readonly<Record<Place, Tree>> = {
  beside: { ...PRESENT, 'd/XVS/001.a': 'older a', 'e/XVS/001.c': 'old c' },
  top: { ...PRESENT, '.recycle/d/001.a': 'older a', '.recycle/e/001.c': 'old c', 'e/': null },
};

/** What the layer is asked to do, and what its path may hold at any instant. */
interface Action {
  act(vfs: Vfs): Promise<unknown>;
  readonly path: string;
  /** As `shownAt` gives it. */
  readonly may: readonly string[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  'a file is overwritten': {
    act: async (vfs) => vfs.write('f', bytesContent('new f'), { expected: await expectedAt(vfs, 'f') }),
    path: 'f',
    may: ['old f', 'new f'],
  },
  'a file is removed': { act: async (vfs) => vfs.removeFile('f', await expectedAt(vfs, 'f')), path: 'f', may: ['old f', 'nothing'] },
  'a file moves away': { act: async (vfs) => vfs.rename('f', 'g', await expectedAt(vfs, 'f')), path: 'f', may: ['old f', 'nothing'] },
  'a file becomes a link': {
    act: async (vfs) => vfs.link('f', 'd', { expected: await expectedAt(vfs, 'f') }),
    path: 'f',
    may: ['old f', 'link to d'],
  },
  'a file becomes a directory': {
    act: async (vfs) => vfs.replace('f', { kind: 'directory', expected: await expectedAt(vfs, 'f') }),
    path: 'f',
    may: ['old f', 'directory'],
  },
  'a link is overwritten by a file': {
    act: async (vfs) => vfs.write('l', bytesContent('new l'), { expected: { kind: 'link', target: 'f' } }),
    path: 'l',
    may: ['link to f', 'new l'],
  },
  'a directory becomes a file': {
    act: async (vfs) => vfs.replace('d', { kind: 'file', content: bytesContent('new d'), as: { expected: { kind: 'directory' } } }),
    path: 'd',
    may: ['directory', 'new d'],
  },
  'a directory with nothing but versions is removed': { act: (vfs) => vfs.removeDirectory('e'), path: 'e', may: ['directory', 'nothing'] },
};

interface RootKind {
  /** Empty. */
  make(context: TestContext): Promise<Vfs>;
  over(inner: Vfs): Vfs;
  /** A crash can come amid a rename. */
  readonly renamesInSteps: boolean;
}

const inMemory = async () => new MemoryVfs();
const asItIs = (inner: Vfs) => inner;
const ROOTS: Readonly<Record<string, RootKind>> = {
  'that renames': { make: inMemory, over: asItIs, renamesInSteps: false },
  'that renames by copying': { make: inMemory, over: withCopyingRename, renamesInSteps: true },
  'without times': { make: async () => new MemoryVfs({ traits: { timePrecisionMs: undefined } }), over: asItIs, renamesInSteps: false },
  'on this machine, with hard links': { make: aFolder, over: asItIs, renamesInSteps: false },
};

async function aFolder(context: TestContext): Promise<Vfs> {
  const folder = await mkdtemp(join(tmpdir(), 'sxrun-versioned-crash-'));
  const vfs = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  context.after(async () => {
    await vfs.close();
    await rm(folder, { recursive: true, force: true });
  });
  return vfs;
}

/** Second names pass the faults as well. */
function faulty(inner: Vfs, world: World): Vfs {
  const { local } = inner;
  if (local === undefined) return faultyVfs(inner, world);
  const addName: LocalEnd['addName'] = (from, to, expected) => world.pass(0, 'link', to, () => local.addName(from, to, expected));
  return Object.assign(faultyVfs(inner, world), { local: Object.assign(Object.create(local) as LocalEnd, { addName }) });
}

for (const place of ['beside', 'top'] as const) {
  describe(`a stop at any step of an action leaves every old content, and the old or the new at its path; versions lie ${place}`, () => {
    for (const [root, { make, over, renamesInSteps }] of Object.entries(ROOTS)) {
      for (const [title, { act, path, may }] of Object.entries(ACTIONS)) {
        test(`${title}, on a root ${root}`, async (context) => {
          const whole = new World();
          await run(await filled(await make(context), place), whole, { place, over, act });
          assert.ok(whole.mutationCount > 0);
          for (let step = 1; step <= whole.mutationCount; step++) {
            for (const when of ['before', 'after'] as const) {
              const inner = await filled(await make(context), place);
              const world = new World([stopAt(step, when)]);
              const end = await Promise.race([world.stopped, run(inner, world, { place, over, act }).then(() => 'ended')]);
              assert.equal(end, 'stopped');
              const at = `stopped ${when} step ${step}: ${JSON.stringify(await snapshot(inner))}`;
              holdsAllOf(BEFORE[place], await snapshot(inner), at);
              const shown = await shownAt(inner, path);
              assert.ok(may.includes(shown), at);
              if (shown !== may[0]) continue;
              // The next run finds that it is still to be done.
              const next = layer(over(inner), place);
              await act(next).catch(amidARename);
              await next.flush();
              const after = await snapshot(inner);
              holdsAllOf(BEFORE[place], after, `again, ${at}`);
              if (!renamesInSteps || !title.includes('directory')) holdsEachOnce(BEFORE[place], after, at);
            }
          }
        });
      }
    }
  });
}

async function filled(vfs: Vfs, place: Place): Promise<Vfs> {
  await put(vfs, BEFORE[place]);
  return vfs;
}

function layer(inner: Vfs, place: Place): Vfs {
  const folder = place === 'top' ? '.recycle' : 'XVS';
  return versioned(inner, { prefix: 'uxvs:', folder, place, max: 10_000, isExcluded: () => false, keep: undefined, now: Date.now });
}

interface Doing {
  readonly place: Place;
  readonly over: (inner: Vfs) => Vfs;
  readonly act: Action['act'];
}

async function run(inner: Vfs, world: World, { place, over, act }: Doing): Promise<void> {
  const vfs = layer(over(faulty(inner, world)), place);
  await act(vfs);
  await vfs.flush();
}

/** Every content of the one tree is somewhere in the other. */
function holdsAllOf(old: Tree, now: Tree, message: string): void {
  const contents = new Set(Object.values(now).map((value) => JSON.stringify(value)));
  for (const value of Object.values(old))
    assert.ok(value === null || contents.has(JSON.stringify(value)), `${JSON.stringify(value)} is lost; ${message}`);
}

/** Both names are there, as after any copy: a run finds nothing to do. */
function amidARename(error: unknown): void {
  assert.ok(error instanceof VfsError && error.code === 'exists', String(error));
}

/** What was aside already when the run was stopped is not put aside once more. */
function holdsEachOnce(old: Tree, now: Tree, message: string): void {
  const contents = Object.entries(now).filter(([path, value]) => typeof value === 'string' && !path.endsWith('.jsonl') && value.startsWith('old'));
  for (const value of Object.values(old)) {
    const paths = contents.filter(([path, content]) => content === value && /^(?:.*\/)?(?:XVS|\.recycle)\//.test(path)).map(([path]) => path);
    assert.ok(paths.length <= 1, `${JSON.stringify(value)} is at ${paths.join(', ')}; ${message}`);
  }
}

async function shownAt(vfs: Vfs, path: string): Promise<string> {
  const entry = await vfs.stat(path);
  if (entry === undefined) return 'nothing';
  if (entry.kind === 'link') return `link to ${entry.target}`;
  return entry.kind === 'file' ? String((await snapshot(vfs))[path]) : 'directory';
}

async function expectedAt(vfs: Vfs, path: string): Promise<Expected> {
  const entry = await vfs.stat(path);
  assert.ok(entry?.kind === 'file', `${path} is no file`);
  return { kind: 'file', revision: entry.revision };
}
