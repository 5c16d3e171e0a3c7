import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { Expected, Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { faultyVfs, stopAt, World } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { link, put, snapshot, type Tree } from '../kit/tree.ts';

const BEFORE: Tree = { f: 'old f', l: link('f'), 'd/a': 'old a', 'd/sub/b': 'old b', 'd/XVS/001.a': 'older a', 'e/XVS/001.c': 'old c' };

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

const ROOTS: Readonly<Record<string, (inner: Vfs) => Vfs>> = { 'that renames': (inner) => inner, 'that renames by copying': withCopyingRename };

describe('a stop at any step of an action leaves every old content, and the old or the new at its path', () => {
  for (const [root, over] of Object.entries(ROOTS)) {
    for (const [title, { act, path, may }] of Object.entries(ACTIONS)) {
      test(`${title}, on a root ${root}`, async () => {
        const whole = new World();
        await run(await filled(), whole, over, act);
        assert.ok(whole.mutationCount > 0);
        for (let step = 1; step <= whole.mutationCount; step++) {
          for (const when of ['before', 'after'] as const) {
            const memory = await filled();
            const world = new World([stopAt(step, when)]);
            const end = await Promise.race([world.stopped, run(memory, world, over, act).then(() => 'ended')]);
            assert.equal(end, 'stopped');
            const at = `stopped ${when} step ${step}: ${JSON.stringify(await snapshot(memory))}`;
            holdsAllOf(BEFORE, await snapshot(memory), at);
            assert.ok(may.includes(await shownAt(memory, path)), at);
            await act(layer(over(memory))).catch((error: unknown) => assert.match(String(error), /VfsError|AssertionError/));
            holdsAllOf(BEFORE, await snapshot(memory), `again, ${at}`);
          }
        }
      });
    }
  }
});

async function filled(): Promise<MemoryVfs> {
  const memory = new MemoryVfs();
  await put(memory, BEFORE);
  return memory;
}

function layer(inner: Vfs): Vfs {
  return versioned(inner, { prefix: 'uxvs:', folder: 'XVS', place: 'beside', max: 10_000, isExcluded: () => false, keep: undefined, now: Date.now });
}

async function run(memory: MemoryVfs, world: World, over: (inner: Vfs) => Vfs, act: Action['act']): Promise<void> {
  const vfs = layer(over(faultyVfs(memory, world)));
  await act(vfs);
  await vfs.flush();
}

/** Every content of the one tree is somewhere in the other. */
function holdsAllOf(old: Tree, now: Tree, message: string): void {
  const contents = new Set(Object.values(now).map((value) => JSON.stringify(value)));
  for (const value of Object.values(old)) assert.ok(contents.has(JSON.stringify(value)), `${JSON.stringify(value)} is lost; ${message}`);
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
