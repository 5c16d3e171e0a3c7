import { closeSync, futimesSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers in [0, 1) from a seed, the same on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface TreeShape {
  readonly files: number;
  /** Sizes are log-normal around it. */
  readonly medianBytes: number;
  readonly filesPerDirectory: number;
  readonly seed: number;
}

const WORDS = 'alder birch cedar ember fjord grove heath islet knoll larch marsh north oasis petal quill ridge slope thorn upland vale'.split(' ');
const EXTENSIONS = ['.txt', '.jpg', '.md', '.ts', '.pdf', ''];
const EPOCH_S = 1_700_000_000;
const LARGEST = 1 << 20;

/** Fills an empty folder with the same names, sizes, bytes and times for the same shape; resolves to the number of bytes. */
export function makeTree(root: string, shape: TreeShape): number {
  const random = seededRandom(shape.seed);
  const body = noise(LARGEST, random);
  const directories = makeDirectories(root, Math.max(1, Math.round(shape.files / shape.filesPerDirectory)), random);
  let bytes = 0;
  for (let file = 0; file < shape.files; file++) {
    const size = Math.min(LARGEST, Math.round(shape.medianBytes * Math.exp(normal(random) * 1.2)));
    const directory = directories[Math.floor(random() * directories.length)] as string;
    const name = `${pick(WORDS, random)}-${file.toString(36)}${pick(EXTENSIONS, random)}`;
    writeFile(join(directory, name), body, Math.floor(random() * (LARGEST - size)), size, EPOCH_S + Math.floor(random() * 3e7));
    bytes += size;
  }
  return bytes;
}

/** One large file of noise. */
export function makeLargeFile(path: string, bytes: number, seed: number): void {
  const body = noise(LARGEST, seededRandom(seed));
  const fd = openSync(path, 'w');
  for (let at = 0; at < bytes; at += LARGEST) {
    body.writeUInt32LE(at / LARGEST, 0);
    writeSync(fd, body, 0, Math.min(LARGEST, bytes - at));
  }
  futimesSync(fd, EPOCH_S, EPOCH_S);
  closeSync(fd);
}

/** Changes a share of the files: half of them get new content, half are new; or, with `remove`, all of them go. Resolves to the number of changes. */
export function changeTree(root: string, share: number, seed: number, remove: boolean): number {
  const random = seededRandom(seed);
  const body = noise(4096, random);
  const files = listFiles(root).filter(() => random() < share);
  for (const [index, path] of files.entries()) {
    if (remove) rmSync(path);
    else if (index % 2 === 0) writeFile(path, body, 0, 1 + Math.floor(random() * 4000), EPOCH_S + 4e7 + seed);
    else writeFile(`${path}-new${seed}`, body, 0, 1 + Math.floor(random() * 4000), EPOCH_S + 4e7 + seed);
  }
  return files.length;
}

function makeDirectories(root: string, count: number, random: () => number): string[] {
  const directories = [root];
  mkdirSync(root, { recursive: true });
  for (let made = 1; made < count; made++) {
    const parent = directories[Math.floor(directories.length * random() ** 0.7)] as string;
    const path = join(parent, `${pick(WORDS, random)} ${made.toString(36)}`);
    mkdirSync(path);
    directories.push(path);
  }
  return directories;
}

function writeFile(path: string, body: Buffer, from: number, size: number, seconds: number): void {
  const fd = openSync(path, 'w');
  if (size > 0) writeSync(fd, body, from, size);
  futimesSync(fd, seconds, seconds);
  closeSync(fd);
}

function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function noise(bytes: number, random: () => number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) buffer.writeUInt32LE(Math.floor(random() * 4294967296), at);
  return buffer;
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
