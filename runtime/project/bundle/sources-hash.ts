import { ownFolders } from '../../machine/own-folders.ts';
import { isBelow } from '../../permissions/path-match.ts';
import type { Grant } from '../../permissions/grant.ts';
import type { RememberedGrants } from '../../permissions/remembered.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { bundleProject } from './bundle.ts';
import { importReach } from './import-reach.ts';
import type { GrantFlags } from '../run-request.ts';
import { readPlanFile } from '../plans/saved-plan.ts';

const NO_FLAGS: Pick<GrantFlags, 'all' | 'read'> = { all: false, read: [] };

/** A saved plan is permitted like a project. */
function isPlanFile(path: string): boolean {
  return path.endsWith('.json');
}

/** The hash of a project's bundled sources, with the read grants that it has and those that it is about to get. Rejects with BundleError. Of a saved plan that of its content; PlanFileError. */
export async function sourcesHashOf(projectFile: string, grants: readonly Grant[], remembered: RememberedGrants): Promise<string> {
  if (isPlanFile(projectFile)) return readPlanFile(projectFile).hash;
  const folders = grants.filter(({ kind }) => kind === 'read').map(({ value }) => realPathOf(value));
  const isReached = await importReach(projectFile, NO_FLAGS, remembered);
  const mayRead = (realPath: string) => isReached(realPath) || folders.some((folder) => isBelow(realPath, folder));
  const bundle = await bundleProject({ kind: 'file', path: projectFile }, { cacheFolder: ownFolders().cache, mayRead });
  return bundle.sourcesHash;
}
