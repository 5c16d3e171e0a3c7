import { lstatSync } from 'node:fs';
import { formatAddress, type RootAddress } from '../../vfs/root-address.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import type { HostContext } from './host-function.ts';
import { isBelow } from '../../permissions/path-match.ts';

/** More are closed, the one that was not used for the longest time first. */
const MOST_OPEN = 16;

export interface HeldRoot {
  readonly vfs: Vfs;
  /**
   * Something was changed there: when it resolves, others find it. An archive gets what was changed in one go, so it has to be told; it is then closed as soon as nobody uses it, and free for others.
   * Rejects with VfsError.
   */
  settle(): Promise<void>;
  release(): Promise<void>;
}

/** The roots that one script's calls have opened: they stay open, so that a loop over many files opens its root once. */
export interface OpenedRoots {
  /** Opens the root, or takes it as it is; it stays open until `release`, at least. Local paths of the address are real paths that were permitted. */
  hold(root: RootAddress): Promise<HeldRoot>;
  /** An open folder above `path`, under the same layers; undefined: none. */
  openFolderAround(path: string, address: RootAddress): string | undefined;
  close(): Promise<void>;
}

interface Opened {
  readonly address: RootAddress;
  readonly vfs: Promise<Vfs>;
  /** What it was when it was opened; see `identityOf`. */
  readonly identity: string | undefined;
  /** It is not kept open: it was changed, or nobody can tell whether others change it. */
  isBrief: boolean;
  users: number;
}

export interface RootsOptions {
  /** Ends every pending call. */
  readonly signal: AbortSignal;
  readonly flushEachFile: boolean;
  readonly openRoot: HostContext['openRoot'];
}

export function createOpenedRoots({ openRoot, signal, flushEachFile }: RootsOptions): OpenedRoots {
  /** The one used last is last. */
  const opened = new Map<string, Opened>();

  async function drop(key: string, root: Opened): Promise<void> {
    if (opened.get(key) === root) opened.delete(key);
    if (root.users === 0) await root.vfs.then((vfs) => vfs.close()).catch(ignoreFailedOpening);
  }

  function closeOldest(): void {
    for (const [key, root] of opened) {
      if (opened.size <= MOST_OPEN) return;
      if (root.users === 0) void drop(key, root);
    }
  }

  return {
    async hold(address) {
      const key = formatAddress(address);
      const identity = identityOf(address);
      const known = opened.get(key);
      const isSame = known !== undefined && (known.identity === identity || (known.users > 0 && isArchive(address)));
      if (known !== undefined && !isSame) void drop(key, known);
      const root = isSame ? known : { address, vfs: open(address), identity, isBrief: isArchive(address) && identity === undefined, users: 0 };
      opened.delete(key);
      opened.set(key, root);
      root.users++;
      const release = async () => {
        root.users--;
        if (opened.get(key) !== root || (root.isBrief && root.users === 0)) await drop(key, root);
        else closeOldest();
      };
      try {
        const vfs = await root.vfs;
        const settle = async () => {
          if (!isArchive(address)) return;
          root.isBrief = true;
          await vfs.flush();
        };
        return { vfs, settle, release };
      } catch (error) {
        opened.delete(key);
        throw error;
      }
    },
    openFolderAround(path, { layers }) {
      const alike = JSON.stringify(layers);
      for (const { address } of [...opened.values()].reverse()) {
        const { base } = address;
        if (base.kind === 'local' && base.path !== path && isBelow(path, base.path, false) && JSON.stringify(address.layers) === alike)
          return base.path;
      }
      return undefined;
    },
    async close() {
      const all = [...opened.values()];
      opened.clear();
      for (const { vfs } of all) await vfs.then((root) => root.close()).catch(ignoreFailedOpening);
    },
  };

  async function open(address: RootAddress): Promise<Vfs> {
    const { vfs } = await openRoot(address, { followLinks: false, makeMissing: false, isRealPath: true, signal, flushEachFile });
    return vfs;
  }
}

const openedRoots = new WeakMap<HostContext, OpenedRoots>();

/** Those of a script; closed when it ends. */
export function openedRootsOf(context: HostContext): OpenedRoots {
  const known = openedRoots.get(context);
  if (known !== undefined) return known;
  const { request } = context.command;
  const created = createOpenedRoots({ signal: request.killSignal, flushEachFile: request.fsync, openRoot: context.openRoot });
  openedRoots.set(context, created);
  context.atEnd(() => created.close());
  return created;
}

function isArchive({ base }: RootAddress): boolean {
  return base.kind === 'zip';
}

/** Device and inode of a local folder: one that was removed and made again is another one. Of an archive of this machine its version, too, since others may write it; undefined where that cannot be known. */
function identityOf({ base }: RootAddress): string | undefined {
  const file = base.kind === 'zip' ? base.archive : undefined;
  if (file !== undefined) return file.base.kind === 'local' && file.layers.length === 0 ? versionAt(file.base.path) : undefined;
  const stats = base.kind === 'local' ? lstatSync(base.path, { bigint: true, throwIfNoEntry: false }) : undefined;
  return stats && `${stats.dev}:${stats.ino}`;
}

function versionAt(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

/** Whoever asked for the root was told. */
function ignoreFailedOpening(error: unknown): void {
  if (!(error instanceof VfsError)) throw error;
}
