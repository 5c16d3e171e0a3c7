import { homedir } from 'node:os';
import { openLocal } from './backends/local/open-local.ts';
import type { FoundBin } from './bin.ts';
import { desktopTrash } from './bins/desktop-trash.ts';
import { systemBin } from './bins/system-bin.ts';
import { type DesktopFacts, findTrash, lookForTrash } from './bins/trash-folder.ts';
import { VfsError } from './vfs-error.ts';

/** Whose desktop it is, and what system. */
export interface BinFacts extends DesktopFacts {
  readonly platform: NodeJS.Platform;
}

/** Of this process. With SXRUN_HOME that folder is all there is, as for secrets. */
export function factsOfThisDesktop(): BinFacts | undefined {
  if (process.env['SXRUN_HOME'] !== undefined) return undefined;
  return { platform: process.platform, environment: process.env, home: homedir(), userId: process.getuid?.() ?? -1 };
}

/**
 * The recycle bin for a folder of this machine: on macOS and Windows the system's (not of network shares), on Linux the desktop's trash of the volume; elsewhere,
 * and on servers, none. `signal` ends what it does.
 */
export async function openBin(rootPath: string, signal: AbortSignal, facts = factsOfThisDesktop()): Promise<FoundBin> {
  if (facts === undefined) return { kind: 'none', because: undefined };
  const options = { followLinks: false, flushEachFile: false, isRealPath: true, signal };
  try {
    if (facts.platform === 'darwin' || facts.platform === 'win32') {
      if (/^[\\/]{2}/.test(rootPath)) return { kind: 'none', because: 'network shares have no bin' };
      return { kind: 'bin', bin: systemBin({ root: await openLocal(rootPath, options), rootPath, trash }) };
    }
    if (facts.platform !== 'linux') return { kind: 'none', because: undefined };
    const found = findTrash(rootPath, facts);
    if (found.kind === 'none') return found;
    const root = await openLocal(rootPath, options);
    const folder = found.folder;
    const trashFolder = await openLocal(folder.path, { ...options, isRealPath: false });
    return { kind: 'bin', bin: desktopTrash({ root, rootPath, trash: trashFolder, folder }) };
  } catch (error) {
    if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
    return { kind: 'none', because: error.message };
  }
}

/** Whether `openBin` looks for one there. */
export function mayHaveBin(rootPath: string, facts = factsOfThisDesktop()): boolean {
  if (facts === undefined) return false;
  if (facts.platform === 'linux') return lookForTrash(rootPath, facts).kind === 'found';
  return (facts.platform === 'darwin' || facts.platform === 'win32') && !/^[\\/]{2}/.test(rootPath);
}

async function trash(paths: readonly string[]): Promise<void> {
  const { default: moveToTrash } = await import('trash');
  await moveToTrash([...paths], { glob: false });
}
