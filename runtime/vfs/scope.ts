import type { RelPath } from './path.ts';
import { compilePatternList, type PatternList } from './pattern-list.ts';

/**
 * The part of the scope that is data, so that it can be sent to the thread that lists. Patterns as in semantics.md section 1:
 * a leading `/` roots a pattern, else it matches the path or any tail of it that starts after a `/`.
 */
export interface ScopeRules {
  readonly excludeFiles: readonly string[];
  readonly includeFiles: readonly string[];
  readonly excludeDirs: readonly string[];
  readonly includeDirs: readonly string[];
  readonly killFiles: readonly string[];
  readonly ignoreCase: boolean;
  readonly links: 'ignore' | 'copy' | 'follow';
  /** Files that the run itself writes (log, list, a database with a name of its own): out of scope on every root, whatever includes say. */
  readonly ownPaths?: readonly RelPath[];
  /** Another name that folders of old versions have; with a `/` before it, the one at the top has it. Out of scope on every root, whatever includes and callbacks say. */
  readonly versionFolder?: string;
}

export interface Scope {
  /** For files and links. `killed` beats every other rule. */
  fileVerdict(path: RelPath): 'in' | 'out' | 'killed';
  directoryVerdict(path: RelPath): 'in' | 'out';
}

/** The patterns compiled; first match wins: rooted include, rooted exclude, unrooted include, unrooted exclude, in. */
export function compileScope(rules: ScopeRules): Scope {
  const killed = compileList(rules.killFiles, rules.ignoreCase);
  const fileOut = compileVerdict(rules.includeFiles, rules.excludeFiles, rules.ignoreCase);
  const directoryOut = compileVerdict(rules.includeDirs, rules.excludeDirs, rules.ignoreCase);
  return {
    fileVerdict: (path) => (matches(killed, path) ? 'killed' : fileOut(path) ? 'out' : 'in'),
    directoryVerdict: (path) => (directoryOut(path) ? 'out' : 'in'),
  };
}

/**
 * Names that are never in scope, at any depth: databases with lock and journal, catalogues and marks of media, folders that keep old versions, and transfer names.
 */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name) || isTransferName(name);
}
const OWN_NAME = /\.syncdb(?:\.lock|\.journal)?$|\.syncvol(?:\.lock)?$|^\.?XVS$|^\.recycle$/s;

/** What a write in progress or a dead run leaves beside a target; never an entry of a listing. */
export function isTransferName(name: string): boolean {
  return name.startsWith('.sxrun-') && (name.endsWith('.part') || name.endsWith('.aside'));
}

interface CompiledList {
  readonly rooted: PatternList | undefined;
  readonly unrooted: PatternList | undefined;
}

function compileList(patterns: readonly string[], ignoreCase: boolean): CompiledList {
  const rooted = patterns.filter((pattern) => pattern.startsWith('/')).map((pattern) => pattern.slice(1));
  const unrooted = patterns.filter((pattern) => !pattern.startsWith('/'));
  return { rooted: compilePatternList(rooted, true, ignoreCase), unrooted: compilePatternList(unrooted, false, ignoreCase) };
}

function compileVerdict(includes: readonly string[], excludes: readonly string[], ignoreCase: boolean): (path: RelPath) => boolean {
  const include = compileList(includes, ignoreCase);
  const exclude = compileList(excludes, ignoreCase);
  if (excludes.length === 0) return () => false;
  return (path) => {
    if (include.rooted?.test(path)) return false;
    if (exclude.rooted?.test(path)) return true;
    if (include.unrooted?.test(path)) return false;
    return exclude.unrooted?.test(path) === true;
  };
}

function matches(list: CompiledList, path: RelPath): boolean {
  return list.rooted?.test(path) === true || list.unrooted?.test(path) === true;
}
