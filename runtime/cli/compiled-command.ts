import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { keptFile } from '../machine/kept-file.ts';
import { ownFolders } from '../machine/own-folders.ts';
import { untuneEngine } from '../machine/tune-engine.ts';
import type * as Command from './command.ts';

export interface CompiledCommand {
  readonly command: typeof Command;
  /** Keeps what V8 has compiled in this run for the next ones, unless it was there already. */
  keepCode(): Promise<void>;
}

/** Of several versions of this program or of Node that are used in turns. */
const LIMITS = { files: 4, bytes: 32_000_000 };

/**
 * Loads `dist/command.cjs`. Reading and compiling that much code takes V8 longer than a small run itself, so the compiled code is kept among our own files, under the hash of all that it was made
 * of: V8 itself would take the code of another file of the same length.
 */
export function loadCommand(file: string): CompiledCommand {
  const { cache } = ownFolders();
  // Nothing but ASCII: the build sees to that.
  const source = readFileSync(file, 'latin1');
  const made = [source, process.version, process.arch, ...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  const name = `${createHash('sha256').update(made.join('\0'), 'latin1').digest('hex')}.code`;
  const cachedData = keptFile(cache, name);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    cachedData,
  });
  const module = { exports: {} as typeof Command };
  (script.runInThisContext() as Wrapped)(module.exports, createRequire(file), module, file, dirname(file));
  return {
    command: module.exports,
    async keepCode() {
      // Who runs this program once needs no code of it: the first run makes the folder, for its bundle.
      if ((cachedData !== undefined && script.cachedDataRejected !== true) || !existsSync(cache)) return;
      // V8 takes only what it has compiled under the flags that it has when it is asked for it.
      untuneEngine();
      const { keepFile } = await import('../machine/keep-file.ts');
      await keepFile(cache, name, script.createCachedData(), LIMITS);
    },
  };
}

type Wrapped = (exports: object, require: NodeJS.Require, module: object, file: string, folder: string) => void;
