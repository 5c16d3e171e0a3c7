import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../kit/programs.ts';
import { seededRandom } from './seeded-tree.ts';

/** Packs `from` into the archive `to`, or brings it up to date. */
export interface Packer {
  readonly name: string;
  command(from: string, to: string): readonly string[];
}

/** Into a new archive, or into one that is there; then 12 says that there was nothing to do. */
const ZIP = 'cd "$0"; if [ -e "$1" ]; then zip -q -r -$2 -u "$1" . || [ $? -eq 12 ]; else zip -q -r -$2 "$1" .; fi';
const SEVEN_ZIP = 'cd "$0" && "$3" u -tzip -mx$2 -bso0 -bsp0 "$1" .';

/** What people pack archives with, as far as it is installed. 7-Zip's level 5 is about zip's 6. */
export function packersAt(level: 1 | 6): readonly Packer[] {
  const sevenZip = findProgram('7zz', '7z', '7za');
  const packers: Packer[] = [];
  if (findProgram('zip') !== undefined) packers.push({ name: 'zip', command: (from, to) => ['sh', '-c', ZIP, from, to, String(level)] });
  if (sevenZip !== undefined)
    packers.push({ name: '7z', command: (from, to) => ['sh', '-c', SEVEN_ZIP, from, to, String(Math.min(level, 5)), sevenZip] });
  return packers;
}

const EPOCH_S = 1_700_000_000;
const FILES_PER_FOLDER = 9;
const MEAN_LINES = 280;
const SYLLABLES = 'al be con di er fo ga hi in jo ka lo men nor op per qui re sta tion un ver wa xi yo zu'.split(' ');
const SYMBOLS = ' = , ( ) ; { } . : => + return const let if for'.split(' ');

/** Fills an empty folder with texts that compress as sources do (to about 35 %), the same for the same seed. */
export function makeSources(root: string, files: number, seed: number): void {
  const random = seededRandom(seed);
  const words = Array.from({ length: 3000 }, () =>
    Array.from({ length: 2 + Math.floor(random() * 3) }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(''),
  );
  for (let i = 0; i < files; i++) {
    const folder = Math.floor(i / FILES_PER_FOLDER);
    const path = join(root, `package ${folder % 40}`, `module ${folder}`, `${words[i % words.length]}-${i}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    save(path, sourceText(words, random), i);
  }
}

/** Changes one file in a hundred. */
export function changeSources(root: string, round: number): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const [i, entry] of files.entries()) {
    if (i % 100 === round % 100)
      save(join(entry.parentPath, entry.name), `changed in round ${round}\n`.repeat(1 + (i % 50)), 10_000_000 + round * 100);
  }
}

export function megabytesOf(file: string): string {
  return (statSync(file).size / 1024 ** 2).toFixed(1);
}

function sourceText(words: readonly string[], random: () => number): string {
  let text = '';
  const lines = Math.ceil(MEAN_LINES * -Math.log(1 - random()));
  for (let line = 0; line < lines; line++) {
    text += '  '.repeat(Math.floor(random() * 4));
    const count = 2 + Math.floor(random() * 7);
    for (let i = 0; i < count; i++) text += `${words[Math.floor(words.length * random() ** 3)]}${SYMBOLS[Math.floor(random() * SYMBOLS.length)]}`;
    text += '\n';
  }
  return text;
}

function save(path: string, text: string, seconds: number): void {
  writeFileSync(path, text);
  utimesSync(path, EPOCH_S + seconds, EPOCH_S + seconds);
}
