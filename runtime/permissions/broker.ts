import { printable } from '../printable.ts';
import type { Ask, GrantFlags } from '../project/run-request.ts';
import type { Audit, PermissionEntry } from './audit.ts';
import { formatGrant, GRANT_KINDS, grantOf, type Grant } from './grant.ts';
import { covers, type Granted, type GrantedBy } from './granted.ts';
import { liesIn } from './identity.ts';
import { foreseenMessage, questionAbout, refusalMessage, type MissingGrant, type MissingGrants } from './missing-grants.ts';
import { NeedError, type Need } from './need.ts';
import type { PathRules } from './path-rules.ts';
import { PermissionError, type PermissionErrorCode } from './permission-error.ts';
import { withRealPath, type RememberedGrants, type SubProject } from './remembered.ts';
import { resolveNeed, type ResolvedNeed } from './resolve-need.ts';

/** Decides what one run may reach. Questions are asked one after another, however many calls are waiting. */
export interface Broker {
  /**
   * Resolves to what is to be used for each need, in order: the real path to open or to run, the host to connect to, the name. Rejects with PermissionError
   * when one of them may not be had; what is missing is asked for in one go. What was refused once stays refused and is not asked for again. Rejects with
   * NeedError, and nobody is asked, for what does not exist or cannot be understood. With `atStart` what can be foreseen is asked for along with it.
   */
  require(needs: readonly Need[], as?: { readonly atStart: boolean }): Promise<readonly string[]>;
  /**
   * The broker for a file that this run runs as a sub-project: it has what this run has and no more, its own folder is not free, its own remembered
   * grants do not count, and those of this run only as far as they were given to the sub-project as it is now. Rejects like `require` when the file may not be
   * read; once it may, `load` reads it.
   */
  forSubProject<Loaded extends Sources>(
    projectFile: string,
    load: () => Promise<Loaded>,
  ): Promise<{ readonly broker: Broker; readonly loaded: Loaded }>;
  /** True when a script of this run could put something at a path (real, existing): a program found there may be its own. Nobody is asked. Never with -A. */
  couldReplace(path: string): boolean;
  /** The first refusal, of sub-projects too: the run ends with exit code 3 even when the script caught the error. */
  readonly denied: PermissionError | undefined;
}

/** A project file and what it imports. */
interface Sources {
  /** Changes when one of them does. */
  readonly sourcesHash: string;
  /** What the script may want later, as far as its sources show. */
  readonly foreseen?: readonly Need[];
}

export interface BrokerOptions {
  /** undefined: the project has no file (standard input, `-z`); then nothing is remembered. */
  readonly projectFile: string | undefined;
  /** Reading and writing below it are free. Absolute. */
  readonly projectDir: string;
  readonly sourcesHash: string;
  /** What the script may want later, as far as its sources show. */
  readonly foreseen?: readonly Need[];
  readonly flags: GrantFlags;
  /** Where relative paths of flags start: the current folder. */
  readonly currentDir: string;
  /** Local roots named on the command line, absolute: granted by being named. */
  readonly namedRoots: readonly string[];
  readonly remembered: RememberedGrants;
  readonly rules: PathRules;
  /** undefined: nobody to ask; what is missing is an error. */
  readonly ask: Pick<Ask, 'permission'> | undefined;
  /** Hears of every decision. */
  readonly audit?: Audit;
  /** Hears, once a script, what of `foreseen` is not permitted while nobody can be asked, and how to allow it. */
  readonly warn?: (message: string) => void;
}

