import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EngineRoot } from '../engine/sync-run.ts';
import type { PathRules } from '../permissions/path-rules.ts';
import { openLocal, type LocalOptions } from '../vfs/backends/local/open-local.ts';
import { walkLocal } from '../vfs/backends/local/walk-local.ts';
import { madeOnDemand } from '../vfs/layers/made-on-demand.ts';
import { shadowed } from '../vfs/layers/shadowed.ts';
import { walkByListing } from '../vfs/walk-listing.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import type { Vfs } from '../vfs/vfs.ts';
import type { CheckedProject, CheckedRoot } from './options.ts';
import { placeRoots, type RootPlace } from './root-places.ts';

export interface OpenRootsOptions {
  /** Ends every pending call of the back ends. */
  readonly signal: AbortSignal;
  readonly flushEachFile: boolean;
  readonly pathRules: PathRules;
}

/**
 * Opens a project's roots, whose paths are real paths that may be used. Rejects with VfsError `unreachable` for a root that is missing or no folder, with
 * OptionError where two are the same folder.
 */
export async function openRoots(project: CheckedProject, options: OpenRootsOptions): Promise<readonly EngineRoot[]> {
  const places = placeRoots(project.roots);
  const opened: EngineRoot[] = [];
  try {
    for (const [index, root] of project.roots.entries()) {
      const place = places[index];
      if (place !== undefined) opened.push(await openRootAt(root, place, project, options));
    }
  } catch (error) {
    await closeRoots(opened);
    throw error;
  }
  return opened;
}

export async function closeRoots(roots: readonly EngineRoot[]): Promise<void> {
  await Promise.all(roots.map((root) => root.vfs.close()));
}

async function openRootAt(root: CheckedRoot, place: RootPlace, project: CheckedProject, options: OpenRootsOptions): Promise<EngineRoot> {
  const local: LocalOptions = { followLinks: project.symlinks === 'follow', signal: options.signal, flushEachFile: options.flushEachFile };
  const isMissing = root.autoMkdir && !existsSync(place.realPath);
  const innerRoots = [...place.innerRoots, ...(await options.pathRules.refusedBelow(place.realPath))];
  const vfs = await openWithShadows(root, place, isMissing, local);
  return {
    vfs,
    targetOnly: root.targetOnly,
    innerRoots,
    walk: (walkOptions) => (isMissing ? walkByListing(vfs, walkOptions) : walkLocal(place.realPath, walkOptions)),
  };
}

async function openWithShadows(root: CheckedRoot, place: RootPlace, isMissing: boolean, local: LocalOptions): Promise<Vfs> {
  const inner = isMissing ? await onDemand(place.realPath, local) : await openLocal(place.realPath, local);
  const shadows: Vfs[] = [];
  try {
    for (const path of place.shadows) shadows.push(await openShadow(path, root, local));
  } catch (error) {
    await Promise.all([inner, ...shadows].map((vfs) => vfs.close()));
    throw error;
  }
  return shadowed(inner, shadows);
}

/** Like a root: a folder that is missing is a typing error or a disk that is not there, unless `autoMkdir` says otherwise. */
async function openShadow(path: string, root: CheckedRoot, local: LocalOptions): Promise<Vfs> {
  if (existsSync(path)) return openLocal(path, local);
  if (root.autoMkdir) return onDemand(path, local);
  const orElse = root.targetOnly ? ', or set "autoMkdir" on its root' : '';
  throw new VfsError('unreachable', '', `the shadow ${path} does not exist; create it, or correct its path${orElse}`);
}

async function onDemand(path: string, local: LocalOptions): Promise<Vfs> {
  const traits = await traitsBeside(path, local);
  return madeOnDemand({ label: path, traits }, async () => {
    await mkdir(path, { recursive: true }).catch((cause: unknown) => {
      throw new VfsError('unreachable', '', `the folder ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    });
    return openLocal(path, local);
  });
}

/** A folder that is made will be like the nearest one that exists. */
async function traitsBeside(path: string, local: LocalOptions): Promise<Vfs['traits']> {
  let nearest = dirname(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const beside = await openLocal(nearest, local);
  await beside.close();
  return beside.traits;
}
