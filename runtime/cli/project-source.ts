import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import type { RunRequest } from '../project/run-request.ts';
import { COMMANDS, isCommand } from './options.ts';
import type { RunSettings } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

const DEFAULT_FILE = 'config.sync.ts';
const ENDING = '.sync.ts';
/** Of scripts of any kind; `*.sync.ts` is what they are usually named. */
export const PROJECT_ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** The project that a command line names, found. Throws `UsageError` that says what was looked for and what there is instead. */
export async function findSource(source: RunSettings['source'], currentDir: string, readInput: () => Promise<string>): Promise<RunRequest['source']> {
  if (source.kind === 'plan') return source;
  if (source.kind === 'none') return { kind: 'none', directory: currentDir };
  if (source.kind === 'stdin') return { kind: 'text', text: await readInput(), directory: currentDir };
  return { kind: 'file', path: await findProjectFile(source.path, currentDir) };
}

/** Absolute path of an existing file; without `path` the default file of the current folder. Throws `UsageError`. */
export async function findProjectFile(path: string | undefined, currentDir: string, endings: readonly string[] = PROJECT_ENDINGS): Promise<string> {
  if (path === '') throw new UsageError('the name of the project file is empty');
  const file = resolve(currentDir, path ?? DEFAULT_FILE);
  const kind = await kindOf(file);
  if (kind === 'nothing') throw new UsageError(await missing(path, file, currentDir));
  if (kind === 'directory') {
    throw new UsageError(`"${path}" is a folder; a project is a file that ends in ${ENDING}${await othersIn(file)}`);
  }
  if (!endings.some((ending) => file.endsWith(ending))) throw new UsageError(`"${path}" is no project file: their names end in ${ENDING}`);
  return file;
}

async function missing(path: string | undefined, file: string, currentDir: string): Promise<string> {
  const make = 'Make one with "sxrun new"';
  if (path === undefined) {
    return `no project file is named, and there is no ${DEFAULT_FILE} in ${currentDir}${await othersIn(currentDir)}. ${make}, or name roots with -z -r`;
  }
  if (!/[./\\]/.test(path)) {
    const command = closest(path, [...COMMANDS]);
    if (isCommand(path)) return `"${path}" is a command: it comes first, before all options`;
    if (distance(path, command) <= 2) return `there is no command and no project file "${path}" (Did you mean "sxrun ${command}"?)`;
  }
  const longer = `${path}${ENDING}`;
  if ((await kindOf(`${file}${ENDING}`)) === 'file') return `there is no file "${path}" (Did you mean ${longer}?)`;
  const folder = dirname(file);
  const near = await nearName(basename(file), folder);
  if (near !== undefined) return `there is no project file "${path}" (Did you mean ${join(dirname(path), near)}?)`;
  return `there is no project file "${path}" in ${folder}${await othersIn(folder)}. ${make}`;
}

async function othersIn(folder: string): Promise<string> {
  const found = await projectsIn(folder);
  if (found.length === 0) return '';
  const more = found.length > 5 ? ` and ${found.length - 5} more` : '';
  return `; it has ${found.slice(0, 5).join(', ')}${more}`;
}

async function nearName(name: string, folder: string): Promise<string | undefined> {
  const found = await projectsIn(folder);
  if (found.length === 0) return undefined;
  const near = closest(name, found);
  return distance(name, near) <= 2 ? near : undefined;
}

async function projectsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort();
  } catch {
    // Only a hint is lost: that the folder cannot be read is not what the message is about.
    return [];
  }
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing';
    throw new UsageError(`the project file "${path}" cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
  }
}