/**
 * Resolves all granted paths now, so it is called before the script runs. Rejects with GrantError for a flag that cannot be understood, with PermissionError
 * for one that nobody can grant.
 */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const granted = await grantedFromStart(options);
  const refused = new Set<string>();
  const askers: Asking[] = [];
  let denied: PermissionError | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function decide(needs: readonly Need[], asking: Asking, atStart: boolean): Promise<readonly string[]> {
    const wanted = await Promise.all(needs.map((need) => resolve(need, asking)));
    if (!options.flags.all) {
      refuseReplaceable(wanted, asking);
      const missing = distinct(wanted.filter(({ grant }) => holderOf(grant, asking) === undefined));
      const foreseen = atStart ? await foreseenNow(asking) : [];
      if (foreseen.length > 0 && options.ask === undefined) {
        options.warn?.(foreseenMessage(await describe(foreseen, asking.within, options)));
        if (missing.length > 0) await obtain(missing, asking);
      } else if (missing.length > 0) await obtain(distinct([...missing, ...foreseen]), asking);
      else if (foreseen.length > 0) await offer(foreseen, asking);
    }
    for (const { grant } of wanted) note(grant, asking, { granted: options.flags.all ? '-A' : (holderOf(grant, asking)?.by ?? 'prompt') });
    return wanted.map(({ use }) => use);
  }

  async function resolve(need: Need, asking: Asking): Promise<ResolvedNeed> {
    try {
      return await resolveNeed(need, options);
    } catch (error) {
      if (error instanceof PermissionError) note({ kind: need.kind, value: wordOf(need) }, asking, { refused: error.code });
      throw error;
    }
  }

  /** What of it is not permitted, and was not asked about yet. What is wrong with it is said when it is really wanted. */
  async function foreseenNow(asking: Asking): Promise<readonly MissingGrant[]> {
    const needs = asking.foreseen.splice(0);
    const wanted = await Promise.all(needs.map((need) => resolveNeed(need, options).catch(ofLater)));
    return distinct(wanted.flat().filter(({ grant }) => holderOf(grant, asking) === undefined && !refused.has(formatGrant(grant))));
  }

  /** Asked before it is wanted: a no ends nothing yet. */
  async function offer(foreseen: readonly MissingGrant[], asking: Asking): Promise<void> {
    const answer = await options.ask?.permission(questionAbout(await describe(foreseen, asking.within, options)));
    const grants = foreseen.map(({ grant }) => grant);
    if (answer === 'once' || answer === 'always') return take(answer, grants, asking);
    for (const grant of grants) refused.add(formatGrant(grant));
  }

  /** A script that may write where its program lies could run anything. */
  function refuseReplaceable(wanted: readonly ResolvedNeed[], asking: Asking): void {
    const programs = wanted.map(({ grant }) => grant).filter(({ kind }) => kind === 'run');
    for (const program of programs) {
      const over = writableOver(program.value, wanted);
      if (over === undefined) continue;
      note(program, asking, { refused: 'refused' });
      throw new PermissionError('refused', replaceableMessage(program.value, over));
    }
  }

  /** The granted folder, of this run or of a sub-project, that lets a script write at `path`. */
  function writableOver(path: string, wanted: readonly ResolvedNeed[]): string | undefined {
    for (const { grant } of [...granted, ...askers.flatMap(({ remembered }) => remembered), ...wanted]) {
      if (grant.kind === 'write' && liesIn(path, grant.value)) return grant.value;
    }
    return undefined;
  }

  async function obtain(missing: readonly MissingGrant[], asking: Asking): Promise<void> {
    const about = await describe(missing, asking.within, options);
    const grants = missing.map(({ grant }) => grant);
    const refuse = (code: PermissionErrorCode): never => {
      for (const grant of grants) note(grant, asking, { refused: code });
      throw new PermissionError(code, refusalMessage(about));
    };
    if (grants.some((grant) => refused.has(formatGrant(grant)))) refuse('denied');
    const answer = await options.ask?.permission(questionAbout(about));
    if (answer !== 'once' && answer !== 'always') {
      for (const grant of grants) refused.add(formatGrant(grant));
      return refuse(answer === 'no' ? 'denied' : 'missing');
    }
    await take(answer, grants, asking);
  }

  async function take(answer: 'once' | 'always', grants: readonly Grant[], asking: Asking): Promise<void> {
    const given = grants.map((grant): Granted => ({ grant, by: 'prompt' }));
    if (answer === 'once' || options.projectFile === undefined) {
      granted.push(...given);
      return;
    }
    await options.remembered.allow(options.projectFile, grants, { sourcesHash: options.sourcesHash, subProjects: asking.within });
    // Only for who asked: what is not remembered for a sub-project would be missing in the next run, when nobody may be there to ask.
    asking.remembered.push(...given);
  }

  function holderOf(wanted: Grant, asking: Asking): Granted | undefined {
    return [...granted, ...asking.remembered].find(({ grant }) => covers(grant, wanted));
  }

  function note(grant: Grant, asking: Asking, decision: Decision): void {
    options.audit?.(entryOf(grant, decision, asking, options));
  }

  function requireInTurn(needs: readonly Need[], asking: Asking, atStart = false): Promise<readonly string[]> {
    const turn = last.then(() => decide(needs, asking, atStart));
    last = turn.catch((error: unknown) => {
      if (error instanceof PermissionError) denied ??= error;
    });
    return turn;
  }

  async function brokerFor(within: readonly SubProject[], foreseen: readonly Need[] = []): Promise<Broker> {
    const { valid } = await rememberedFor(within, options);
    const asking: Asking = { within, remembered: valid.map((grant) => ({ grant, by: 'remembered' })), foreseen: [...foreseen] };
    askers.push(asking);
    return {
      require: (needs, as) => requireInTurn(needs, asking, as?.atStart === true),
      async forSubProject(projectFile, load) {
        const [file = projectFile] = await requireInTurn([{ kind: 'read', path: projectFile, words: 'runs' }], asking);
        const loaded = await load();
        return { broker: await brokerFor([...within, { file, sourcesHash: loaded.sourcesHash }], loaded.foreseen), loaded };
      },
      couldReplace: (path) => !options.flags.all && writableOver(path, []) !== undefined,
      get denied() {
        return denied;
      },
    };
  }
  return brokerFor([], options.foreseen);
}

