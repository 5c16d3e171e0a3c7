import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { openSyncDatabase } from '../../runtime/state/sync-database.ts';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { walkLocal } from '../../runtime/vfs/backends/local/walk-local.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { syncTrees, type TreeOptions, type TreeRoot, type TreesEnd } from './run.ts';

export interface Folder {
  readonly path: string;
  readonly targetOnly?: boolean;
  /** Relative to `path`. */
  readonly innerRoots?: readonly string[];
  readonly shadows?: readonly string[];
}

export interface FoldersRun {
  readonly folders: readonly (string | Folder)[];
  readonly options?: TreeOptions;
  /** Path of the sync database. */
  readonly database?: string;
  readonly simulation?: boolean;
  readonly signal?: AbortSignal;
  /** Sees every event as it comes. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** Runs the real engine over real folders with the real database, opened and closed here. */
export async function syncFolders(run: FoldersRun): Promise<TreesEnd> {
  const signal = new AbortController().signal;
  const local = { followLinks: run.options?.symlinks === 'follow', signal, flushEachFile: false };
  const folders = run.folders.map((folder): Folder => (typeof folder === 'string' ? { path: folder } : folder));
  const opened: Vfs[] = [];
  const open = async (path: string): Promise<Vfs> => {
    const vfs = await openLocal(path, local);
    opened.push(vfs);
    return vfs;
  };
  try {
    const roots: TreeRoot[] = [];
    for (const folder of folders) {
      const shadows = await Promise.all((folder.shadows ?? []).map(open));
      const vfs = shadowed(await open(folder.path), shadows);
      roots.push({
        vfs,
        targetOnly: folder.targetOnly === true,
        innerRoots: folder.innerRoots ?? [],
        walk: (options) => walkLocal(folder.path, options),
      });
    }
    const rootKeys = folders.map((folder) => folder.path);
    const targetOnly = folders.map((folder) => folder.targetOnly === true);
    const simulation = run.simulation === true;
    const baseline =
      run.database === undefined ? undefined : await openSyncDatabase(run.database, { rootKeys, targetOnly, simulation, signal, now: Date.now });
    try {
      return await syncTrees({
        roots,
        options: run.options ?? {},
        baseline,
        simulation,
        now: Date.now,
        ...(run.signal === undefined ? {} : { signal: run.signal }),
        ...(run.onEvent === undefined ? {} : { onEvent: run.onEvent }),
      });
    } finally {
      await baseline?.close();
    }
  } finally {
    await Promise.all(opened.map((vfs) => vfs.close()));
  }
}

/** A fresh folder that is removed when the test ends. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'sxrun-test-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
