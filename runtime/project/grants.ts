import { formatGrant, GrantError, parseGrant } from '../permissions/grant.ts';
import { PermissionError } from '../permissions/permission-error.ts';
import type { RememberedGrants } from '../permissions/remembered.ts';
import { rememberedGrants } from './remembered-grants.ts';
import { sourcesHashOf } from './sources-hash.ts';

/** What was to be allowed is no grant, or nobody can grant it. The message says what to write instead. */
export class GrantsError extends Error {
  override readonly name = 'GrantsError';
}

export interface AllowRequest {
  /** Absolute path of an existing project file. */
  readonly projectFile: string;
  /** `read:PATH` and so on; paths relative to `currentDir`. */
  readonly grants: readonly string[];
  readonly currentDir: string;
  /** Valid after changes of the sources too; all that was allowed before as well. */
  readonly anyChange: boolean;
}

/** Remembered permissions of one project file. */
export interface ListedGrants {
  readonly projectFile: string;
  /** `kind:value`; `anyChange`: valid whatever becomes of the sources. */
  readonly grants: readonly { readonly grant: string; readonly anyChange: boolean }[];
}

/** `sxrun allow`. Resolves to the grants in full. Rejects with GrantsError. */
export async function allowProject(request: AllowRequest, remembered: RememberedGrants = rememberedGrants()): Promise<readonly string[]> {
  try {
    const grants = request.grants.map((text) => parseGrant(text, request.currentDir));
    const scope = request.anyChange ? 'any-change' : { sourcesHash: await sourcesHashOf(request.projectFile, grants) };
    await remembered.allow(request.projectFile, grants, scope);
    return grants.map(formatGrant);
  } catch (error) {
    if (error instanceof GrantError || error instanceof PermissionError) throw new GrantsError(error.message, { cause: error });
    throw error;
  }
}

/** `sxrun grants`: by project file, sorted. */
export async function listGrants(remembered: RememberedGrants = rememberedGrants()): Promise<readonly ListedGrants[]> {
  const projects = await remembered.list();
  return projects.map(({ projectFile, grants }) => ({
    projectFile,
    grants: grants.map(({ grant, scope }) => ({ grant: formatGrant(grant), anyChange: scope === 'any-change' })),
  }));
}

/** `sxrun revoke`. False when nothing was remembered. The file need not exist any more. */
export async function revokeGrants(projectFile: string, remembered: RememberedGrants = rememberedGrants()): Promise<boolean> {
  return await remembered.revoke(projectFile);
}
