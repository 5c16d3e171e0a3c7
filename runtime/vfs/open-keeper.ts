import type { FoundBin } from './bin.ts';
import { versioned, type VersionedOptions, type VersionKeeper } from './layers/versioned.ts';
import type { RelPath } from './path.ts';
import { extensionOf, type LayerAddress } from './root-address.ts';
import { compileScope, type ScopeRules } from './scope.ts';
import type { TellVersion } from './version-change.ts';
import { RECYCLE_FOLDER, VERSION_FOLDER } from './version-name.ts';
import type { SetAsideBy } from './version-notes.ts';
import { DEFAULT_VERSION_RULES, type VersionRules } from './version-rules.ts';
import type { Vfs } from './vfs.ts';

export type KeeperScheme = 'xvs' | 'uxvs' | 'rcy';

export interface KeeperOptions {
  /** Absent: the defaults. */
  readonly versions?: VersionRules;
  /** Told of what becomes of versions, by the names that the layers above show. */
  readonly tellVersion?: TellVersion;
}

/** What a layer stands on and under. */
export interface KeeperPlace {
  readonly above: readonly LayerAddress[];
  /** The recycle bin for what is right below; absent: there is none for such a file system. */
  readonly openBin?: () => Promise<FoundBin>;
}

export interface OpenedKeeper {
  readonly vfs: VersionKeeper;
  readonly foresight: Foresight;
}

/** What a simulation asks a root that keeps old versions; by the names that it shows. */
export interface Foresight {
  /** What is at `path` would be put aside, and is told so. */
  foresee(path: RelPath, kind: 'file' | 'link', by: SetAsideBy): void;
  /** Tells what would be removed in the end. */
  foretell(): Promise<void>;
}

/**
 * A layer that keeps old versions over `inner`; patterns of what is not kept are for names as the layers above show them. `rcy:` uses the bin of the desktop, or where
 * there is none, or a folder was chosen, one folder at the top of the root.
 */
export function openKeeper(inner: Vfs, scheme: KeeperScheme, { above, openBin }: KeeperPlace, options: KeeperOptions): OpenedKeeper {
  const { folder, max, keep, exclude } = options.versions ?? DEFAULT_VERSION_RULES;
  const { fileVerdict } = compileScope({ ...NO_SCOPE, excludeFiles: exclude, ignoreCase: !inner.traits.caseSensitive });
  const extension = extensionOf(above);
  const shown = (path: RelPath) => (path.endsWith(extension) ? path.slice(0, path.length - extension.length) : path);
  const isRecycled = scheme === 'rcy';
  const { tellVersion } = options;
  const tell: Pick<VersionedOptions, 'tell'> =
    tellVersion === undefined ? {} : { tell: (change) => tellVersion({ ...change, path: shown(change.path) }) };
  const vfs = versioned(inner, {
    prefix: `${scheme}:`,
    ...versionPlaceOf(folder ?? (isRecycled ? `/${RECYCLE_FOLDER}` : VERSION_FOLDER), isRecycled),
    max,
    keep,
    isExcluded: (path) => fileVerdict(shown(path)) === 'out',
    now: Date.now,
    ...(isRecycled && folder === undefined && openBin !== undefined ? { openBin } : {}),
    ...tell,
  });
  const foresight: Foresight = {
    foresee: (path, kind, by) => vfs.foresee(kind === 'file' ? path + extension : path, by),
    foretell: () => vfs.foretell(),
  };
  return { vfs, foresight };
}

/** `/NAME`: one folder at the top of the root; `NAME`: one in each directory that has versions. */
function versionPlaceOf(folder: string, isRecycled: boolean): Pick<VersionedOptions, 'folder' | 'place'> {
  const isAtTop = isRecycled || folder.startsWith('/');
  return { folder: folder.replace(/^\//, ''), place: isAtTop ? 'top' : 'beside' };
}

const NO_SCOPE: ScopeRules = {
  excludeFiles: [],
  includeFiles: [],
  excludeDirs: [],
  includeDirs: [],
  killFiles: [],
  ignoreCase: false,
  links: 'copy',
};
