import type { RelPath } from './path.ts';
import { VfsError } from './vfs-error.ts';
import { type DirectoryNode, type Entry, type Expected, type FileNode, type LinkNode, NOTHING, type OtherNode } from './vfs.ts';

/** What an action expects that is to find what was found. `wrong-kind` for what nothing is ever done to. */
export function expectedOf(found: FileNode | DirectoryNode | LinkNode | OtherNode | undefined, path: RelPath): Expected {
  switch (found?.kind) {
    case undefined:
      return NOTHING;
    case 'file':
      return { kind: 'file', revision: found.revision };
    case 'link':
      return { kind: 'link', target: found.target };
    case 'directory':
      return { kind: 'directory' };
    case 'other':
      throw new VfsError('wrong-kind', path, `something else is in the way: ${found.reason}`);
  }
}

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
