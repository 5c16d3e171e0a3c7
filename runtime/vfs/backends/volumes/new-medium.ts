import { VfsError } from '../../vfs-error.ts';
import type { Vfs } from '../../vfs.ts';
import type { Catalogue } from './catalogue.ts';
import type { Change } from './kept.ts';
import type { AskPerson, MediaPlaces, MediumRoot } from './media-places.ts';
import { emptyMedium, foreignNames, listMedium } from './medium-content.ts';
import { newSetId, writeIdentity } from './medium-identity.ts';
import type { VolumeRules } from './volume-rules.ts';

export interface NewMedium {
  readonly medium: number;
  readonly rules: VolumeRules;
  readonly places: MediaPlaces;
  readonly catalogue: Catalogue;
  readonly ask: AskPerson | undefined;
  readonly commit: (changes: readonly Change[]) => void;
  /** The other media in reach, which are told how many there are now. */
  readonly others: readonly { readonly medium: number; readonly vfs: Vfs }[];
}

/**
 * Makes what is at an address, and is no medium of any set, the next medium of this one. A reason why not, where it holds anything: it is emptied only when the options say so and
 * somebody has said yes to just this.
 */
export async function prepareMedium(root: MediumRoot, options: NewMedium): Promise<undefined | string> {
  const { medium, places, catalogue, commit } = options;
  const foreign = await foreignNames(root.vfs);
  if (foreign.length > 0) {
    const refused = await emptied(root, foreign, options);
    if (refused !== undefined) return refused;
  }
  const set = catalogue.setId ?? newSetId();
  if (catalogue.media.size === 0) commit([{ what: 'set', id: set }]);
  try {
    await writeIdentity(root.vfs, { set, medium, media: medium });
  } catch (error) {
    if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
    return `medium ${medium} at ${places.addressOf(medium)} cannot be written to: ${error.message}`;
  }
  commit([{ what: 'medium', medium }]);
  for (const other of options.others) {
    // One that cannot be written to any more keeps its old count; nothing depends on it but the search for media without a catalogue.
    await writeIdentity(other.vfs, { set, medium: other.medium, media: medium }).catch(toleratingVfsError);
  }
  return undefined;
}

export function newMediumQuestion(name: string, medium: number, address: string, reason: string): string {
  const asked = `An empty medium ${medium} for ${name} is wanted at ${address}.`;
  return reason.startsWith(`medium ${medium} is needed`) ? asked : `${reason}. ${asked}`;
}

const MOST_NAMES = 5;

async function emptied(
  { vfs, ownFiles }: MediumRoot,
  foreign: readonly string[],
  { medium, rules, places, ask }: NewMedium,
): Promise<string | undefined> {
  const [own] = ownFiles;
  if (own !== undefined)
    return `what is at ${places.addressOf(medium)} is no medium of ${rules.name} and holds ${named([own])}, which belongs to this run; name another folder`;
  const where = `what is at ${places.addressOf(medium)} is no medium of ${rules.name} and holds ${named(foreign)}`;
  if (!rules.emptiesNew) return `${where}; empty it by hand, or name another folder`;
  if (ask === undefined) return `${where}; nobody can be asked whether it may be emptied: empty it by hand, or run at a terminal`;
  const files = [...(await listMedium(vfs, { recovers: false })).values()].filter(({ kind }) => kind !== 'directory').length;
  const text = `${places.addressOf(medium)} is to become medium ${medium} of ${rules.name}. It holds ${named(foreign)}, ${files} ${files === 1 ? 'file' : 'files'} in all. Remove ALL of that for good?`;
  if (!(await ask({ text, yes: 'Remove all of it', no: 'No', isYesFirst: false }))) return `${where}, which was not to be removed`;
  await emptyMedium(vfs);
  return undefined;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '');
}

function toleratingVfsError(error: unknown): void {
  if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
}
