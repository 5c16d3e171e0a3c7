/**
 * `npm run bench [-- WORKLOAD … --files N --rounds N --keep]`: the built command beside the peers that are installed (rsync, rclone, unison), on the same seeded
 * trees, in turns (A B C A B C …). Prints medians and our ratio to each peer; there are no limits to fail. Workloads: first no-op changed
 * deleted large million start zip; and callbacks, which compares us with ourselves: what a filter callback adds to a file.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CALLBACKS, costsPerFile } from './callbacks.ts';
import { isInstalled, type Measured, measure, median, warm, Workbench } from './measure.ts';
import { changeTree, makeLargeFile, makeTree } from './seeded-tree.ts';
import { changeSources, makeSources, megabytesOf, packersAt } from './zip.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' }, keep: { type: 'boolean', default: false } },
});
const FILES = Number(values.files);
const ROUNDS = Number(values.rounds);
const COMMAND = fileURLToPath(new URL('../../dist/sxrun.cjs', import.meta.url));
const bench = new Workbench(mkdtempSync(join(tmpdir(), 'sxrun-bench-')));

/** Brings `from` to `to`; its state, if any, is private to the pair. */
interface Peer {
  readonly name: string;
  command(from: string, to: string): readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

function ours(name: string, options: string): Peer {
  return {
    name: `sxrun ${name}`,
    command(from, to) {
      const project = bench.write(
        `${name}.sync.ts`,
        `import { defineProject } from 'sxrun';\nexport default defineProject({ roots: [${JSON.stringify(from)}, ${JSON.stringify(to)}], ${options} });\n`,
      );
      return [process.execPath, COMMAND, '-q', '-A', project];
    },
  };
}

const TWO_WAY = ours('two-way', 'syncDb: true, syncRemove: true, guard: false');
const PEERS: readonly Peer[] = [
  { name: 'rsync', command: (from: string, to: string) => ['rsync', '-a', '--delete', `${from}/`, `${to}/`] },
  { name: 'rclone', command: (from: string, to: string) => ['rclone', 'sync', from, to], env: { RCLONE_CONFIG: bench.write('rclone.conf', '') } },
  {
    name: 'unison',
    command: (from: string, to: string) => ['unison', from, to, '-ui', 'text', '-batch', '-auto', '-silent', '-times', '-confirmbigdel=false'],
    env: { UNISON: bench.path('unison') },
  },
].filter((peer) => isInstalled(peer.name));

const results = new Map<string, Map<string, Measured[]>>();

async function run(workload: string, peer: Peer, from: string): Promise<void> {
  const to = bench.path(targetOf(peer));
  if (existsSync(to)) warm([from, to]);
  const measured = await measure(peer.command(from, to), peer.env);
  const ofWorkload = results.get(workload) ?? new Map<string, Measured[]>();
  ofWorkload.set(peer.name, [...(ofWorkload.get(peer.name) ?? []), measured]);
  results.set(workload, ofWorkload);
  process.stderr.write(`${workload.padEnd(16)} ${peer.name.padEnd(16)} ${measured.seconds.toFixed(2)} s ${measured.peakMb?.toFixed(0) ?? '?'} MB\n`);
}

function targetOf(peer: Peer): string {
  return `to ${peer.name}`;
}

function forget(peer: Peer): void {
  bench.retire(`${peer.name.split(' ')[1] ?? peer.name}.sync.ts.syncdb`);
  if (peer.name === 'unison') bench.retire('unison');
}

async function smallFiles(wanted: ReadonlySet<string>): Promise<void> {
  const from = bench.path('from');
  makeTree(from, { files: FILES, medianBytes: 1600, filesPerDirectory: 14, seed: 1 });
  const peers = [TWO_WAY, ...PEERS];
  for (let round = 0; round < (wanted.has('first') ? ROUNDS : 1); round++) {
    for (const peer of peers) {
      forget(peer);
      bench.fresh(targetOf(peer));
      await run('first', peer, from);
    }
  }
  for (const peer of peers) await measure(peer.command(from, bench.path(targetOf(peer))), peer.env);
  await inTurns(wanted.has('no-op') ? ROUNDS + 2 : 0, 'no-op', peers, from, () => 0);
  await inTurns(wanted.has('changed') ? ROUNDS : 0, 'changed', peers, from, (round) => changeTree(from, 0.01, 100 + round, false));
  await inTurns(wanted.has('deleted') ? ROUNDS : 0, 'deleted', peers, from, (round) => changeTree(from, 0.1, 200 + round, true));
}

async function inTurns(rounds: number, workload: string, peers: readonly Peer[], from: string, prepare: (round: number) => unknown): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    prepare(round);
    for (const peer of peers) await run(workload, peer, from);
  }
}

async function largeFiles(): Promise<void> {
  const from = bench.fresh('large');
  for (const name of ['a', 'b']) makeLargeFile(join(from, name), 2 * 1024 ** 3, name.charCodeAt(0));
  for (let round = 0; round < ROUNDS; round++) {
    for (const peer of [TWO_WAY, ours('one-way', ''), ...PEERS]) {
      forget(peer);
      bench.fresh(targetOf(peer));
      await run('large', peer, from);
      bench.discard(targetOf(peer));
    }
  }
}

