import { homedir } from 'node:os';
import type { Audit } from '../permissions/audit.ts';
import type { PathRules } from '../permissions/path-rules.ts';
import type { RememberedGrants } from '../permissions/remembered.ts';
import type { Redactor } from './redact.ts';
import type { RawOptions } from './options/option-layers.ts';
import type { PlanCollector } from './plans/planned-runs.ts';
import { placesOf } from '../vfs/root-address.ts';
import { type LocalPlace, parseRootAddress } from '../vfs/root-address-parse.ts';
import { isRootUrl } from './roots/root-url.ts';
import type { RunRequest } from './run-request.ts';
import type { LogTail } from './log-tail.ts';
import type { Passwords } from './passwords.ts';
import type { CoderTurns } from '../vfs/layers/encoded/coder-turns.ts';
import type { Standing } from './standing.ts';
import type { StatedProject } from './stated-project.ts';
import type { SubProjectTurns } from './sub-project-turns.ts';

/** What all projects of one command share. */
export interface CommandContext {
  readonly request: RunRequest;
  readonly remembered: RememberedGrants;
  readonly pathRules: PathRules;
  readonly standing: Standing;
  /** Tells the readers of the command what no run tells them. */
  readonly log: LogTail;
  /** The secrets of this command: what is added here is never shown from then on. */
  readonly secrets: Redactor;
  /** Passwords of places that the command connects to. */
  readonly passwords: Passwords;
  /** How many project files are run as sub-projects at once. */
  readonly subProjectTurns: SubProjectTurns;
  /** How many programs encode and decode files at once. */
  readonly coderTurns: CoderTurns;
  /** Takes note of every permission and of every function that a script calls; undefined: nobody asked for it (`--audit`). */
  readonly audit: Audit | undefined;
  /** Takes what the command would do, for a plan that is to be saved (`sxrun plan`). */
  readonly plans: PlanCollector | undefined;
  /** Takes the projects that the command would synchronize, and they are not; undefined: they are synchronized. */
  readonly stated: StatedProject[] | undefined;
  /** Real paths of what the command lives from or writes itself. No run of it removes or overwrites them. */
  readonly ownFiles: {
    /** Project files, their modules, plans that are applied. */
    readonly sources: Set<string>;
    /** Databases, logs, lists, the audit, plans that were saved. */
    readonly written: Set<string>;
  };
  /** Options of the command line: they win in every project. */
  readonly commandLine: RawOptions;
}

export function placeIn(projectDir: string): LocalPlace {
  return { projectDir, home: homedir(), platform: process.platform };
}

/** What the command line names is granted by being named. Roots, as absolute paths. */
export function namedRootsOf(request: RunRequest): string[] {
  const { extraRoots } = request;
  const current = extraRoots.length === 1 && request.source.kind === 'none' ? [request.source.directory] : [];
  return [...current, ...extraRoots].flatMap(pathsOf);
}

/** A URL that cannot be understood grants nothing; the check of the options says what is wrong with it. */
function pathsOf(url: string): string[] {
  const place = placeIn(process.cwd());
  return isRootUrl(url, place) ? placesOf(parseRootAddress(url, place)).map(({ path }) => path) : [];
}
