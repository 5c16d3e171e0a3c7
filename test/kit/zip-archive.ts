import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { openZip, type ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { findProgram } from './programs.ts';

const run = promisify(execFile);

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
  const sevenZip = findProgram('7zz', '7z', '7za');
  if (unzip !== undefined) await succeeds(unzip, ['-tqq', archive], why);
  if (sevenZip !== undefined) await succeeds(sevenZip, ['t', '-bso0', '-bd', '-p-', archive], why);
}

async function succeeds(program: string, args: readonly string[], why: string): Promise<void> {
  const failure = await run(program, args).then(
    () => undefined,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
  assert.equal(failure, undefined, `${why}: ${program} ${args.join(' ')}: ${failure}`);
}