/** Who wants something. */
interface Asking {
  /** The sub-projects from the project down to the one that asks; empty: the project itself. */
  readonly within: readonly SubProject[];
  /** What was remembered for exactly these. */
  readonly remembered: Granted[];
  /** Not asked about yet. */
  readonly foreseen: Need[];
}

function ofLater(error: unknown): [] {
  if (error instanceof NeedError || error instanceof PermissionError) return [];
  throw error;
}

async function grantedFromStart({ projectDir, flags, currentDir, namedRoots, rules }: BrokerOptions): Promise<Granted[]> {
  const freely = (by: GrantedBy, path: string): Granted[] => [
    { grant: { kind: 'read', value: path }, by },
    { grant: { kind: 'write', value: path }, by },
  ];
  const free = [...freely('own folder', projectDir), ...namedRoots.flatMap((path) => freely('named root', path))];
  const flagged = GRANT_KINDS.flatMap((kind) =>
    flags[kind].filter((value) => value !== '').map((value): Granted => ({ grant: grantOf(kind, value, currentDir), by: 'flag' })),
  );
  return Promise.all([...free, ...flagged].map(async ({ grant, by }) => ({ grant: await withRealPath(grant, rules), by })));
}

async function rememberedFor(
  within: readonly SubProject[],
  { projectFile, sourcesHash, remembered }: BrokerOptions,
): ReturnType<RememberedGrants['find']> {
  return projectFile === undefined ? { valid: [], stale: [] } : remembered.find(projectFile, sourcesHash, within);
}

type Decision = Pick<PermissionEntry, 'granted' | 'refused'>;

function entryOf({ kind, value }: Grant, decision: Decision, { within }: Asking, { projectFile }: BrokerOptions): PermissionEntry {
  const subProject = within.at(-1)?.file;
  return { what: 'permission', project: projectFile, ...(subProject === undefined ? {} : { subProject }), kind, value, ...decision };
}

/** What was asked for, as it was written. */
function wordOf(need: Need): string {
  if (need.kind === 'net') return `${need.host}:${need.port}`;
  if (need.kind === 'run') return need.program;
  return 'path' in need ? need.path : need.name;
}

function replaceableMessage(program: string, folder: string): string {
  const where = program === folder ? 'it' : `below ${printable(folder)}`;
  return `${printable(program)} is not run: the script may write ${where}, so it could run anything in its name. Put the program where the script cannot write`;
}

async function describe(missing: readonly MissingGrant[], within: readonly SubProject[], options: BrokerOptions): Promise<MissingGrants> {
  const { stale } = await rememberedFor(within, options);
  const formerCount = missing.filter(({ grant }) => stale.some((old) => covers(old, grant))).length;
  return { missing, subProjects: within.map(({ file }) => file), projectFile: options.projectFile, formerCount };
}

function distinct(missing: readonly MissingGrant[]): MissingGrant[] {
  return [...new Map(missing.map((need) => [formatGrant(need.grant), need])).values()];
}
