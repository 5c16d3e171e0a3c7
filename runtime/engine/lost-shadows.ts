import { isOfTheDisk } from '../vfs/disk-names.ts';
import { isOwnName } from '../vfs/scope.ts';
import type { Vfs } from '../vfs/vfs.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_LINK } from '../vfs/walk.ts';
import type { Findings } from './findings.ts';
import { isInScope, type JudgedView } from './filters.ts';
import { itemsOf, type Plan } from './plan.ts';
import type { EngineRoot } from './sync-run.ts';

/** The names at the top of each root that are in scope; `view`: of the directory `''`. */
export function namesAtTop(view: JudgedView): readonly (readonly string[])[] {
  return view.listings.map((listing, root) => {
    return listing?.names().filter((_, index) => COPIED_KINDS.has(listing.kind(index)) && isInScope(view, root, index)) ?? [];
  });
}
const COPIED_KINDS: ReadonlySet<number> = new Set([ENTRY_FILE, ENTRY_DIRECTORY, ENTRY_LINK]);

/**
 * Why the shadows of target-only roots are not what these roots say was done there: a disk that is not mounted, a folder that was emptied. Carried out, the plan would
 * bring what has changed to the wrong place, and no later run would bring the rest. The content that notes tell of is on the shadow alone, so they are never to be without it;
 * of a root that has its files itself only a run that changes it is stopped, since its shadow may be there for changes alone. Rejects with VfsError for a shadow that cannot be looked at.
 */
export async function lostShadows({ plan, findings }: { plan: Plan; findings: Findings }, roots: readonly EngineRoot[]): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const [root, { vfs, targetOnly, shadows = [], keepsNotes = false }] of roots.entries()) {
    if (!targetOnly || shadows.length === 0 || findings.namesAtTop[root]?.length === 0) continue;
    if (!keepsNotes && !changesRoot(plan, root)) continue;
    const name = `root ${root} (${vfs.label})`;
    const entries = findings.census[root]?.entries ?? 0;
    for (const shadow of shadows) {
      const found = await namesOn(shadow);
      // A killed run may have come as far as the new name of the only thing there.
      if (keepsNotes && !haveOneInCommon(findings.namesAtTop.flat(), found)) reasons.push(notesReason(name, entries, shadow.label));
      if (!keepsNotes && found.length === 0) reasons.push(rootReason(name, entries, shadow.label));
    }
  }
  return reasons;
}

function notesReason(name: string, entries: number, shadow: string): string {
  const told = `${entries} ${entries === 1 ? 'entry' : 'entries'} on its shadow ${shadow}, where nothing of that is to be seen`;
  return (
    `${name} tells of ${told}. ${WHAT_TO_DO}; ` +
    `if all is really gone, empty the folder of the notes, and the next run brings everything. ${WHAT_WOULD_BE}`
  );
}

function rootReason(name: string, entries: number, shadow: string): string {
  return (
    `${name} has ${entries} ${entries === 1 ? 'entry' : 'entries'}, and its shadow ${shadow} is empty. ${WHAT_TO_DO}; ` +
    `a new shadow that is to have everything gets a copy of that root first. ${WHAT_WOULD_BE}`
  );
}

const WHAT_TO_DO = 'Mount the disk, or reach the place, that belongs there';
const WHAT_WOULD_BE = 'This run would bring only what has changed since';

async function namesOn(shadow: Pick<Vfs, 'label' | 'list'>): Promise<readonly string[]> {
  try {
    const entries = await shadow.list('');
    return entries.filter(({ kind, name }) => kind !== 'other' && !isOwnName(name) && !isOfTheDisk(name)).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
    if (error.code === 'not-found') return [];
    throw new VfsError('unreachable', '', `the shadow ${shadow.label} cannot be listed: ${error.message}`, { cause: error });
  }
}

/** Servers may change case or the spelling of accents. */
function haveOneInCommon(names: readonly string[], found: readonly string[]): boolean {
  const there = new Set(found.map(inOneSpelling));
  return names.some((name) => there.has(inOneSpelling(name)));
}

function inOneSpelling(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function changesRoot(plan: Plan, root: number): boolean {
  for (const item of itemsOf(plan)) {
    if (item.kind === 'new-files' ? item.to.includes(root) : item.steps.some(({ to }) => to === root)) return true;
  }
  return false;
}