async function million(): Promise<void> {
  const from = bench.path('million');
  makeTree(from, { files: 1_000_000, medianBytes: 48, filesPerDirectory: 40, seed: 2 });
  const peers = [TWO_WAY, ...PEERS.filter(({ name }) => name === 'rsync')];
  for (const peer of peers) {
    forget(peer);
    bench.fresh(targetOf(peer));
    await run('million1st', peer, from);
  }
  await inTurns(ROUNDS, 'million', peers, from, () => 0);
}

/** First runs and runs without changes, with and without filter callbacks. */
async function callbacks(): Promise<void> {
  const from = bench.path('from');
  if (!existsSync(from)) makeTree(from, { files: FILES, medianBytes: 1600, filesPerDirectory: 14, seed: 1 });
  const peers = Object.entries(CALLBACKS).map(([name, option]) => ours(name, `syncDb: true, guard: false, ${option}`));
  for (let round = 0; round < ROUNDS; round++) {
    for (const peer of peers) {
      forget(peer);
      bench.fresh(targetOf(peer));
      await run('callbacks first', peer, from);
    }
  }
  await inTurns(ROUNDS + 2, 'callbacks no-op', peers, from, () => 0);
}

async function start(): Promise<void> {
  const ten = bench.path('ten');
  makeTree(ten, { files: 10, medianBytes: 1600, filesPerDirectory: 5, seed: 3 });
  bench.fresh('to start');
  const [, , , , project = ''] = ours('start', '').command(ten, bench.path('to start'));
  const commands: readonly Peer[] = [
    { name: 'node -e 0', command: () => [process.execPath, '-e', '0'] },
    { name: 'sxrun --version', command: () => [process.execPath, COMMAND, '--version'] },
    { name: 'sxrun -s', command: () => [process.execPath, COMMAND, '-q', '-s', '-A', project] },
  ];
  await inTurns(12, 'start', commands, ten, () => 0);
}

/** Peers: `zip`, and 7-Zip where it is installed; a fifth of the files, as texts. */
async function zip(): Promise<void> {
  const from = bench.fresh('sources');
  makeSources(from, FILES / 5, 4);
  await pack('zip -1', archivers(1), from);
  const peers = archivers(6);
  await pack('zip', peers, from);
  await inTurns(ROUNDS, 'zip no-op', peers, from, () => 0);
  await inTurns(ROUNDS, 'zip 1 %', peers, from, (round) => changeSources(from, round));
}

async function pack(workload: string, peers: readonly Peer[], from: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const peer of peers) {
      bench.retire(`${targetOf(peer)}.zip`);
      await run(workload, peer, from);
      if (round === 0) process.stdout.write(`${workload}, ${peer.name}: ${megabytesOf(bench.path(`${targetOf(peer)}.zip`))} MB\n`);
    }
  }
}

/** Ours first. */
function archivers(level: 1 | 6): readonly Peer[] {
  const own = {
    name: 'sxrun zip',
    command(source: string, to: string) {
      const target = `{ url: ${JSON.stringify(`zip:${to}`)}, targetOnly: true, level: ${level} }`;
      const roots = `[${JSON.stringify(source)}, ${target}]`;
      const project = bench.write(
        `zip-${level}.sync.ts`,
        `import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ${roots} });\n`,
      );
      return [process.execPath, COMMAND, '-q', '-A', project];
    },
  };
  return [own, ...packersAt(level)].map(({ name, command }) => ({ name, command: (source, to) => command(source, `${to}.zip`) }));
}

function report(): void {
  for (const [workload, byPeer] of results) {
    process.stdout.write(`\n${workload}\n`);
    const own = [...byPeer].find(([name]) => name.startsWith('sxrun'));
    for (const [name, runs] of byPeer) {
      const seconds = median(runs.map((run) => run.seconds));
      const peak = Math.max(...runs.map((run) => run.peakMb ?? 0));
      const cpu = median(runs.map((run) => run.cpuSeconds ?? 0));
      const ratio =
        own === undefined || name === own[0]
          ? ''
          : `  ours / ${name} = ${(median(own[1].map((run) => run.seconds)) / seconds).toFixed(2)}, of processor time ${(median(own[1].map((run) => run.cpuSeconds ?? 0)) / cpu).toFixed(2)}`;
      process.stdout.write(
        `  ${name.padEnd(18)} ${seconds.toFixed(3).padStart(8)} s  ${cpu.toFixed(2).padStart(6)} s of processor time  ${String(Math.round(peak)).padStart(5)} MB  n=${runs.length}${ratio}\n`,
      );
    }
  }
}

const wanted = new Set(positionals.length > 0 ? positionals : ['first', 'no-op', 'changed', 'deleted', 'large', 'start']);
try {
  if (wanted.has('start')) await start();
  if (['first', 'no-op', 'changed', 'deleted'].some((name) => wanted.has(name))) await smallFiles(wanted);
  if (wanted.has('callbacks')) await callbacks();
  if (wanted.has('large')) await largeFiles();
  if (wanted.has('million')) await million();
  if (wanted.has('zip')) await zip();
  report();
  for (const [workload, runs] of results) {
    if (workload.startsWith('callbacks')) process.stdout.write(`\n${workload}: added by\n${costsPerFile(runs, FILES).join('\n')}\n`);
  }
} finally {
  if (!values.keep) bench.clear();
}
