import { printable } from '../printable.ts';
import type { PermissionQuestion } from '../project/run-request.ts';
import { formatGrant, type Grant } from './grant.ts';
import { shellWord } from './shell-word.ts';

/** Grants that a run lacks, and what is said about them. */
export interface MissingGrants {
  readonly missing: readonly MissingGrant[];
  /** undefined: the project has no file. */
  readonly projectFile: string | undefined;
  /** Set when a sub-project of that file wants them. */
  readonly subProject: string | undefined;
  /** How many of them the project had before its sources changed. */
  readonly formerCount: number;
}
export interface MissingGrant {
  /** Of kind read or write, with a real path. */
  readonly grant: Grant;
  /** What is done, in words that a path follows. */
  readonly words: string;
}

export function questionAbout(missing: MissingGrants): PermissionQuestion {
  return {
    projectFile: missing.projectFile ?? '(standard input)',
    needs: inWords(missing),
    changedSinceAllowed: missing.formerCount > 0,
    canRemember: missing.projectFile !== undefined,
  };
}

/** Several lines; the last is the command (without project file: the options) that allows it, ready to be pasted. */
export function refusalMessage(missing: MissingGrants): string {
  const who = missing.projectFile === undefined ? 'The project' : printable(missing.projectFile);
  const changed =
    missing.formerCount === 0 ? '' : `changed since allowed, needs ${missing.formerCount === missing.missing.length ? 'the same' : 'more'}; `;
  const grants = missing.missing.map((need) => need.grant);
  const way =
    missing.projectFile === undefined ? ['Options that allow it:', flagsFor(grants)] : ['To allow it:', allowLine(missing.projectFile, grants)];
  return [`${who}: ${changed}not permitted:`, ...inWords(missing).map((line) => `  ${line}`), way[0], `  ${way[1]}`].join('\n');
}

/** The command that grants these to a project, quoted for this platform's shell. */
export function allowLine(projectFile: string, grants: readonly Grant[], platform: NodeJS.Platform = process.platform): string {
  const file = projectFile.startsWith('-') ? `./${projectFile}` : projectFile;
  return ['sxrun allow', ...[file, ...grants.map(formatGrant)].map((word) => shellWord(word, platform))].join(' ');
}

/** In the lists of these options a doubled comma stands for a comma in a name. */
function flagsFor(grants: readonly Grant[]): string {
  return grants.map((grant) => shellWord(`--allow-${grant.kind}=${grant.value.replaceAll(',', ',,')}`)).join(' ');
}

/** One line a path: what is read and written is said together. */
function inWords({ missing, subProject }: MissingGrants): string[] {
  const byPath = new Map<string, string[]>();
  for (const { grant, words } of missing) byPath.set(grant.value, [...(byPath.get(grant.value) ?? []), words]);
  const end = subProject === undefined ? '' : ` (sub-project ${printable(subProject)})`;
  return [...byPath].map(([path, words]) => `${[...new Set(words)].map(printable).join(', ')} ${printable(path)}${end}`);
}
