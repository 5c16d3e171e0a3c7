import { join } from 'node:path';
import { ownFolders } from '../machine/own-folders.ts';
import { createPathRules } from '../permissions/path-rules.ts';
import {
  createRememberedGrants,
  GRANTS_FILE_NAME,
  type GrantsFile,
  NO_GRANTS,
  type RememberedGrants,
  validateGrantsFile,
} from '../permissions/remembered.ts';
import { openStore, type Store } from '../state/store.ts';

/** The grants of this user, in `grants.json`. The file is opened when something is asked for. */
export function rememberedGrants(): RememberedGrants {
  const folders = ownFolders();
  let opened: Promise<Store<{ projects: GrantsFile['projects'] }>> | undefined;
  const store = () => {
    opened ??= openStore(join(folders.config, GRANTS_FILE_NAME), { ...NO_GRANTS }, (data) => ({ ...validateGrantsFile(data) }));
    return opened;
  };
  return createRememberedGrants(
    {
      read: async () => (await store()).reload(),
      async update(change) {
        await (await store()).update((data) => {
          data.projects = change(data).projects;
        });
      },
    },
    createPathRules(folders.protected),
  );
}
