import { printable } from '../printable.ts';
import type { PermissionQuestion } from '../project/run-request.ts';
import { formatGrant, type Grant } from './grant.ts';
import { shellWord } from './shell-word.ts';

/** Grants that a run lacks, and what is said about them. */
export interface MissingGrants {
  readonly missing: readonly MissingGrant[];
  /** undefined: the project has no file. */
  readonly projectFile: string | undefined;
  /** The sub-projects from that file down to the one that wants them; empty: the project itself does. Real paths. */
  readonly subProjects: readonly string[];
  /** How many of them the project had before its sources, or those of the sub-project, changed. */
  readonly formerCount: number;
}
export interface MissingGrant {
  /** As resolved: real paths, hosts in their one spelling. */
  readonly grant: Grant;
  /** What is done, in words that the grant's value follows. */
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
  return [`${who}: ${changed}not permitted:`, ...linesOf(missing)].join('\n');
}

/** Likewise, of what is not wanted yet. */
export function foreseenMessage(missing: MissingGrants): string {
  return ['not permitted, and the script may want it later, when nobody can be asked:', ...linesOf(missing)].join('\n');
}

function linesOf(missing: MissingGrants): string[] {
  const grants = missing.missing.map((need) => need.grant);
  const way =
    missing.projectFile === undefined
      ? ['Options that allow it:', flagsFor(grants)]
      : ['To allow it:', allowLine({ projectFile: missing.projectFile, subProjects: missing.subProjects, grants })];
  return [...inWords(missing).map((line) => `  ${line}`), way[0] ?? '', `  ${way[1]}`];
}

export interface AllowLine {
  readonly projectFile: string;
  /** Files that the project runs and that shall have the grants, too. */
  readonly subProjects: readonly string[];
  readonly grants: readonly Grant[];
}

/** The command that grants these to a project, quoted for this platform's shell. */
export function allowLine({ projectFile, subProjects, grants }: AllowLine, platform: NodeJS.Platform = process.platform): string {
  const file = projectFile.startsWith('-') ? `./${projectFile}` : projectFile;
  const words = [file, ...grants.map(formatGrant), ...subProjects.map((path) => `--sub-project=${path}`)];
  return ['sxrun allow', ...words.map((word) => shellWord(word, platform))].join(' ');
}

/** In the lists of these options a doubled comma stands for a comma in a name. */
function flagsFor(grants: readonly Grant[]): string {
  return grants.map((grant) => shellWord(`--allow-${grant.kind}=${grant.value.replaceAll(',', ',,')}`)).join(' ');
}

/** One line a path, host, program or name: what is read and written is said together. */
function inWords({ missing, subProjects }: MissingGrants): string[] {
  const lines = new Map<string, { readonly grant: Grant; readonly words: string[] }>();
  for (const { grant, words } of missing) {
    const key = formatGrant(grant.kind === 'write' ? { ...grant, kind: 'read' } : grant);
    const line = lines.get(key) ?? { grant, words: [] };
    if (!line.words.includes(words)) line.words.push(words);
    lines.set(key, line);
  }
  const subProject = subProjects.at(-1);
  const end = subProject === undefined ? '' : ` (sub-project ${printable(subProject)})`;
  return [...lines.values()].map(({ grant, words }) => `${words.map(printable).join(', ')} ${printable(grant.value)}${warningOf(grant)}${end}`);
}

function warningOf(grant: Grant): string {
  return grant.kind === 'run' ? ' (a program is outside the wall)' : '';
}
