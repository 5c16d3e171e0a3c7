import { lstatSync, type Stats } from 'node:fs';
import { SecretError } from './secret-error.ts';
import { translated } from './state-error.ts';

/**
 * False when nothing is there. Throws SecretError `exposed` for what is no plain `kind`, belongs to someone else, or can be read or changed by others.
 * Windows keeps others out of a user's AppData by itself.
 */
export function isPrivate(path: string, kind: 'file' | 'folder'): boolean {
  const stats = look(path);
  if (stats === undefined) return false;
  if (!(kind === 'file' ? stats.isFile() : stats.isDirectory())) throw new SecretError('exposed', `${path} is no plain ${kind}. Move it away.`);
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  if (stats.uid !== uid) {
    throw new SecretError('exposed', `${path} belongs to another user (${stats.uid}); secrets are only kept in what belongs to you (${uid}).`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = kind === 'file' ? '600' : '700';
    throw new SecretError(
      'exposed',
      `${path} can be read or changed by others (mode ${(stats.mode & 0o777).toString(8)}), so it is not used. If nobody was meant to see it: chmod ${mode}, and set the secrets anew that others may have seen.`,
    );
  }
  return true;
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw translated('unreadable', path, error);
  }
}
