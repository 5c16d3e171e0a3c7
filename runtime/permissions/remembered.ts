import * as z from 'zod/mini';
import { printable } from '../printable.ts';
import { compareNames } from '../vfs/path.ts';
import { formatGrant, GrantError, parseGrant, type Grant } from './grant.ts';
import { NeedError } from './need.ts';
import type { PathRules } from './path-rules.ts';
import { findProgram } from './program.ts';
import { realPathOf } from './real-path.ts';

/** What `grants.json` holds. Keys are real paths of project files. */
export interface GrantsFile {
  readonly projects: { readonly [projectFile: string]: readonly RememberedGrant[] };
}
interface RememberedGrant {
  /** As `formatGrant` writes it; paths are real paths. */
  readonly grant: string;
  /** Hash of the bundled sources it was given to; null: any. */
  readonly sources: string | null;
  /** Sub-projects that may use it: real path of the file → hash of its bundled sources. */
  readonly subProjects?: { readonly [projectFile: string]: string } | undefined;
}

/** A small file that is read whole and replaced whole, one update after another. `state/` has it. */
export interface GrantsStore {
  read(): Promise<GrantsFile>;
  update(change: (current: GrantsFile) => GrantsFile): Promise<void>;
}

export const NO_GRANTS: GrantsFile = { projects: {} };
export const GRANTS_FILE_NAME = 'grants.json';

const rememberedGrant = z.strictObject({
  grant: z.string().check(z.refine(isGrant)),
  sources: z.nullable(z.string()),
  subProjects: z.optional(z.record(z.string(), z.string())),
});
const grantsFile = z.strictObject({ projects: z.record(z.string(), z.array(rememberedGrant)) });

/** Throws an Error that names the place when `data` is not what `grants.json` holds. */
export function validateGrantsFile(data: unknown): GrantsFile {
  const checked = grantsFile.safeParse(data);
  if (checked.success) return checked.data;
  const place = checked.error.issues[0]?.path.map(String).join(' → ') ?? '';
  throw new Error(place === '' ? 'it holds something else than permissions' : `at "${place}" stands something else than a permission`);
}

/** A project file that is run by another one, as it was or is. */
export interface SubProject {
  /** Any path; known by its real path. */
  readonly file: string;
  readonly sourcesHash: string;
}

/** Which state of the sources a grant is for; `subProjects` may use it, too, in the state that they are named in. */
export type GrantScope = { readonly sourcesHash: string; readonly subProjects: readonly SubProject[] } | 'any-change';

export interface ProjectGrants {
  /** Real path. */
  readonly projectFile: string;
  readonly grants: readonly { readonly grant: Grant; readonly scope: GrantScope }[];
}

/** Grants that outlive a run. Project files are named by any path; they are known by their real path. */
export interface RememberedGrants {
  /**
   * `valid` for these sources; `stale` were given to others. Kinds and values are as they were allowed. `within`: the sub-projects from the project down to the
   * one that asks: a grant is valid there when it was given to every one of them as it is now; else any of them could be changed to misuse it.
   */
  find(
    projectFile: string,
    sourcesHash: string,
    within: readonly SubProject[],
  ): Promise<{ readonly valid: readonly Grant[]; readonly stale: readonly Grant[] }>;
  /**
   * Adds grants, for one state of the sources or for any; the same grant given before is replaced, and keeps its other sub-projects. With 'any-change' all hashes
   * are waived for all that the project was granted before, too. Paths and programs become real paths now. Resolves to the grants as they are remembered.
   * Rejects with PermissionError `refused` for what nobody can grant, with GrantError for a program that there is not.
   */
  allow(projectFile: string, grants: readonly Grant[], scope: GrantScope): Promise<readonly Grant[]>;
  /** By project file, sorted. */
  list(): Promise<readonly ProjectGrants[]>;
  /** False when there was nothing to revoke. */
  revoke(projectFile: string): Promise<boolean>;
}

