import { changedBelow, versionBelow } from '../../below.ts';
import { joinPath, type RelPath } from '../../path.ts';
import type { Below } from '../../vfs.ts';
import { describe, readNames } from './list-directory.ts';
import type { OpenedDirectories } from './opened-directories.ts';

/**
 * `changed` when `directory`, which was at `path` before it was set aside, holds anything that is not in `known`: an unfinished file of another run counts, too.
 * Links are not followed: where they are shown as what they lead to, only the link itself is here.
 */
export function requireKnown(directories: OpenedDirectories, directory: RelPath, path: RelPath, known: Below): void {
  const { path: rootPath, modes, followLinks } = directories.root;
  const open = [{ at: directory, was: path }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    directories.refresh();
    const prefix = directories.enter(next.at);
    const { names, misspelled } = readNames(prefix);
    for (const name of names) {
      const was = joinPath(next.was, name);
      const entry = describe(prefix, name, { rootPath, modes, followLinks: false, noLinksTo: [] }, NOWHERE);
      const version = entry === undefined || misspelled?.has(name) ? undefined : versionBelow(entry);
      const isKnownLink = followLinks && entry?.kind === 'link' && known.has(was);
      if (version === undefined || (version !== known.get(was) && !isKnownLink)) throw changedBelow(path, was);
      if (entry?.kind === 'directory') open.push({ at: joinPath(next.at, name), was });
    }
  }
}

const NOWHERE = new Set<string>();
