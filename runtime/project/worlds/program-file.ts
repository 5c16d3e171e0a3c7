import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The program of this process, which is the project file of the SDK as a library. Without one (`node -e`, a REPL) a name in the current folder that does not exist. */
export function programFile(): { readonly path: string; readonly directory: string; readonly isFile: boolean } {
  const [, main] = process.argv;
  if (main === undefined) return { path: join(process.cwd(), '(program).js'), directory: process.cwd(), isFile: false };
  const path = realpathSync(resolve(main));
  return { path, directory: dirname(path), isFile: true };
}
