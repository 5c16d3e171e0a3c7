import { existsSync } from 'node:fs';
import { formatGrant, type Grant, GrantError, parseGrant } from '../permissions/grant.ts';
import { PermissionError } from '../permissions/permission-error.ts';
import type { GrantScope, RememberedGrants } from '../permissions/remembered.ts';
import { StateError } from '../state/state-error.ts';
import { BundleError } from './bundle/bundle-error.ts';
import { PlanFileError } from './plans/plan-file.ts';
import { rememberedGrants } from './remembered-grants.ts';
import { sourcesHashOf } from './bundle/sources-hash.ts';

/** Something for the user to mend: no grant, one that nobody can give, a project that cannot be bundled, a damaged `grants.json`. */
export class GrantsError extends Error {
  override readonly name = 'GrantsError';
}

export interface AllowRequest {
  /** Absolute path of an existing project file. */
  readonly projectFile: string;
  /** `read:PATH` and so on; paths relative to `currentDir`. */
  readonly grants: readonly string[];
  readonly currentDir: string;
  /** Absolute paths of existing project files that it runs and that may use the grants, too. */
  readonly subProjects: readonly string[];
  /** Valid after changes of the sources too; all that was allowed before as well. */
  readonly anyChange: boolean;
}

/** Remembered permissions of one project file. */
export interface ListedGrants {
  readonly projectFile: string;
  readonly grants: readonly ListedGrant[];
}

export interface ListedGrant {
  /** `kind:value`. */
  readonly grant: string;
  /** Valid whatever becomes of the sources. */
  readonly anyChange: boolean;
  /** Why it does not count any more, as part of a sentence; undefined: it counts. */
  readonly stale: string | undefined;
  /** Sub-projects that may use it, too. */
  readonly subProjects: readonly { readonly file: string; readonly stale: string | undefined }[];
}

/** `sxrun allow`. Resolves to the grants as they are remembered. Rejects with GrantsError. */
export function allowProject(request: AllowRequest, remembered: RememberedGrants = rememberedGrants()): Promise<readonly string[]> {
  return mendable(async () => {
    const grants = request.grants.map((text) => parseGrant(text, request.currentDir));
    const scope = request.anyChange ? 'any-change' : await scopeOf(request, grants, remembered);
    return (await remembered.allow(request.projectFile, grants, scope)).map(formatGrant);
  });
}

async function scopeOf({ projectFile, subProjects }: AllowRequest, grants: readonly Grant[], remembered: RememberedGrants): Promise<GrantScope> {
  const subs = subProjects.map(async (file) => ({ file, sourcesHash: await sourcesHashOf(file, grants, remembered) }));
  return { sourcesHash: await sourcesHashOf(projectFile, grants, remembered), subProjects: await Promise.all(subs) };
}

/** `sxrun grants`: by project file, sorted. Rejects with GrantsError. */
export function listGrants(remembered: RememberedGrants = rememberedGrants()): Promise<readonly ListedGrants[]> {
  return mendable(async () => {
    const projects = await remembered.list();
    return Promise.all(
      projects.map(async ({ projectFile, grants }) => ({
        projectFile,
        grants: await Promise.all(grants.map(({ grant, scope }) => listed(grant, scope, projectFile, remembered))),
      })),
    );
  });
}

async function listed(grant: Grant, scope: GrantScope, projectFile: string, remembered: RememberedGrants): Promise<ListedGrant> {
  const anyChange = scope === 'any-change';
  const staleOf = (file: string, sourcesHash: string) => stalenessOf(file, sourcesHash, remembered);
  const subs = anyChange ? [] : scope.subProjects.map(async ({ file, sourcesHash }) => ({ file, stale: await staleOf(file, sourcesHash) }));
  const stale = anyChange ? undefined : await staleOf(projectFile, scope.sourcesHash);
  return { grant: formatGrant(grant), anyChange, stale, subProjects: await Promise.all(subs) };
}

async function stalenessOf(file: string, sourcesHash: string, remembered: RememberedGrants): Promise<string | undefined> {
  if (!existsSync(file)) return 'the file is gone';
  try {
    return (await sourcesHashOf(file, [], remembered)) === sourcesHash ? undefined : 'changed since allowed';
  } catch (error) {
    if (error instanceof BundleError || error instanceof PlanFileError) return 'has an error now';
    throw error;
  }
}

/** `sxrun revoke`. False when nothing was remembered. The file need not exist any more. Rejects with GrantsError. */
export function revokeGrants(projectFile: string, remembered: RememberedGrants = rememberedGrants()): Promise<boolean> {
  return mendable(() => remembered.revoke(projectFile));
}

async function mendable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if ([GrantError, PermissionError, BundleError, PlanFileError, StateError].some((kind) => error instanceof kind)) {
      throw new GrantsError(error instanceof Error ? error.message : String(error), { cause: error });
    }
    throw error;
  }
}
