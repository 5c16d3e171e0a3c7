import type { RelPath } from './path.ts';
import { VfsError } from './vfs-error.ts';
import type { Entry, Expected } from './vfs.ts';

/** Whether what was found at a path is what an action expects there. */
export function isAsExpected(found: Entry | undefined, expected: Expected): boolean {
  switch (expected.kind) {
    case 'nothing':
      return found === undefined;
    case 'file':
      return found?.kind === 'file' && found.revision === expected.revision;
    case 'link':
      return found?.kind === 'link' && found.target === expected.target;
    case 'directory':
      return found?.kind === 'directory';
  }
}

/** `changed` unless it is. */
export function requireExpected(found: Entry | undefined, expected: Expected, path: RelPath): void {
  if (!isAsExpected(found, expected)) throw new VfsError('changed', path, 'it is not as it was when the plan was made');
}
