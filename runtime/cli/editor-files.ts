import { copyFileSync, constants, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFolder } from '../package-folder.ts';

/** Only this folder's own files: a project often lies in a large tree that an editor must not load. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    moduleDetection: 'force',
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

/**
 * Leaves in `folder` what an editor needs to know `sxrun`: nothing when the package is installed there or above, else `sxrun.d.ts`, which
 * declares the module, and a `tsconfig.json` that takes it in. Files that are there stay as they are. Returns the names of those written.
 */
export function writeEditorFiles(folder: string): readonly string[] {
  if (isInstalled(folder)) return [];
  const written: string[] = [];
  if (!existsSync(join(folder, 'sxrun.d.ts'))) {
    copyFileSync(join(packageFolder(), 'dist', 'sxrun-editor.d.ts'), join(folder, 'sxrun.d.ts'), constants.COPYFILE_EXCL);
    written.push('sxrun.d.ts');
  }
  if (!existsSync(join(folder, 'tsconfig.json'))) {
    writeFileSync(join(folder, 'tsconfig.json'), `${JSON.stringify(TSCONFIG, null, 2)}\n`, { flag: 'wx' });
    written.push('tsconfig.json');
  }
  return written;
}

function isInstalled(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', 'sxrun', 'package.json'))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(above);
}
