import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs that is on the search path. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const extensions = process.platform === 'win32' ? ['.exe'] : [''];
  for (const name of names) {
    for (const folder of folders) {
      for (const extension of extensions) {
        const file = join(folder, name + extension);
        if (isExecutable(file)) return file;
      }
    }
  }
  return undefined;
}

/** Test options: without the program the test is skipped by name, but never where `CI` is set, whose machine has all of them. */
export function needing(...names: readonly string[]): { readonly skip: string | false } {
  const isThere = findProgram(...names) !== undefined;
  return { skip: isThere || process.env['CI'] === 'true' ? false : `needs ${names.join(' or ')}, which is not installed here` };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
