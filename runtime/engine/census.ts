import { ENTRY_FILE, ENTRY_KILLED, ENTRY_LINK } from '../vfs/walk.ts';
import { isInScope, type JudgedView } from './filters.ts';

/** One root's figures for the guard. */
export interface RootCensus {
  /** Entries in scope that were found, those included that are to be killed and that the database knew. */
  entries: number;
  /** Files and links among them. */
  files: number;
  /** Entries that the database knew. */
  knownEntries: number;
  knownFiles: number;
  /** Files found that are to be killed and that the database did not know. */
  strangersToKill: number;
}

export function emptyCensus(): RootCensus {
  return { entries: 0, files: 0, knownEntries: 0, knownFiles: 0, strangersToKill: 0 };
}

/** Adds one directory to the figures of every root. */
export function countDirectory(view: JudgedView, census: readonly RootCensus[]): void {
  for (const [root, figures] of census.entries()) {
    figures.knownEntries += view.known?.entryCounts[root] ?? 0;
    figures.knownFiles += view.known?.fileCounts[root] ?? 0;
    const listing = view.listings[root];
    if (listing === undefined) continue;
    if (listing.hasHidden || listing.hasKilled || view.filesOut?.size || view.directoriesOut?.size) {
      countOneByOne(view, root, figures);
    } else {
      figures.entries += listing.count;
      figures.files += listing.fileCount;
    }
  }
}

function countOneByOne(view: JudgedView, root: number, figures: RootCensus): void {
  const listing = view.listings[root];
  const rows = listing?.hasKilled ? view.known?.rows() : undefined;
  for (const [index, name] of listing?.names().entries() ?? []) {
    const kind = listing?.kind(index);
    if (kind === ENTRY_KILLED) {
      if (rows?.get(name)?.at[root] === undefined) figures.strangersToKill++;
      else figures.entries++;
    } else if (isInScope(view, root, index)) {
      figures.entries++;
      if (kind === ENTRY_FILE || kind === ENTRY_LINK) figures.files++;
    }
  }
}
