import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { BUILT_ARGUMENTS } from '../kit/built-command.ts';

export interface WrongProject {
  /** What the user got wrong. */
  readonly what: string;
  /** `a.sync.ts`; in it `TOP` is the absolute path of the project's folder, which has `one/a.txt`, `two` and a file `file.txt`. */
  readonly script?: string;
  /** Other files of the project by path; what ends in `/` is a folder. `TOP` is replaced. */
  readonly files?: Readonly<Record<string, string>>;
  /** The command line (`a.sync.ts`). `TOP` is replaced. */
  readonly args?: readonly string[];
  /** The exit code (2). */
  readonly code?: number;
  /** Where it is, such as `a.sync.ts:2:7`; absent where no script is at fault. */
  readonly at?: string;
  /** What the message says, with the way out. */
  readonly says: RegExp;
  /** The engine's own words are shown, since they are all there is. */
  readonly enginesWords?: true;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Insides of sxrun or of Node.js that tell a user nothing. */
const INSIDES =
  /node:internal|dist[\\/]|chunks[\\/]|\bdefect|wasm|Zod|\[object |QuickJS|esbuild|sxrun-\w+:|no such file or directory|illegal operation|cannot read property|invalid 'in' operand/;

/** A test for each project: it is refused with its exit code, the message says where and what to do, and its folders are as they were. */
export function refusesAll(subject: string, projects: readonly WrongProject[]): void {
  describe(`wrong ${subject}: the message says where, and the way out`, { concurrency: 4 }, () => {
    for (const project of projects) test(project.what, () => refuses(project));
  });
}

async function refuses(project: WrongProject): Promise<void> {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'sxrun-wrong-')));
  try {
    const folder = join(top, 'project');
    const filled = (text: string) => text.replaceAll('TOP', folder.replaceAll('\\', '/'));
    const script = project.script === undefined ? {} : { 'a.sync.ts': project.script };
    for (const [path, text] of Object.entries({ 'one/a.txt': 'a', 'two/': '', 'file.txt': 'f', ...script, ...project.files })) {
      await mkdir(path.endsWith('/') ? join(folder, path) : dirname(join(folder, path)), { recursive: true });
      if (!path.endsWith('/')) await writeFile(join(folder, path), filled(text));
    }
    const before = await rootsOf(folder);
    const ended = await run((project.args ?? ['a.sync.ts']).map(filled), folder);
    assert.equal(ended.code, project.code ?? 2, ended.output);
    if (project.at !== undefined) assert.ok(ended.output.includes(`${project.at}:`), `it names ${project.at}:\n${ended.output}`);
    assert.match(ended.output, project.says);
    if (project.enginesWords !== true) assert.doesNotMatch(ended.output, INSIDES, 'no insides are shown');
    assert.deepEqual(await rootsOf(folder), before, 'the folders are as they were');
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

function run(args: readonly string[], folder: string): Promise<Ended> {
  return new Promise((resolve) => {
    const home = join(folder, '..', 'home');
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, SXRUN_HOME: home };
    const child = execFile(process.execPath, [...BUILT_ARGUMENTS, ...args], { cwd: folder, env, timeout: 120_000 }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
    child.stdin?.end();
  });
}

async function rootsOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() ? `${path}: ${await readFile(path, 'latin1')}` : path;
  });
  return (await Promise.all(lines)).sort();
}
