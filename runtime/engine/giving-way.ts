import { joinPath, type RelPath } from '../vfs/path.ts';
import type { Entry } from '../vfs/vfs.ts';
import { type DirectoryListing, ENTRY_HIDDEN } from '../vfs/walk.ts';
import type { GivingWay, Intent } from './ancestry.ts';
import type { BaselineRow } from './baseline.ts';
import type { View } from './march.ts';
import { versionOf } from './plan.ts';
import { isAsRecorded } from './root-state.ts';
import { type DecideRules, isLeaf } from './row.ts';
import { isOwnFile } from './spare-own-files.ts';

/** Nothing was found yet; undefined: the directory does not give way. */
export function givingWayOf(intent: Intent | undefined, rules: DecideRules): GivingWay | undefined {
  if (intent?.decision.kind !== 'directory-becomes-leaf') return undefined;
  const { on } = intent.decision;
  const changed = [...rules.roots.keys()].filter((root) => !rules.roots[root]?.targetOnly && isLeaf(intent.row.at[root]));
  return { on, changed, obstacle: undefined, below: new Map(on.map((root) => [root, new Map()])) };
}

/**
 * Looks at what a directory holds that is to be replaced by a file or link: with a database all of it must be as recorded, and the roots that gave it up must
 * have had it so; without `syncRemove` a target-only root loses no file; with `mirror` nothing may be out of scope. What it finds is the list of what the
 * replacement may take away; the executor checks it again.
 */
export class GivingWayInspector {
  readonly #found: GivingWay;
  readonly #rules: DecideRules;

  constructor(found: GivingWay, rules: DecideRules) {
    this.#found = found;
    this.#rules = rules;
  }

  look(view: View): void {
    for (const root of this.#found.on) {
      const listing = view.listings[root];
      if (listing?.problem !== undefined) this.#obstruct(`"${view.path}" could not be read on root ${root}`);
      else if (listing !== undefined) this.#lookAt(listing, root, view);
      if (this.#rules.database && !this.#isMirrorTarget(root)) this.#findRemoved(listing, root, view);
    }
  }

  #lookAt(listing: DirectoryListing, root: number, view: View): void {
    const rows = this.#rules.database ? view.known?.rows() : undefined;
    const below = this.#found.below.get(root);
    for (const [index, name] of listing.names().entries()) {
      const path = joinPath(view.path, name);
      if (listing.kind(index) === ENTRY_HIDDEN) {
        this.#obstruct(`"${path}" on root ${root} is out of scope`);
        continue;
      }
      if (isOwnFile(root, path, this.#rules)) {
        this.#obstruct(`"${path}" on root ${root} belongs to the project that runs`);
        continue;
      }
      const entry = listing.entry(index);
      if (entry.kind === 'other') {
        this.#obstruct(`"${path}" on root ${root} is something else: ${entry.reason}`);
        continue;
      }
      if (!this.#isMirrorTarget(root)) this.#compare(entry, root, path, rows?.get(name));
      below?.set(path, { kind: entry.kind, version: entry.kind === 'directory' ? '' : (versionOf(entry) ?? '') });
    }
  }

  #compare(entry: Entry, root: number, path: RelPath, row: BaselineRow | undefined): void {
    const recorded = row?.at[root];
    if (row === undefined || recorded === undefined || !isAsRecorded(entry, row.kind, recorded, undefined)) {
      this.#obstruct(`"${path}" has changed on root ${root}`);
      return;
    }
    // A directory is only what it holds, and with `lazyMkdir` not every root has it.
    if (entry.kind === 'directory') return;
    if (!this.#rules.syncRemove && this.#rules.roots[root]?.targetOnly)
      this.#obstruct(`"${path}" on root ${root} would go, and removals do not travel (syncRemove)`);
    const uninformed = this.#found.changed.find((changed) => row.at[changed] === undefined || row.at[changed]?.behind);
    if (uninformed !== undefined) this.#obstruct(`root ${uninformed} never had "${path}" as it is on root ${root}`);
  }

  /** A removal below is a change, too. */
  #findRemoved(listing: DirectoryListing | undefined, root: number, view: View): void {
    const names = new Set(listing?.names());
    for (const [name, row] of view.known?.rows() ?? []) {
      if (row.at[root] !== undefined && !names.has(name)) this.#obstruct(`"${joinPath(view.path, name)}" was removed on root ${root}`);
    }
  }

  #isMirrorTarget(root: number): boolean {
    return this.#rules.mirror && this.#rules.roots[root]?.targetOnly === true;
  }

  #obstruct(reason: string): void {
    this.#found.obstacle ??= reason;
  }
}
