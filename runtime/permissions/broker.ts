import { isAbsolute, sep } from 'node:path';
import type { Ask, GrantFlags } from '../project/run-request.ts';
import { formatGrant, GRANT_KINDS, grantOf, type Grant } from './grant.ts';
import { questionAbout, refusalMessage, type MissingGrant, type MissingGrants } from './missing-grants.ts';
import { isBelow } from './path-match.ts';
import type { PathRules } from './path-rules.ts';
import { PermissionError } from './permission-error.ts';
import { withRealPath, type RememberedGrants } from './remembered.ts';

/** One thing that is about to be done with a path and everything below it. */
export interface Need {
  /** Independent of one another: what reads and writes states both. */
  readonly kind: 'read' | 'write';
  /** Absolute, or relative to the project folder. */
  readonly path: string;
  /** What is done, in words that a path follows. Default `reads`, `writes and removes in`. */
  readonly words?: string;
}

/** Decides what one run may reach. Questions are asked one after another, however many calls are waiting. */
export interface Broker {
  /**
   * Resolves to the real path of each need, in order: these are the paths to open. Rejects with PermissionError when one of them may not be had; what is
   * missing is asked for in one go. What was refused once stays refused and is not asked for again.
   */
  require(needs: readonly Need[]): Promise<readonly string[]>;
  /**
   * The broker for a file that this run runs as a sub-project: it has what this run has and no more, its own folder is not free, its own remembered
   * grants do not count. Rejects like `require` when the file may not be read.
   */
  forSubProject(projectFile: string): Promise<Broker>;
  /** The first refusal, of sub-projects too: the run ends with exit code 3 even when the script caught the error. */
  readonly denied: PermissionError | undefined;
}

export interface BrokerOptions {
  /** undefined: the project has no file (standard input, `-z`); then nothing is remembered. */
  readonly projectFile: string | undefined;
  /** Reading and writing below it are free. Absolute. */
  readonly projectDir: string;
  readonly sourcesHash: string;
  readonly flags: GrantFlags;
  /** Where relative paths of flags start: the current folder. */
  readonly currentDir: string;
  /** Local roots named on the command line, absolute: granted by being named. */
  readonly namedRoots: readonly string[];
  readonly remembered: RememberedGrants;
  readonly rules: PathRules;
  /** undefined: nobody to ask; what is missing is an error. */
  readonly ask: Ask | undefined;
}

/**
 * Resolves all granted paths now, so it is called before the script runs. Rejects with GrantError for a flag that cannot be understood, with PermissionError
 * for one that nobody can grant.
 */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const granted = await grantedFromStart(options);
  const refused = new Set<string>();
  let denied: PermissionError | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function decide(needs: readonly Need[], subProject: string | undefined): Promise<readonly string[]> {
    const wanted = await Promise.all(needs.map((need) => resolveNeed(need, options)));
    const missing = options.flags.all ? [] : distinct(wanted.filter(({ grant }) => !isCovered(grant, granted)));
    if (missing.length > 0) await obtain(missing, subProject);
    return wanted.map(({ grant }) => grant.value);
  }

  async function obtain(missing: readonly MissingGrant[], subProject: string | undefined): Promise<void> {
    const about = await describe(missing, subProject, options);
    const grants = missing.map(({ grant }) => grant);
    if (grants.some((grant) => refused.has(formatGrant(grant)))) throw new PermissionError('denied', refusalMessage(about));
    const answer = await options.ask?.permission(questionAbout(about));
    if (answer !== 'once' && answer !== 'always') {
      for (const grant of grants) refused.add(formatGrant(grant));
      throw new PermissionError(answer === 'no' ? 'denied' : 'missing', refusalMessage(about));
    }
    if (answer === 'always' && options.projectFile !== undefined) {
      await options.remembered.allow(options.projectFile, grants, { sourcesHash: options.sourcesHash });
    }
    granted.push(...grants);
  }

  function requireInTurn(needs: readonly Need[], subProject: string | undefined): Promise<readonly string[]> {
    const turn = last.then(() => decide(needs, subProject));
    last = turn.catch((error: unknown) => {
      if (error instanceof PermissionError) denied ??= error;
    });
    return turn;
  }

  function brokerFor(subProject: string | undefined): Broker {
    return {
      require: (needs) => requireInTurn(needs, subProject),
      async forSubProject(projectFile) {
        await requireInTurn([{ kind: 'read', path: projectFile, words: 'runs' }], subProject);
        return brokerFor(projectFile);
      },
      get denied() {
        return denied;
      },
    };
  }
  return brokerFor(undefined);
}

async function grantedFromStart({
  projectFile,
  projectDir,
  sourcesHash,
  flags,
  currentDir,
  namedRoots,
  remembered,
  rules,
}: BrokerOptions): Promise<Grant[]> {
  const free = [projectDir, ...namedRoots].flatMap((path): Grant[] => [
    { kind: 'read', value: path },
    { kind: 'write', value: path },
  ]);
  const flagged = GRANT_KINDS.flatMap((kind) => flags[kind].filter((value) => value !== '').map((value) => grantOf(kind, value, currentDir)));
  const allowed = projectFile === undefined ? [] : (await remembered.find(projectFile, sourcesHash)).valid;
  return [...(await Promise.all([...free, ...flagged].map((grant) => withRealPath(grant, rules)))), ...allowed];
}

async function resolveNeed({ kind, path, words }: Need, { projectDir, rules }: BrokerOptions): Promise<MissingGrant> {
  // Joined as text: `..` after a link is for the rules to follow.
  const value = await rules.resolve(isAbsolute(path) ? path : projectDir + sep + path);
  return { grant: { kind, value }, words: words ?? (kind === 'read' ? 'reads' : 'writes and removes in') };
}

async function describe(
  missing: readonly MissingGrant[],
  subProject: string | undefined,
  { projectFile, sourcesHash, remembered }: BrokerOptions,
): Promise<MissingGrants> {
  const { stale } = projectFile === undefined ? { stale: [] } : await remembered.find(projectFile, sourcesHash);
  return { missing, subProject, projectFile, formerCount: missing.filter(({ grant }) => isCovered(grant, stale)).length };
}

function isCovered(wanted: Grant, grants: readonly Grant[]): boolean {
  return grants.some((grant) => grant.kind === wanted.kind && isBelow(wanted.value, grant.value));
}

function distinct(missing: readonly MissingGrant[]): MissingGrant[] {
  return [...new Map(missing.map((need) => [formatGrant(need.grant), need])).values()];
}
