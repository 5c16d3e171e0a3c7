import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, extname, isAbsolute, join, resolve } from 'node:path';
import { printable } from '../printable.ts';
import { NeedError } from './need.ts';
import type { PathRules } from './path-rules.ts';

/** Where programs are looked for. */
export interface ProgramPlaces {
  /** Where relative paths start. */
  readonly directory: string;
  readonly rules: PathRules;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The real path of a program. A bare name is looked up on the PATH, in its absolute entries only: neither the current folder nor the project's is ever
 * searched. On Windows the extensions .exe and .com are tried. Rejects with NeedError when there is no such program, or none that runs without a shell;
 * with PermissionError `refused` for what nobody may run (sxrun's own stores, /proc).
 */
export async function findProgram(program: string, places: ProgramPlaces): Promise<string> {
  if (program === '' || program.includes('\0') || program.length > LONGEST)
    throw new NeedError(`"${printable(program.slice(0, 60))}" is no name of a program`);
  const found = isPath(program) ? await existing(withHome(program), places) : await onPath(program, places);
  if (found === undefined) {
    const where = isPath(program) ? 'there is no file that can be run' : 'it is in no folder of the PATH; give its whole path';
    const hint = !isPath(program) && /\s/.test(program.trim()) ? ', and arguments in a list behind it' : '';
    throw new NeedError(`no program ${printable(program)}: ${where}${hint}`);
  }
  if (WINDOWS && !DIRECT.includes(extname(found).toLowerCase())) {
    throw new NeedError(`${printable(found)} needs a shell to run, and programs run without: name the .exe that it starts`);
  }
  return found;
}

/** No path is longer. */
const LONGEST = 4096;

/** True for what is no bare name to be looked up. */
export function isPath(program: string): boolean {
  return program === '~' || program.includes('/') || (WINDOWS && /[\\:]/.test(program));
}

const WINDOWS = process.platform === 'win32';
/** What Windows starts without a shell. Arguments of .bat and .cmd files go through cmd.exe, which no quoting makes safe. */
const DIRECT: readonly string[] = ['.exe', '.com'];

async function onPath(name: string, places: ProgramPlaces): Promise<string | undefined> {
  for (const folder of pathEntries(places.environment)) {
    const found = await existing(join(folder, name), places);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The folders of the PATH that are absolute: a relative one would mean whatever folder is the current one. */
export function pathEntries(environment: Readonly<Record<string, string | undefined>>): string[] {
  const name = WINDOWS ? (Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH') : 'PATH';
  const entries = (environment[name] ?? '').split(delimiter).map((entry) => (WINDOWS ? entry.replace(/^"(.*)"$/, '$1') : entry));
  return entries.filter((entry) => isAbsolute(entry) && !entry.includes('\0'));
}

async function existing(path: string, { directory, rules }: ProgramPlaces): Promise<string | undefined> {
  for (const ending of endingsOf(path)) {
    // As text: `..` after a link is for the rules to follow.
    const candidate = isAbsolute(path) ? path + ending : `${resolve(directory)}/${path}${ending}`;
    if (!(await isRunnable(candidate))) continue;
    return rules.resolve(candidate);
  }
  return undefined;
}

/** Windows: a file without extension is never a program there, a batch file is found only to be refused. */
function endingsOf(path: string): readonly string[] {
  if (!WINDOWS) return [''];
  return extname(path) === '' ? [...DIRECT, '.bat', '.cmd'] : ['', ...DIRECT];
}

async function isRunnable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return false;
  return (
    WINDOWS ||
    access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
  );
}

function withHome(program: string): string {
  return /^~(?=$|[\\/])/.test(program) ? join(homedir(), program.slice(1)) : program;
}
