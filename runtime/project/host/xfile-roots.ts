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
  release(): void;
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
  /** Device and inode of a local folder when it was opened: a folder that was removed and made again is another one. */
  readonly identity: string | undefined;
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

  function drop(key: string, root: Opened): void {
    if (opened.get(key) === root) opened.delete(key);
    if (root.users > 0) return;
    root.vfs.then((vfs) => vfs.close()).catch(ignoreFailedOpening);
  }

  function closeOldest(): void {
    for (const [key, root] of opened) {
      if (opened.size <= MOST_OPEN) return;
      if (root.users === 0) drop(key, root);
    }
  }

  return {
    async hold(address) {
      const key = formatAddress(address);
      const identity = identityOf(address);
      const known = opened.get(key);
      if (known !== undefined && known.identity !== identity) drop(key, known);
      const root = known?.identity === identity && known !== undefined ? known : { address, vfs: open(address), identity, users: 0 };
      opened.delete(key);
      opened.set(key, root);
      root.users++;
      const release = () => {
        root.users--;
        if (opened.get(key) !== root) drop(key, root);
        else closeOldest();
      };
      try {
        return { vfs: await root.vfs, release };
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

function identityOf({ base }: RootAddress): string | undefined {
  const stats = base.kind === 'local' ? lstatSync(base.path, { bigint: true, throwIfNoEntry: false }) : undefined;
  return stats && `${stats.dev}:${stats.ino}`;
}

/** Whoever asked for the root was told. */
function ignoreFailedOpening(error: unknown): void {
  if (!(error instanceof VfsError)) throw error;
}
