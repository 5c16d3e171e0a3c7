import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** The folders where sxrun keeps what is its own, as absolute paths. They need not exist. */
export interface OwnFolders {
  /** Settings and `grants.json`. */
  readonly config: string;
  /** Secrets and audit logs. */
  readonly data: string;
  /** Bundled scripts; may be cleared at any time. */
  readonly cache: string;
  /** Every folder that is out of a script's reach: the ones above, and the usual ones also while `SXRUN_HOME` moves them. */
  readonly protected: readonly string[];
}

/**
 * The usual folders of the platform (XDG on Linux, Library on macOS, AppData on Windows), or, with the environment variable `SXRUN_HOME` set,
 * `config`, `data` and `cache` in that folder.
 */
export function ownFolders(home: string | undefined = process.env['SXRUN_HOME']): OwnFolders {
  const usual = envPaths('sxrun', { suffix: '' });
  const usualFolders = [resolve(usual.config), resolve(usual.data), resolve(usual.cache)] as const;
  const [config, data, cache] = home
    ? ([join(resolve(home), 'config'), join(resolve(home), 'data'), join(resolve(home), 'cache')] as const)
    : usualFolders;
  return { config, data, cache, protected: [...new Set([config, data, cache, ...usualFolders])] };
}
