import { createHash } from 'node:crypto';
import type { RelPath } from '../vfs/path.ts';
import { problemOf } from './problem.ts';
import type { Row } from './row.ts';
import type { ReadContent } from './settle-row.ts';
import type { EngineRoot } from './sync-run.ts';

/** SHA-256 of a file that must have this revision before and after it is read. Rejects with VfsError. */
export async function hashContent(root: EngineRoot, path: RelPath, revision: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of root.vfs.content(path, revision).open()) hash.update(chunk);
  return hash.digest('base64url');
}

export function contentReader(roots: readonly EngineRoot[]): ReadContent {
  return async (row: Row, toRead: readonly number[]) => {
    const hashes = row.at.map((_, root) => row.hashes?.[root]);
    for (const root of toRead) {
      const held = row.at[root];
      const found = roots[root];
      if (held?.kind !== 'file' || found === undefined) continue;
      try {
        hashes[root] = await hashContent(found, row.path, held.revision);
      } catch (error) {
        const problem = problemOf(error, row.path, root);
        if (problem === undefined) throw error;
        return { problem };
      }
    }
    return { row: { ...row, hashes } };
  };
}
