import { stampProjects } from './define-project.ts';
import type { Project } from './project.ts';
import { SyncError } from './sync-error.ts';
import { runByItself, scriptDecided } from './sync.ts';

/** Runs the script's default export, unless the script has decided itself what is run. `file` is the script's own. */
export async function runDefault(exported: unknown, file: string): Promise<void> {
  stampProjects(exported, file);
  if (scriptDecided()) return;
  if (exported === undefined) throw new NothingToRun();
  if (Array.isArray(exported) && exported.length === 0)
    throw new SyncError('options', 'the default export is an empty list: there is nothing to run');
  await runByItself(exported as Project);
}

export const NOTHING_TO_RUN = 'nothing to run: write "export default defineProject({ roots: [...] })", or call sync.do(...)';

class NothingToRun extends Error {
  override readonly name = 'NothingToRun';
  constructor() {
    super(NOTHING_TO_RUN);
  }
}
