import { nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import { inContent, VfsError } from '../vfs/vfs-error.ts';
import { type Below, type Content, type LinkNode, NOTHING, type Replacement, type Stamp, type Vfs, type WriteAs } from '../vfs/vfs.ts';
import { type Change, type Step, versionOf } from './plan.ts';
import type { Leaf } from './row.ts';
import type { EngineRoot } from './sync-run.ts';

/** Does one step and resolves to what the root now has there. Rejects with VfsError; then the root has what it had. */
export async function performStep(change: Change, step: Step, roots: readonly EngineRoot[]): Promise<Stamp | undefined> {
  const vfs = vfsOf(step.to, roots);
  switch (step.op) {
    case 'make':
      await vfs.makeDirectory(change.path);
      return undefined;
    case 'copy':
      return copy(change, step, vfs, roots);
    case 'replace':
      return replace(change, step, vfs, roots);
    case 'touch':
      return vfs.setModified(change.path, leafOf(change).modifiedMs ?? 0, step.expected);
    case 'move':
      return move(change, step, vfs, roots);
    case 'remove':
      await checkGone(change, step, roots);
      if (step.expected.kind === 'directory') await vfs.removeDirectory(change.path);
      else await vfs.removeFile(change.path, step.expected);
      return undefined;
  }
}

/** Where renaming is not possible (a mount point in between) the content is copied, and the old name goes after that. */
async function move(change: Change, step: Step, vfs: Vfs, roots: readonly EngineRoot[]): Promise<Stamp | undefined> {
  const from = step.movedFrom ?? change.path;
  try {
    const entry = await vfs.rename(from, change.path, step.expected);
    return entry.kind === 'file' ? entry : undefined;
  } catch (error) {
    if (!(error instanceof VfsError) || error.code !== 'cross-device') throw error;
  }
  const stamp = await vfs.write(change.path, contentOf(change, roots), { ...writeAs(leafOf(change), step), expected: NOTHING });
  await vfs.removeFile(from, step.expected);
  return stamp;
}

/** What is removed because it is gone elsewhere must still be gone there. */
async function checkGone(change: Change, step: Step, roots: readonly EngineRoot[]): Promise<void> {
  for (const [root, held] of change.row.at.entries()) {
    if (held !== undefined || root === step.to || roots[root]?.targetOnly) continue;
    if (await isThere(change.path, vfsOf(root, roots))) throw new VfsError('changed', change.path, `it is back on root ${root}`);
  }
}

/** In just that case, all the way: a root that ignores case also finds what was only renamed so. */
async function isThere(path: RelPath, vfs: Vfs): Promise<boolean> {
  if ((await vfs.stat(path)) === undefined) return false;
  for (let at = vfs.traits.caseSensitive ? '' : path; at !== ''; at = parentOf(at)) {
    if (!(await vfs.list(parentOf(at))).some(({ name }) => name === nameOf(at))) return false;
  }
  return true;
}

async function copy(change: Change, step: Step, vfs: Vfs, roots: readonly EngineRoot[]): Promise<Stamp | undefined> {
  const source = leafOf(change);
  if (source.kind === 'link') {
    await checkLink(change, source, roots);
    await vfs.link(change.path, source.target, { expected: step.expected, ...modified(source) });
    return undefined;
  }
  return vfs.write(change.path, contentOf(change, roots), writeAs(source, step));
}

async function replace(change: Change, step: Step, vfs: Vfs, roots: readonly EngineRoot[]): Promise<Stamp | undefined> {
  if (change.kind === 'directory') return vfs.replace(change.path, { kind: 'directory', expected: step.expected });
  return vfs.replace(change.path, replacementBy(leafOf(change), change, step, roots));
}

/** What goes with a directory that is replaced must be exactly what was planned. */
function replacementBy(source: Leaf, change: Change, step: Step, roots: readonly EngineRoot[]): Replacement {
  const below: Below = new Map([...(change.below?.get(step.to) ?? [])].map(([path, { version }]) => [path, version]));
  if (source.kind === 'link') return { kind: 'link', target: source.target, expected: step.expected, below, ...modified(source) };
  return { kind: 'file', content: contentOf(change, roots), as: writeAs(source, step), below };
}

async function checkLink(change: Change, source: LinkNode, roots: readonly EngineRoot[]): Promise<void> {
  const now = await vfsOf(change.from ?? 0, roots)
    .stat(change.sourcePath)
    .catch(ofContent);
  if (now?.kind === 'link' && now.target === source.target) return;
  throw new VfsError('changed', change.sourcePath, 'the link is not what it was', { inContent: true });
}

function contentOf(change: Change, roots: readonly EngineRoot[]): Content {
  const content = vfsOf(change.from ?? 0, roots).content(change.sourcePath, versionOf(leafOf(change)));
  const { size, local } = content;
  return { ...(size === undefined ? {} : { size }), ...(local === undefined ? {} : { local }), open: (from) => reading(content, from) };
}

async function* reading(content: Content, from: number | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content.open(from);
  } catch (error) {
    ofContent(error);
  }
}

function ofContent(error: unknown): never {
  throw error instanceof VfsError ? inContent(error) : error;
}

function writeAs(source: Leaf, step: Step): WriteAs {
  return { expected: step.expected, ...modified(source), ...(source.kind === 'file' && source.mode !== undefined ? { mode: source.mode } : {}) };
}

function modified({ modifiedMs }: Leaf): { modifiedMs?: number } {
  return modifiedMs === undefined ? {} : { modifiedMs };
}

function leafOf(change: Change): Leaf {
  const held = change.row.at[change.from ?? 0];
  if (held?.kind !== 'file' && held?.kind !== 'link') throw new TypeError(`no root holds the file that "${change.path}" is to become`);
  return held;
}

function vfsOf(root: number, roots: readonly EngineRoot[]): Vfs {
  const found = roots[root];
  if (found === undefined) throw new TypeError(`there is no root ${root}`);
  return found.vfs;
}