export function createRememberedGrants(store: GrantsStore, rules: PathRules): RememberedGrants {
  return {
    async find(projectFile, sourcesHash, within) {
      const key = await keyOf(projectFile);
      const pins = Object.entries(await pinsOf(within));
      const remembered = (await store.read()).projects[key] ?? [];
      const isValid = (one: RememberedGrant) =>
        one.sources === null || (one.sources === sourcesHash && pins.every((pin) => one.subProjects?.[pin[0]] === pin[1]));
      const isStale = (one: RememberedGrant) => !isValid(one) && pins.every(([file]) => one.subProjects?.[file] !== undefined);
      const grants = (some: readonly RememberedGrant[]): Grant[] => some.map((one) => parseGrant(one.grant, key));
      return { valid: grants(remembered.filter(isValid)), stale: grants(remembered.filter(isStale)) };
    },
    async allow(projectFile, grants, scope) {
      const key = await keyOf(projectFile);
      const resolved = await Promise.all(grants.map((grant) => withRealPath(grant, rules)));
      const added = resolved.map(formatGrant);
      const sources = scope === 'any-change' ? null : scope.sourcesHash;
      const pins = scope === 'any-change' ? {} : await pinsOf(scope.subProjects);
      await store.update((current) => ({ projects: { ...current.projects, [key]: joined(current.projects[key] ?? [], added, { sources, pins }) } }));
      return resolved;
    },
    async list() {
      const { projects } = await store.read();
      return Object.entries(projects)
        .sort(([a], [b]) => compareNames(a, b))
        .map(([projectFile, remembered]) => ({
          projectFile,
          grants: remembered.map((one) => ({ grant: parseGrant(one.grant, projectFile), scope: scopeOf(one) })),
        }));
    },
    async revoke(projectFile) {
      const key = await keyOf(projectFile);
      let found = false;
      await store.update(({ projects: { [key]: revoked, ...projects } }) => {
        found = revoked !== undefined;
        return { projects };
      });
      return found;
    },
  };
}

/**
 * The grant for what its path or program leads to now: a link swapped later does not take it along. Rejects with GrantError when there is no such program,
 * with PermissionError `refused` for what nobody can grant.
 */
export async function withRealPath(grant: Grant, rules: PathRules): Promise<Grant> {
  switch (grant.kind) {
    case 'read':
    case 'write':
      return { kind: grant.kind, value: await rules.resolve(grant.value) };
    case 'run':
      return { kind: 'run', value: await programOf(grant.value, rules) };
    default:
      return grant;
  }
}

async function programOf(program: string, rules: PathRules): Promise<string> {
  try {
    return await findProgram(program, { directory: '/', rules, environment: process.env });
  } catch (error) {
    throw error instanceof NeedError ? new GrantError(`"run:${printable(program)}" cannot be granted: ${error.message}`, { cause: error }) : error;
  }
}

async function keyOf(projectFile: string): Promise<string> {
  return (await realPathOf(projectFile)).path;
}

/** Real path of each file → the hash of its sources. */
async function pinsOf(subProjects: readonly SubProject[]): Promise<{ [projectFile: string]: string }> {
  return Object.fromEntries(await Promise.all(subProjects.map(async ({ file, sourcesHash }) => [await keyOf(file), sourcesHash] as const)));
}

interface Given {
  readonly sources: string | null;
  readonly pins: { readonly [projectFile: string]: string };
}

function joined(before: readonly RememberedGrant[], added: readonly string[], { sources, pins }: Given): RememberedGrant[] {
  const kept = before.filter((one) => !added.includes(one.grant)).map((one) => (sources === null ? { grant: one.grant, sources } : one));
  const given = [...new Set(added)].map((grant): RememberedGrant => {
    const all = { ...before.find((one) => one.grant === grant)?.subProjects, ...pins };
    return sources === null || Object.keys(all).length === 0 ? { grant, sources } : { grant, sources, subProjects: all };
  });
  return [...kept, ...given].sort((a, b) => compareNames(a.grant, b.grant));
}

function isGrant(text: string): boolean {
  try {
    parseGrant(text, '');
    return true;
  } catch (error) {
    if (error instanceof GrantError) return false;
    throw error;
  }
}

function scopeOf(one: RememberedGrant): GrantScope {
  if (one.sources === null) return 'any-change';
  const subProjects = Object.entries(one.subProjects ?? {}).map(([file, sourcesHash]) => ({ file, sourcesHash }));
  return { sourcesHash: one.sources, subProjects };
}
