import { OptionError } from './option-error.ts';
import { type InheritedVolume, inheritedVolumes } from './inherited-volumes.ts';

/** Options as they came, before any check: what a project, an override or the command line sets. Absent means not set. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** Whose options a run of a project has; each layer replaces what the ones before it set. */
export interface OptionLayers {
  /** Of the super-project (see `heritageOf`). */
  readonly inherited?: RawOptions;
  readonly own: RawOptions;
  /** Second argument of `sync.do`. */
  readonly overrides?: RawOptions;
  /** Wins, but adds to the lists instead of replacing them. */
  readonly commandLine?: RawOptions;
}

const ADDED_LISTS = ['excludeFiles', 'includeFiles', 'excludeDirs', 'killFiles'];
/** What makes a project the one it is. */
const NOT_INHERITED = ['name', 'roots', 'subSyncs'];

export function layeredOptions(layers: OptionLayers): RawOptions {
  const project: Record<string, unknown> = { ...layers.inherited, ...layers.own, ...layers.overrides };
  for (const [option, value] of Object.entries(layers.commandLine ?? {})) {
    const before = project[option];
    project[option] = ADDED_LISTS.includes(option) && Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return project;
}

/**
 * What sub-projects get from the project that runs them. A database is one project's: of a path only `true` is inherited. Log and list files are
 * the super-project's own, so their paths (`checked`, absolute) are kept and what it wrote is added to; sets of media keep their catalogue.
 */
export function heritageOf(
  raw: RawOptions,
  checked: { readonly logFile: OutputFile | undefined; readonly sourceList: OutputFile | undefined; readonly volumes?: readonly InheritedVolume[] },
): RawOptions {
  const heritage = Object.fromEntries(Object.entries(raw).filter(([option]) => !NOT_INHERITED.includes(option)));
  if (typeof heritage['syncDb'] === 'string') heritage['syncDb'] = true;
  for (const option of ['logFile', 'sourceList'] as const) {
    const file = checked[option];
    if (file !== undefined) heritage[option] = { path: file.path, mode: 'append' };
  }
  if (heritage['volumes'] !== undefined) heritage['volumes'] = inheritedVolumes(heritage['volumes'], checked.volumes ?? []);
  return heritage;
}

/** A text file that a run writes; the path is absolute. */
export interface OutputFile {
  readonly path: string;
  readonly mode: 'append' | 'overwrite';
}

/** `-r` and `-n` of the command line. */
export interface NamedRoots {
  /** Absolute, or as typed when `currentDir` is to be put before it. */
  readonly extraRoots: readonly string[];
  /** Indices into all roots. */
  readonly targetOnly: readonly number[];
  /** Root 0 when one `-r` is all there is. */
  readonly currentDir: string;
}

/** The project with the roots of the command line behind its own. A project that only runs others stays one; they get the roots. */
export function withNamedRoots(raw: RawOptions, named: NamedRoots): RawOptions {
  if (named.extraRoots.length === 0 && named.targetOnly.length === 0) return raw;
  if (raw['roots'] === undefined && raw['subSyncs'] !== undefined) return raw;
  const own: readonly unknown[] = Array.isArray(raw['roots']) ? raw['roots'] : [];
  const all = [...own, ...named.extraRoots];
  const roots = own.length === 0 && all.length === 1 ? [named.currentDir, ...all] : all;
  const missing = named.targetOnly.find((index) => index >= roots.length);
  if (missing !== undefined) throw new OptionError('roots', `-n ${missing}: there is no root ${missing}; ${countOf(roots.length)}, counted from 0`);
  return { ...raw, roots: roots.map((root, index) => (named.targetOnly.includes(index) ? asTargetOnly(root) : root)) };
}

function asTargetOnly(root: unknown): unknown {
  return typeof root === 'string'
    ? { url: root, targetOnly: true }
    : root !== null && typeof root === 'object'
      ? { ...root, targetOnly: true }
      : root;
}

function countOf(roots: number): string {
  return roots === 0 ? 'there are no roots' : roots === 1 ? 'there is one root' : `there are ${roots} roots`;
}
