import { closeSync, fstatSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { createAnew, type Disk, openToRead } from './disk.ts';
import { LineReader } from './line-reader.ts';
import type { JournalStep, Overlay } from './overlay.ts';
import { checkFormat, damaged, FORMAT_VERSION, parseObject } from './snapshot.ts';
import { translated } from './state-error.ts';

export const JOURNAL_FORMAT = 'sxrun-syncdb-journal';

/** What a journal file was found to be. `stale`: already part of the snapshot; a crash kept it from being removed. */
export type JournalFound =
  | { readonly found: 'none' }
  | { readonly found: 'stale' }
  | { readonly found: 'ahead' }
  | { readonly found: 'live'; readonly validBytes: number };

/**
 * Applies the complete groups of the journal at `path` to `overlay` (docs/state-format.md, "Journal"). A last group that is not complete, or that a power cut
 * left with wrong bytes, is dropped: it was never promised. `ahead`: it continues a newer snapshot than `generation`.
 * The event loop gets its turn now and then, so that the signal can come. Rejects with StateError `damaged` for anything wrong before the last group, `newer-version`, `unreadable`, and the signal's reason.
 */
export async function readJournal(path: string, generation: number, overlay: Overlay, signal: AbortSignal): Promise<JournalFound> {
  const fd = openToRead(path);
  if (fd === undefined) return { found: 'none' };
  try {
    return await readGroups(path, fd, { generation, overlay, signal });
  } finally {
    closeSync(fd);
  }
}

/** Read in some 10 ms. */
const TURN_BYTES = 4 * 1024 * 1024;

interface Reading {
  readonly generation: number;
  readonly overlay: Overlay;
  readonly signal: AbortSignal;
}

async function readGroups(path: string, fd: number, { generation, overlay, signal }: Reading): Promise<JournalFound> {
  const lines = new LineReader(path, fd, { from: 0, to: fstatSync(fd).size });
  // The header was durable before the first group was begun: without it nothing was committed.
  if (!lines.next()) return { found: 'live', validBytes: 0 };
  const header = parseObject(path, lines.text());
  checkFormat(path, header, JOURNAL_FORMAT);
  if (typeof header['continues'] !== 'number') throw damaged(path, 'its first line is not complete');
  if (header['continues'] !== generation) return { found: header['continues'] < generation ? 'stale' : 'ahead' };
  let validBytes = lines.end - lines.start + 1;
  let group: string[] = [];
  let crc = 0;
  let broken: number | undefined;
  let turnAt = TURN_BYTES;
  while (lines.next()) {
    if (lines.offset >= turnAt) {
      turnAt = lines.offset + TURN_BYTES;
      await turn();
    }
    if (signal.aborted) throw signal.reason;
    const bytes = lines.buffer.subarray(lines.start, lines.end + 1);
    const commit = parseCommit(lines);
    if (commit === undefined) {
      group.push(lines.text());
      crc = crc32(bytes, crc);
      continue;
    }
    if (broken !== undefined) throw damaged(path, `the group before byte ${broken} was altered, and complete groups follow it`);
    if (commit.lines === group.length && commit.crc === crc) {
      for (const step of parseSteps(path, group, lines.offset)) overlay.apply(step);
      validBytes = lines.offset + bytes.length;
    } else broken = lines.offset;
    group = [];
    crc = 0;
  }
  return { found: 'live', validBytes };
}

/** `{"commit":LINES,"crc":CRC}` */
function parseCommit(lines: LineReader): { readonly lines: number; readonly crc: number } | undefined {
  if (lines.end - lines.start > 64 || !lines.text().startsWith('{"commit":')) return undefined;
  const match = /^\{"commit":(\d+),"crc":(\d+)\}$/.exec(lines.text());
  return match === null ? undefined : { lines: Number(match[1]), crc: Number(match[2]) };
}

function parseSteps(path: string, group: readonly string[], offset: number): JournalStep[] {
  try {
    return group.map(parseStep);
  } catch (error) {
    throw damaged(path, `the group before byte ${offset} cannot be read`, error);
  }
}

function parseStep(line: string): JournalStep {
  if (line.startsWith('[')) {
    const tab = line.indexOf('\t');
    return { step: 'rows', directory: JSON.parse(line.slice(1, tab - 1)) as string, rowsText: line.slice(tab + 1) };
  }
  const step = JSON.parse(line) as { run?: string[]; targets?: number[]; forget?: string; joined?: true };
  if (step.run !== undefined) return { step: 'run', rootKeys: step.run, targets: step.targets ?? [] };
  if (step.forget !== undefined) return { step: 'forget', path: step.forget };
  if (step.joined) return { step: 'joined' };
  throw new TypeError(`unknown journal line ${line.slice(0, 80)}`);
}

function encodeStep(step: JournalStep): string {
  switch (step.step) {
    case 'run':
      return `${JSON.stringify({ run: step.rootKeys, ...(step.targets.length > 0 ? { targets: step.targets } : {}) })}\n`;
    case 'rows':
      return `[${JSON.stringify(step.directory)},\t${step.rowsText}\n`;
    case 'forget':
      return `${JSON.stringify({ forget: step.path })}\n`;
    case 'joined':
      return '{"joined":true}\n';
  }
}

export function encodeGroup(steps: readonly JournalStep[]): Buffer {
  const body = Buffer.concat(steps.map((step) => Buffer.from(encodeStep(step))));
  return Buffer.concat([body, Buffer.from(`{"commit":${steps.length},"crc":${crc32(body)}}\n`)]);
}

/** Appends groups. Opens, or makes, its file with the first one. */
export class JournalWriter {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #generation: number;
  #validBytes: number;
  #fd: number | undefined;
  #failure: unknown;

  /** `validBytes`: what the file holds in complete groups; 0 = start it anew. */
  constructor(disk: Disk, path: string, place: { readonly generation: number; readonly validBytes: number }) {
    this.#disk = disk;
    this.#path = path;
    this.#generation = place.generation;
    this.#validBytes = place.validBytes;
  }

  /** Durable when it resolves. After a failure every further call rejects: what the disk holds is not known any more. Rejects with StateError `unwritable`. */
  async append(steps: readonly JournalStep[]): Promise<void> {
    if (this.#failure !== undefined) throw translated('unwritable', this.#path, this.#failure);
    try {
      this.#fd ??= await this.#open();
      const group = encodeGroup(steps);
      this.#disk.write(this.#fd, group, this.#validBytes);
      await this.#disk.sync(this.#fd);
      this.#validBytes += group.length;
    } catch (error) {
      this.#failure = error;
      throw translated('unwritable', this.#path, error);
    }
  }

  close(): void {
    if (this.#fd !== undefined) this.#disk.close(this.#fd);
    this.#fd = undefined;
  }

  async #open(): Promise<number> {
    if (this.#validBytes > 0) {
      const fd = this.#disk.open(this.#path, 'change', 0o600);
      this.#disk.truncate(fd, this.#validBytes);
      return fd;
    }
    const fd = createAnew(this.#disk, this.#path, 0o600);
    this.#fd = fd;
    const header = Buffer.from(`${JSON.stringify({ format: JOURNAL_FORMAT, version: FORMAT_VERSION, continues: this.#generation })}\n`);
    this.#disk.write(fd, header, 0);
    await this.#disk.sync(fd);
    await this.#disk.syncFolderOf(this.#path);
    this.#validBytes = header.length;
    return fd;
  }
}
