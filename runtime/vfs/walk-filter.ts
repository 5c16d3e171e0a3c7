import { joinPath, type RelPath } from './path.ts';
import { compileScope, isOwnName, type ScopeRules } from './scope.ts';
import type { Entry } from './vfs.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_LINK, type WalkOptions } from './walk.ts';

export const OUT_OF_SCOPE = 'out of scope';
const OWN_NAME = 'a name that sxrun keeps for itself';
const INNER_ROOT = 'a root of its own';
const IGNORED_LINK = 'a link (links are ignored)';

/** Why something is hidden that no pattern leaves out. */
export type LeftOutBecause = 'ignored link' | 'own name' | 'inner root';
const BECAUSE: ReadonlyMap<string, LeftOutBecause> = new Map([
  [IGNORED_LINK, 'ignored link'],
  [OWN_NAME, 'own name'],
  [INNER_ROOT, 'inner root'],
]);

/** undefined: it is hidden for another reason, or not at all. */
export function leftOutBecause(entry: Entry): LeftOutBecause | undefined {
  return entry.kind === 'other' ? BECAUSE.get(entry.reason) : undefined;
}

/** What the scope's data make of an entry: the kind it is listed as, and why it is hidden. */
export interface WalkFilter {
  /** `kind` is what was found there; the result is the same, ENTRY_KILLED (files only) or ENTRY_HIDDEN. */
  judge(directory: RelPath, name: string, kind: number): number;
  /** Only for what `judge` hid. */
  hiddenReason(directory: RelPath, name: string, kind: number): string;
}

export function createWalkFilter(options: Pick<WalkOptions, 'scope' | 'innerRoots'>): WalkFilter {
  const scope = compileScope(options.scope);
  const innerRoots = new Set(options.innerRoots);
  const ownPaths = new Set(options.scope.ownPaths);
  const isVersions = versionFolderTest(options.scope);
  const isOwn = (directory: RelPath, name: string, kind: number) =>
    isOwnName(name) ||
    (ownPaths.size > 0 && ownPaths.has(joinPath(directory, name))) ||
    (kind === ENTRY_DIRECTORY && isVersions?.(directory, name) === true);
  const fileRules = hasFileRules(options.scope);
  const directoryRules = options.scope.excludeDirs.length > 0;
  const keepsLinks = options.scope.links === 'copy';
  return {
    judge(directory, name, kind) {
      if (isOwn(directory, name, kind)) return ENTRY_HIDDEN;
      if (innerRoots.size > 0 && innerRoots.has(joinPath(directory, name))) return ENTRY_HIDDEN;
      if (kind === ENTRY_DIRECTORY) {
        return directoryRules && scope.directoryVerdict(joinPath(directory, name)) === 'out' ? ENTRY_HIDDEN : kind;
      }
      if (kind === ENTRY_LINK && !keepsLinks) return ENTRY_HIDDEN;
      if (!fileRules) return kind;
      const verdict = scope.fileVerdict(joinPath(directory, name));
      if (verdict === 'in') return kind;
      return verdict === 'killed' && kind === ENTRY_FILE ? ENTRY_KILLED : ENTRY_HIDDEN;
    },
    hiddenReason(directory, name, kind) {
      if (isOwn(directory, name, kind)) return OWN_NAME;
      if (innerRoots.has(joinPath(directory, name))) return INNER_ROOT;
      return kind === ENTRY_LINK && !keepsLinks ? IGNORED_LINK : OUT_OF_SCOPE;
    },
  };
}

function hasFileRules(scope: ScopeRules): boolean {
  return scope.excludeFiles.length > 0 || scope.killFiles.length > 0;
}

function versionFolderTest({ versionFolder, ignoreCase }: ScopeRules): ((directory: RelPath, name: string) => boolean) | undefined {
  if (versionFolder === undefined) return undefined;
  const inCase = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const wanted = inCase(versionFolder.replace(/^\//, ''));
  const onlyAtTop = versionFolder.startsWith('/');
  return (directory, name) => (!onlyAtTop || directory === '') && inCase(name) === wanted;
}
