import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { BUILT_ARGUMENTS } from '../kit/built-command.ts';

/** What no script may bring out: it stands outside of the project, in the environment and in our own stores. */
export const CANARY = 'canary-7f3a91';

export interface Attempt {
  /** What the script tries, as a sentence that ends "… is contained". */
  readonly what: string;
  /** `a.sync.ts`; `OUTSIDE` and `HOME` in it are the paths of the folders that it must not reach. */
  readonly script: string;
  /** Other files of the project by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Links in the project by path; `OUTSIDE` is replaced. */
  readonly links?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** The exit codes that show that it was contained. */
  readonly codes: readonly number[];
  /** Something that must be said. */
  readonly says?: RegExp;
  /** Something that must not be said, besides the canary. */
  readonly hides?: RegExp;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A test for each attempt: the script ends with one of its codes, nothing outside has changed, and the canary is nowhere to be seen. */
export function containsAll(attempts: readonly Attempt[]): void {
  for (const attempt of attempts) test(`${attempt.what} is contained`, { concurrency: true }, () => contains(attempt));
}

async function contains(attempt: Attempt): Promise<void> {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'sxrun-hostile-')));
  try {
    const outside = join(top, 'outside');
    const home = join(top, 'home');
    const project = join(top, 'project');
    for (const folder of [outside, home, project, join(project, 'one'), join(project, 'two')]) await mkdir(folder);
    await writeFile(join(outside, 'secret.txt'), CANARY);
    await writeFile(join(outside, 'secret.json'), `{"secret":"${CANARY}"}`);
    await writeFile(join(outside, 'secret.ts'), `export default '${CANARY}';`);
    const filled = (text: string) => text.replaceAll('OUTSIDE', outside).replaceAll('HOME', home);
    for (const [path, text] of Object.entries({ 'a.sync.ts': attempt.script, 'one/a.txt': 'a', ...attempt.files })) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), filled(text));
    }
    for (const [path, target] of Object.entries(attempt.links ?? {})) await symlink(filled(target), join(project, path));
    const before = await treeOf(outside);
    const ended = await run(['-p', ...(attempt.options ?? []).map(filled), 'a.sync.ts'], project, home);
    assert.deepEqual(await treeOf(outside), before, 'nothing outside has changed');
    assert.ok(ended.code !== null && attempt.codes.includes(ended.code), `exit code ${ended.code}\n${ended.output.slice(0, 4000)}`);
    assert.ok(!ended.output.includes(CANARY), `the canary came out:\n${ended.output.slice(0, 4000)}`);
    assert.doesNotMatch(ended.output, /defect|node:internal|RuntimeError|wasm|\.\/chunks\/|dist\//, 'no insides are shown');
    if (attempt.says !== undefined) assert.match(ended.output, attempt.says);
    if (attempt.hides !== undefined) assert.doesNotMatch(ended.output, attempt.hides);
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

function run(args: readonly string[], currentDir: string, home: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, SXRUN_HOME: home, CANARY_VARIABLE: CANARY };
    const child = execFile(
      process.execPath,
      [...BUILT_ARGUMENTS, ...args],
      { cwd: currentDir, env, timeout: 120_000, maxBuffer: 2 ** 28 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      },
    );
    child.stdin?.end();
  });
}

async function treeOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() ? `${path}: ${await readFile(path, 'utf8')}` : path;
  });
  return (await Promise.all(lines)).sort();
}
