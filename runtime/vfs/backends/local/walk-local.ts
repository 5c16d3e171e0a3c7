import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { realPathOf } from '../../../machine/real-path.ts';
import { startThread } from '../../../threads.ts';
import type { RelPath } from '../../path.ts';
import { PrunedPaths } from '../../pruned-paths.ts';
import { VfsError } from '../../vfs-error.ts';
import type { DirectoryListing, Walk, WalkOptions } from '../../walk.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import { type PackedListing, listingsOf } from './packed-listing.ts';
import { thisProcess } from './transfer-names.ts';
import { startOfWalk, TreeWalker } from './tree-walker.ts';
import type { FromWalkWorker, ToWalkWorker } from './walk-worker.ts';

/** So many entries are read on the caller's thread before another one is worth its start. */
const ENTRIES_HERE = 1500;
const SLICE_MS = 4;
/** So many are read before they are handed on: less than a slice takes. */
const ENTRIES_A_STEP = 100;
const MODES = process.platform !== 'win32';

/**
 * Reads a local tree. The first entries are read right here, in slices; for a larger tree a thread is started meanwhile, which takes over as soon as it is ready
 * and reads ahead within bounds. While the other walks' threads and this one keep all `cores` busy, it goes on right here. Links are handled as `options.scope.links` says.
 */
export function walkLocal(rootPath: string, options: WalkOptions, cores: number = availableParallelism()): Walk {
  return new LocalWalk(realPathOf(rootPath), options, cores);
}

/** Threads of all walks of the process. */
let threads = 0;

class LocalWalk implements Walk {
  readonly #pruned = new PrunedPaths();
  readonly #builder = new ChunkBuilder();
  /** Chunks taken, seen by the thread. */
  readonly #taken = new Int32Array(new SharedArrayBuffer(4));
  /** undefined: the thread walks, or all is read. */
  #walker: TreeWalker | undefined;
  #worker: Worker | undefined;
  readonly #cores: number;
  #entriesHere = 0;
  /** Whether a thread is worth it is asked once: near its end a walk is done sooner without. */
  #mayStart = true;
  #sliceEnd = 0;
  /** Decoded listings, the next one last; and chunks that wait. */
  #listings: PackedListing[] = [];
  #chunks: PackedListing[][] = [];
  #failure: VfsError | undefined;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(rootPath: string, options: WalkOptions, cores: number) {
    this.#cores = cores;
    this.#walker = new TreeWalker(startOfWalk(rootPath, options, thisProcess()));
  }

  next(): DirectoryListing | undefined | Promise<DirectoryListing | undefined> {
    for (;;) {
      const listing = this.#listings.pop();
      if (listing !== undefined) {
        if (this.#pruned.covers(listing.path)) continue;
        return listing;
      }
      if (this.#chunks.length > 0) this.#takeChunk();
      else if (this.#walker !== undefined) {
        if (performance.now() > this.#sliceEnd) return this.#nextSlice();
        this.#stepHere(this.#walker);
      } else if (this.#ended) return undefined;
      else return this.#nextChunk();
    }
  }

  prune(path: RelPath): void {
    this.#pruned.add(path);
    if (this.#walker !== undefined) this.#walker.prune(path);
    else if (this.#worker !== undefined && !this.#ended) this.#send({ prune: path });
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#walker = undefined;
    this.#listings = [];
    this.#chunks = [];
    const worker = this.#worker;
    this.#worker = undefined;
    this.#wakeReader();
    await worker?.terminate();
  }

  #stepHere(walker: TreeWalker): void {
    while (this.#walker !== undefined && this.#builder.entries < ENTRIES_A_STEP) {
      if (!walker.step(this.#builder)) this.#walker = undefined;
    }
    this.#entriesHere += this.#builder.entries;
    if (this.#builder.directories > 0) this.#listings = listingsOf(this.#builder.take(), MODES).reverse();
    if (this.#walker === undefined) this.#finish();
    else if (this.#mayStart && this.#entriesHere >= ENTRIES_HERE) {
      this.#mayStart = false;
      if (threads + 1 < this.#cores) this.#startWorker();
    }
  }

  /** Other work of this thread (signals, the other root's walk, the new thread's first word) gets its turn. */
  async #nextSlice(): Promise<DirectoryListing | undefined> {
    await new Promise((done) => setImmediate(done));
    this.#sliceEnd = performance.now() + SLICE_MS;
    return this.next();
  }

  async #nextChunk(): Promise<DirectoryListing | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((done) => {
      this.#wake = done;
    });
    return this.next();
  }

  #takeChunk(): void {
    this.#listings = (this.#chunks.shift() ?? []).reverse();
    Atomics.add(this.#taken, 0, 1);
    Atomics.notify(this.#taken, 0);
  }

  #startWorker(): void {
    const worker = startThread('walk-worker');
    threads++;
    worker.once('exit', () => threads--);
    this.#worker = worker;
    worker.on('message', (message: FromWalkWorker) => this.#receive(message));
    worker.on('error', (error) => this.#lose(error));
  }

  #receive(message: FromWalkWorker): void {
    if ('ready' in message) this.#handOver();
    else if ('chunk' in message) this.#chunks.push(listingsOf(message.chunk, MODES));
    else this.#finish();
    this.#wakeReader();
  }

  #handOver(): void {
    const walker = this.#walker;
    if (walker === undefined) return;
    this.#walker = undefined;
    this.#send({ start: walker.state, taken: this.#taken });
  }

  #finish(): void {
    this.#ended = true;
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  /** Before it took over, the walk goes on here; afterwards nobody knows what is left. */
  #lose(error: Error): void {
    if (this.#walker === undefined)
      this.#failure = new VfsError('failed', '', `the thread that lists the root died: ${error.message}`, { cause: error });
    this.#wakeReader();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #send(message: ToWalkWorker): void {
    this.#worker?.postMessage(message);
  }
}
