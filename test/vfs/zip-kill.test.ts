import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commitToArchive } from '../../runtime/vfs/backends/zip/commit.ts';
import { fileSource } from '../../runtime/vfs/backends/zip/file-bytes.ts';
import { ownFilesOf } from '../../runtime/vfs/backends/zip/own-files.ts';
import type { ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { readDirectory } from '../../runtime/vfs/backends/zip/read-directory.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { needing } from '../kit/programs.ts';
import { snapshot, type Tree } from '../kit/tree.ts';
import { assertWhole, freshFolder, openArchive, unpacked } from '../kit/zip-archive.ts';

const FILES = 40;

/** Every file gets the round's content, so that an archive that is of no single round is noticed. */
async function writeRound(vfs: Vfs, round: number): Promise<void> {
  for (let i = 0; i < FILES; i++) {
    const entry = await vfs.stat(`f${i}`);
    const expected = entry?.kind === 'file' ? ({ kind: 'file', revision: entry.revision } as const) : ({ kind: 'nothing' } as const);
    await vfs.write(`f${i}`, bytesContent(`round ${round} `.repeat(i * 40)), { expected, modifiedMs: round * 1000 });
  }
  await vfs.flush();
}

function roundOf(tree: Tree): string {
  const rounds = new Set(Object.values(tree).map((text) => /round (\d+)/.exec(String(text))?.[1]));
  rounds.delete(undefined);
  assert.equal(rounds.size, 1, `the archive is of the rounds ${[...rounds].join(', ')}`);
  assert.equal(Object.keys(tree).length, FILES);
  return [...rounds][0] as string;
}

/** Calls `look` before every change that is made to a file, in the middle of every write, and after it. */
async function lookingOn<T>(folder: string, look: (step: string) => void, act: () => Promise<T>): Promise<T> {
  const sample = await open(folder, 'r');
  const handle = Object.getPrototypeOf(sample) as FileHandle;
  await sample.close();
  const { write, truncate } = handle;
  type Write = (this: FileHandle, bytes: Uint8Array, offset: number, length: number, position: number) => ReturnType<typeof write>;
  const plain = write as Write;
  const torn: Write = async function (bytes, offset, length, position) {
    look(`before ${length} at ${position}`);
    const half = Math.floor(length / 2);
    // A write that stays within a page is not torn by a kill.
    if (length > 512) {
      await plain.call(this, bytes, offset, half, position);
      look(`amid ${length} at ${position}`);
    }
    const done = await plain.call(this, bytes, offset, length, position);
    look(`after ${length} at ${position}`);
    return done;
  };
  handle.write = torn as typeof write;
  handle.truncate = async function (length) {
    look('before a cut');
    await truncate.call(this, length);
    look('after a cut');
  };
  try {
    return await act();
  } finally {
    handle.write = write;
    handle.truncate = truncate;
  }
}

interface Start {
  readonly what: string;
  readonly options?: Partial<ZipOptions>;
  /** Before the first round. */
  make(archive: string): Promise<void>;
  /** Whether 7-Zip sees the old or the new archive at every step, and not only something whole. */
  readonly isSeen: boolean;
}

const STARTS: readonly Start[] = [
  { what: 'a plain archive', make: makeInner, isSeen: true },
  { what: 'a zip64 archive', make: makeWide, isSeen: true },
  { what: 'a small archive whose first entry it replaces', make: async () => undefined, isSeen: true },
  { what: 'a large archive whose first entry it replaces', options: { mostAnew: 0 }, make: async () => undefined, isSeen: false },
];

for (const { what, options, make, isSeen } of STARTS) {
  test(`at every step of a commit to ${what} the folder holds the old or the new one`, needing('unzip'), async (context) => {
    const folder = freshFolder(context);
    const archive = join(folder, 'a.zip');
    await make(archive);
    const vfs = await openArchive(archive, { ...options, inner: 'in' });
    await writeRound(vfs, 1);
    await writeRound(vfs, 2);
    let frames = 0;
    const rounds = new Set<string>();
    const looks: string[] = [];
    const look = (step: string) => {
      const frame = join(folder, `frame${frames++}`);
      mkdirSync(frame);
      looks.push(step);
      for (const name of readdirSync(folder)) {
        if (name.endsWith('.zip') || name.endsWith('.part')) copyFileSync(join(folder, name), join(frame, name));
      }
    };
    await lookingOn(folder, look, () => writeRound(vfs, 3));
    await vfs.close();
    look('at the end');
    assert.ok(frames > 8, `only ${frames} steps were seen`);
    for (let i = 0; i < frames; i++) {
      const frame = join(folder, `frame${i}`);
      const copy = join(frame, 'a.zip');
      await assertWhole(copy, `${looks[i]} (step ${i})`);
      const reader = await openArchive(copy, { access: 'read', inner: 'in' });
      rounds.add(roundOf(await snapshot(reader)));
      await reader.close();
      const isLast = i === frames - 1;
      const programs = isSeen || isLast ? ['unzip', '7zz'] : ['unzip'];
      for (const tree of (await unpacked(copy, frame, { programs, mayWarn: !isLast })).values()) rounds.add(roundOf(tree));
    }
    assert.deepEqual([...rounds], ['2', '3']);
  });
}

/** An archive whose first entry stays. */
async function makeInner(archive: string): Promise<void> {
  const vfs = await openArchive(archive);
  await vfs.makeDirectory('in');
  await vfs.close();
}

/** An archive with zip64 records, though it needs none. */
async function makeWide(archive: string): Promise<void> {
  await makeInner(archive);
  const file = await open(archive, 'r+');
  const end = (await file.stat()).size;
  const { place, records } = await readDirectory(fileSource(file, end));
  const { place: wide } = await commitToArchive({ file, place, end }, { kept: records, added: [], wide: true }, ownFilesOf(archive));
  await file.close();
  assert.notEqual(wide.wideAt, undefined);
}

test('a process that is killed while it writes leaves an archive that is whole, and the next one clears up', needing('unzip'), async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const child = fileURLToPath(new URL('./fixtures/zip-writer.ts', import.meta.url));
  let last = 0;
  for (let kill = 0; kill < 6; kill++) {
    const writer = spawn(process.execPath, ['--import', 'tsx', child, archive], { stdio: ['ignore', 'pipe', 'inherit'] });
    let rounds = 0;
    writer.stdout.on('data', () => {
      rounds++;
      // The moment differs from round to round: what a round does takes some milliseconds.
      if (rounds === 3) setTimeout(() => writer.kill('SIGKILL'), kill * 2.3);
    });
    await once(writer, 'exit');
    await assertWhole(archive, `kill ${kill}`);
    const reader = await openArchive(archive, { access: 'read' });
    const round = Number(roundOf(await snapshot(reader)));
    await reader.close();
    assert.ok(round >= last + 2, `round ${round} after ${last}`);
    last = round;
  }
  const vfs = await openArchive(archive);
  await writeRound(vfs, last + 1);
  await vfs.close();
  assert.ok(existsSync(archive));
  assert.deepEqual(readdirSync(folder), ['a.zip']);
  await assertWhole(archive);
});
