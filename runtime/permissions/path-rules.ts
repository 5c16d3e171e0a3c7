import { lstatSync, type Stats } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { RelPath } from '../vfs/path.ts';
import { printable } from '../printable.ts';
import { andAbove, identityOf } from './identity.ts';
import { isBelow } from './path-match.ts';
import { PermissionError } from './permission-error.ts';
import { plainPath, realPathOf, realPathOfName, type RealPath } from './real-path.ts';

/** What holds for every path, whatever is granted. */
export interface PathRules {
  /**
   * The real path, to be compared with grants and to be opened (opening the path as it was written would let a link swapped in meanwhile count).
   * With `itself` a link at the path is kept. Rejects with PermissionError `refused` for sxrun's own stores, process memory and environment, devices, and what cannot be resolved.
   */
  resolve(path: string, as?: { readonly itself: boolean }): Promise<string>;
  /** Folders below a real path that stay out of reach although the path itself may be used, relative to it. They need not exist. */
  refusedBelow(realPath: string): Promise<readonly RelPath[]>;
}

/** `ownFolders`: see own-folders.ts, `protected`; files that are as far out of reach, too. */
export function createPathRules(ownFolders: readonly string[]): PathRules {
  return {
    async resolve(path, as) {
      const real = as?.itself === true ? await realPathOfName(path) : await realPathOf(path);
      const reason = (await ownStore(real, ownFolders)) ?? systemEntry(real) ?? spelling(path, real) ?? (await device(real));
      if (reason) throw new PermissionError('refused', `${printable(path)} is out of reach whatever is granted: ${reason}`);
      return real.path;
    },
    async refusedBelow(realPath) {
      const inside = (await Promise.all(ownFolders.map(realPathOf))).map((folder) => folder.path);
      if (realPath === '/') inside.push('/proc', '/dev');
      const below = inside.filter((folder) => isBelow(folder, realPath) && folder !== realPath);
      return [...new Set(below.map((folder) => relative(realPath, folder).split(sep).join('/')))].sort();
    },
  };
}

/**
 * By path, case never counting, and by the identity of what exists of it: bind mounts, shares of this machine and file systems that ignore case lead to
 * the same folder.
 */
async function ownStore(real: RealPath, ownFolders: readonly string[]): Promise<string | undefined> {
  const reason = "it belongs to sxrun's own settings, secrets, cache and audit log";
  const folders = await Promise.all(ownFolders.map((folder) => plainPath(folder) ?? realPathOf(folder)));
  const places = [real.path, ...real.links];
  if (folders.some((folder) => places.some((place) => isBelow(place, folder.path, true)))) return reason;
  const own = folders.map(({ path, existing }) => ({ holder: identityOf(existing), missing: beyond(path, existing) }));
  for (const place of andAbove(real.existing)) {
    const here = identityOf(place);
    if (own.some(({ holder, missing }) => here !== undefined && holder === here && isBelow(beyond(real.path, place), missing, true))) return reason;
  }
  return undefined;
}

/** What `path` has after `folder`, which it is below: empty, or from the separator on. */
function beyond(path: string, folder: string): string {
  const rest = path.slice(folder.length);
  return rest === '' || rest.startsWith(sep) ? rest : sep + rest;
}

/** Entries of /proc that show a process from inside (environment, memory, open files, other roots), and names of memory and of open files in /dev. */
const PROCESS_ENTRY = /^\/proc(?:$|\/(?:\d+|self|thread-self|curproc|kcore|kmem|kmsg|vmcore|keys|sysrq-trigger)(?:\/|$))/;
/** On macOS `/.vol/DEVICE/INODE` is any file, whatever its path. */
const VOLUME_ENTRY = /^\/\.vol(?:\/|$)/;
const MEMORY_ENTRY = /^\/dev\/(?:mem|kmem|port|core|kmsg|fd|stdin|stdout|stderr)(?:\/|$)/;

/** Also the links on the way count: `/proc/self/cwd` would lead to a harmless path. */
function systemEntry(real: RealPath): string | undefined {
  if (process.platform === 'win32') return undefined;
  const places = [real.path, ...real.links];
  if (places.some((place) => PROCESS_ENTRY.test(place))) return 'it shows what is inside of processes';
  if (process.platform === 'darwin' && places.some((place) => VOLUME_ENTRY.test(place))) return 'it names a file by its number';
  return places.some((place) => MEMORY_ENTRY.test(place)) ? 'it is memory or an open file of a process' : undefined;
}

function spelling(path: string, real: RealPath): string | undefined {
  return process.platform === 'win32' ? windowsSpelling(path, real) : undefined;
}

/**
 * Windows knows a file by more names than its own: device paths, streams, dots and spaces at the end, names of devices. What exists comes back from the system in its own spelling; what
 * does not exist yet must be spelled so.
 */
export function windowsSpelling(path: string, real: Pick<RealPath, 'path' | 'existing'>): string | undefined {
  if (/^[\\/]{2}[.?][\\/]|^[\\/]\?\?[\\/]/.test(path)) return 'it is a device path; write it with a drive letter';
  const parts = real.path.replace(/^[a-z]:/i, '').split(/[\\/]/);
  if (parts.some((part) => part.includes(':'))) return 'it names a stream of a file';
  if (parts.some((part) => /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:[. ].*)?$/i.test(part))) return 'it is a device';
  const missing = real.path.slice(real.existing.length).split(/[\\/]/);
  return missing.some((part) => /[. ]$/.test(part)) ? 'Windows would take a part of it for another name' : undefined;
}

const PROCFS = 0x9fa0;

async function device(real: RealPath): Promise<string | undefined> {
  const found = entryAt(real.existing);
  if (found?.isBlockDevice() || found?.isCharacterDevice()) return 'it is a device';
  if (found === undefined || process.platform !== 'linux' || isBelow(real.path, '/proc')) return undefined;
  return (await isProcessVolume(real.existing, found.dev)) ? 'it shows what is inside of processes' : undefined;
}

/** By device number, so that a volume is asked once what it is. */
const processVolumes = new Map<number, boolean>();

async function isProcessVolume(path: string, device: number): Promise<boolean> {
  const known = processVolumes.get(device);
  if (known !== undefined) return known;
  const volume = await statfs(path).catch(() => undefined);
  if (volume !== undefined) processVolumes.set(device, volume.type === PROCFS);
  return volume?.type === PROCFS;
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Whatever the reason: what cannot be looked at cannot be used.
    return undefined;
  }
}
