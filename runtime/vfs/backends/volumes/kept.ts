import type { RelPath } from '../../path.ts';
import type { Entry, Traits } from '../../vfs.ts';

/** One of the media that a file is on, and the revision that the file has there. */
export interface Copy {
  readonly medium: number;
  readonly revision: string;
}

/** What the catalogue knows of a path. `media`: those that have it. */
export type Kept = KeptFile | KeptLink | KeptDirectory | KeptOther;
export interface KeptFile {
  readonly kind: 'file';
  /** The one that is shown. */
  readonly revision: string;
  readonly size?: number;
  readonly modifiedMs?: number;
  readonly mode?: number;
  readonly copies: readonly Copy[];
}
export interface KeptLink {
  readonly kind: 'link';
  readonly target: string;
  readonly modifiedMs?: number;
  readonly media: readonly number[];
}
export interface KeptDirectory {
  readonly kind: 'directory';
  readonly media: readonly number[];
}
/** Seen on a medium that is in reach; never written down. */
export interface KeptOther {
  readonly kind: 'other';
  readonly reason: string;
  readonly missed?: true;
  readonly media: readonly number[];
}

/** A thing that a medium still has and the set does not any more: it goes when the medium can be written to, if it is still this very thing. */
export interface Superseded {
  readonly medium: number;
  readonly path: RelPath;
  readonly kind: 'file' | 'link' | 'directory';
  /** Revision of a file, target of a link, `''` for a directory. */
  readonly version: string;
  readonly size?: number;
}

/** One step of what a catalogue says. */
export type Change =
  | { readonly what: 'set'; readonly id: string }
  | { readonly what: 'traits'; readonly traits: Traits }
  | { readonly what: 'medium'; readonly medium: number }
  /** `kept` null: nothing is there any more. */
  | { readonly what: 'path'; readonly path: RelPath; readonly kept: Kept | null }
  | { readonly what: 'superseded'; readonly of: Superseded }
  | { readonly what: 'cleared'; readonly medium: number; readonly path: RelPath }
  /** It is being put on these media; empty: it is done. Whoever finds it there after a crash knows that it is the newest. */
  | { readonly what: 'intent'; readonly path: RelPath; readonly media: readonly number[] };

export function mediaOf(kept: Kept): readonly number[] {
  return kept.kind === 'file' ? kept.copies.map(({ medium }) => medium) : kept.media;
}

export function entryOf(name: string, kept: Kept): Entry {
  switch (kept.kind) {
    case 'file': {
      const { copies: _, ...node } = kept;
      return { name, ...node };
    }
    case 'link': {
      const { media: _, ...node } = kept;
      return { name, ...node };
    }
    case 'directory':
      return { name, kind: 'directory' };
    case 'other':
      return { name, kind: 'other', reason: kept.reason, ...(kept.missed ? { missed: true as const } : {}) };
  }
}

/** How `Superseded` knows what is on the medium. */
export function supersededOn(medium: number, path: RelPath, kept: Kept): Superseded | undefined {
  switch (kept.kind) {
    case 'file': {
      const copy = kept.copies.find((one) => one.medium === medium);
      if (copy === undefined) return undefined;
      return { medium, path, kind: 'file', version: copy.revision, ...(kept.size === undefined ? {} : { size: kept.size }) };
    }
    case 'link':
      return kept.media.includes(medium) ? { medium, path, kind: 'link', version: kept.target } : undefined;
    case 'directory':
      return kept.media.includes(medium) ? { medium, path, kind: 'directory', version: '' } : undefined;
    case 'other':
      return undefined;
  }
}
