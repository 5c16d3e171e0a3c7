import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** What a run keeps beside the archive that it changes. The names are ours (`isTransferName`) and never entries of a root. */
export interface OwnFiles {
  /** Held while an archive is changed. */
  readonly lock: string;
  /** Entries that are not in the archive yet: never worth anything to another run. */
  stage(number: number): string;
  /** Tells how far the archive was written: see `Journal`. */
  readonly journal: string;
  readonly folder: string;
}

/** `archive` is an absolute real path: an archive has one lock under all its names. */
export function ownFilesOf(archive: string): OwnFiles {
  const folder = dirname(archive);
  const mark = createHash('sha256').update(basename(archive)).digest('hex').slice(0, 16);
  const named = (what: string) => join(folder, `.sxrun-zip-${mark}-${what}.part`);
  return { folder, lock: named('lock'), journal: named('journal'), stage: (number) => named(`stage${number}`) };
}

/** The number of a stage of this archive among the names of its folder. */
export function isStageOf(archive: string, name: string): boolean {
  const [start = '', end = ''] = basename(ownFilesOf(archive).stage(0)).split('stage0');
  return name.startsWith(`${start}stage`) && name.endsWith(end);
}
