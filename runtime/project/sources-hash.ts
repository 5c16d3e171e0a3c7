import { ownFolders } from '../own-folders.ts';
import { isBelow } from '../permissions/path-match.ts';
import type { Grant } from '../permissions/grant.ts';
import { bundleProject } from './bundle.ts';
import { realPathOf } from '../real-path.ts';

/** The hash of a project's bundled sources, with the read grants that it is about to get. Rejects with BundleError. */
export async function sourcesHashOf(projectFile: string, grants: readonly Grant[]): Promise<string> {
  const folders = grants.filter(({ kind }) => kind === 'read').map(({ value }) => realPathOf(value));
  const mayRead = (realPath: string) => folders.some((folder) => isBelow(realPath, folder));
  const bundle = await bundleProject({ kind: 'file', path: projectFile }, { cacheFolder: ownFolders().cache, mayRead });
  return bundle.sourcesHash;
}
