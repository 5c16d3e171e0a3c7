import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { openZip, type ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { findProgram } from './programs.ts';
import { snapshot, type Tree } from './tree.ts';

const run = promisify(execFile);

/** Its names, the newest first. */
export const SEVEN_ZIP = ['7zz', '7z', '7za'] as const;

const UNPACKERS = [
  [SEVEN_ZIP[0], 'x', '-bd', '-oFOLDER', 'ARCHIVE'],
  ['unzip', '-q', '-o', 'ARCHIVE', '-d', 'FOLDER'],
  ['python3', '-m', 'zipfile', '-e', 'ARCHIVE', 'FOLDER'],
  ['bsdtar', '-x', '-C', 'FOLDER', '-f', 'ARCHIVE'],
] as const;

/** A fresh folder that is removed after the test. */
export function freshFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sxrun-zip-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openArchive(path: string, options: Partial<ZipOptions> = {}): Promise<Vfs> {
  return openZip({ path }, { access: 'write', makeMissing: true, inner: '', signal: new AbortController().signal, ...options });
}

/** Fails unless unzip and 7-Zip, as far as they are installed, find the archive whole. */
export async function assertWhole(archive: string, why = ''): Promise<void> {
  const unzip = findProgram('unzip');
  const sevenZip = findProgram(...SEVEN_ZIP);
  if (unzip !== undefined) await succeeds(unzip, ['-tqq', archive], why);
  if (sevenZip !== undefined) await succeeds(sevenZip, ['t', '-bso0', '-bd', '-p-', archive], why);
}

async function succeeds(program: string, args: readonly string[], why: string): Promise<void> {
  const { code, output } = await outcome(program, args);
  assert.equal(code, 0, `${why}: ${program} ${args.join(' ')}: ${output}`);
}

export interface UnpackOptions {
  /** Absent: all that are known. */
  readonly programs?: readonly string[];
  /** Absent: false. */
  readonly mayWarn?: boolean;
}

/** The trees that programs unpack, as far as they are installed. Fails when one of them finds fault with the archive. */
export async function unpacked(archive: string, folder: string, options: UnpackOptions = {}): Promise<ReadonlyMap<string, Tree>> {
  const trees = new Map<string, Tree>();
  for (const [name, ...args] of UNPACKERS) {
    const program = options.programs?.includes(name) === false ? undefined : findProgram(...(name === '7zz' ? SEVEN_ZIP : [name]));
    if (program === undefined) continue;
    const to = join(folder, `unpacked-${name}`);
    mkdirSync(to);
    const { code, output } = await outcome(
      program,
      args.map((arg) => arg.replace('ARCHIVE', archive).replace('FOLDER', to)),
    );
    const tree = await snapshot(to);
    rmSync(to, { recursive: true });
    // What Info-ZIP says of an archive without entries is a warning.
    const isEmpty = name === 'unzip' && code === 1 && Object.keys(tree).length === 0;
    assert.ok(code === 0 || isEmpty, `${name}: ${code} ${output}`);
    assert.ok(options.mayWarn === true || !output.includes('WARNING'), `${name}: ${output}`);
    trees.set(name, tree);
  }
  return trees;
}

function outcome(program: string, args: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  return run(program, args).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: unknown; stdout: string; stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }),
  );
}
