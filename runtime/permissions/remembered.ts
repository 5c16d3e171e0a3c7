import * as z from 'zod/mini';
import { compareNames } from '../vfs/path.ts';
import { formatGrant, GrantError, parseGrant, type Grant } from './grant.ts';
import type { PathRules } from './path-rules.ts';
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
}

/** A small file that is read whole and replaced whole, one update after another. `state/` has it. */
export interface GrantsStore {
  read(): Promise<GrantsFile>;
  update(change: (current: GrantsFile) => GrantsFile): Promise<void>;
}

export const NO_GRANTS: GrantsFile = { projects: {} };
export const GRANTS_FILE_NAME = 'grants.json';

const rememberedGrant = z.strictObject({ grant: z.string().check(z.refine(isGrant)), sources: z.nullable(z.string()) });
const grantsFile = z.strictObject({ projects: z.record(z.string(), z.array(rememberedGrant)) });

/** Throws when `data` is not what `grants.json` holds. */
export function validateGrantsFile(data: unknown): GrantsFile {
  return grantsFile.parse(data);
}

/** Which state of the sources a grant is for. */
export type GrantScope = { readonly sourcesHash: string } | 'any-change';

export interface ProjectGrants {
  /** Real path. */
  readonly projectFile: string;
  readonly grants: readonly { readonly grant: Grant; readonly scope: GrantScope }[];
}

/** Grants that outlive a run. Project files are named by any path; they are known by their real path. */
export interface RememberedGrants {
  /** `valid` for these sources; `stale` were given to others. Kinds and values are as they were allowed. */
  find(projectFile: string, sourcesHash: string): Promise<{ readonly valid: readonly Grant[]; readonly stale: readonly Grant[] }>;
  /**
   * Adds grants, for one state of the sources or for any; the same grant given before is replaced. With 'any-change' the hash is waived for all that
   * the project was granted before, too. Paths become real paths now. Rejects with PermissionError `refused` for what nobody can grant.
   */
  allow(projectFile: string, grants: readonly Grant[], scope: GrantScope): Promise<void>;
  /** By project file, sorted. */
  list(): Promise<readonly ProjectGrants[]>;
  /** False when there was nothing to revoke. */
  revoke(projectFile: string): Promise<boolean>;
}

export function createRememberedGrants(store: GrantsStore, rules: PathRules): RememberedGrants {
  return {
    async find(projectFile, sourcesHash) {
      const key = await keyOf(projectFile);
      const remembered = (await store.read()).projects[key] ?? [];
      const isValid = (one: RememberedGrant): boolean => one.sources === null || one.sources === sourcesHash;
      const grants = (some: readonly RememberedGrant[]): Grant[] => some.map((one) => parseGrant(one.grant, key));
      return { valid: grants(remembered.filter(isValid)), stale: grants(remembered.filter((one) => !isValid(one))) };
    },
    async allow(projectFile, grants, scope) {
      const key = await keyOf(projectFile);
      const added = await Promise.all(grants.map(async (grant) => formatGrant(await withRealPath(grant, rules))));
      const sources = scope === 'any-change' ? null : scope.sourcesHash;
      await store.update((current) => ({ projects: { ...current.projects, [key]: joined(current.projects[key] ?? [], added, sources) } }));
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

/** The grant for what its path leads to now: a link swapped later does not take it along. */
export async function withRealPath(grant: Grant, rules: PathRules): Promise<Grant> {
  return grant.kind === 'read' || grant.kind === 'write' ? { kind: grant.kind, value: await rules.resolve(grant.value) } : grant;
}

async function keyOf(projectFile: string): Promise<string> {
  return (await realPathOf(projectFile)).path;
}

function joined(before: readonly RememberedGrant[], added: readonly string[], sources: string | null): RememberedGrant[] {
  const kept = before.filter((one) => !added.includes(one.grant)).map((one) => (sources === null ? { ...one, sources } : one));
  return [...kept, ...[...new Set(added)].map((grant) => ({ grant, sources }))].sort((a, b) => compareNames(a.grant, b.grant));
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
  return one.sources === null ? 'any-change' : { sourcesHash: one.sources };
}
