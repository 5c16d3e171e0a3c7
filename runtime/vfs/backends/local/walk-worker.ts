import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { RelPath } from '../../path.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import { type PackedChunk, transfersOf } from './packed-chunk.ts';
import { TreeWalker, type WalkState } from './tree-walker.ts';

export type ToWalkWorker = { readonly start: WalkState; readonly taken: Int32Array } | { readonly prune: RelPath };
export type FromWalkWorker = { readonly ready: true } | { readonly chunk: PackedChunk } | { readonly end: true };

const CHUNK_ENTRIES = 2000;
const CHUNK_DIRECTORIES = 1000;
/** A slow disk's finds are shown all the same. */
const CHUNK_MS = 100;
/** Chunks that may wait to be taken. */
const CHUNKS_AHEAD = 8;

const port = parentPort;
port?.once('message', (message: ToWalkWorker) => {
  if ('start' in message) walk(message.start, message.taken);
});
port?.postMessage({ ready: true } satisfies FromWalkWorker);

/** `taken[0]` counts the chunks that the reader has taken; the thread sleeps on it when it is too far ahead. */
function walk(state: WalkState, taken: Int32Array): void {
  const walker = new TreeWalker(state);
  const builder = new ChunkBuilder();
  for (let sent = 0, more = true; more; sent++) {
    waitForReader(taken, sent);
    const end = performance.now() + CHUNK_MS;
    do {
      readPrunes(walker);
      more = walker.step(builder);
    } while (more && builder.entries < CHUNK_ENTRIES && builder.directories < CHUNK_DIRECTORIES && performance.now() < end);
    if (builder.directories > 0) {
      const chunk = builder.take();
      port?.postMessage({ chunk } satisfies FromWalkWorker, transfersOf(chunk));
    }
  }
  port?.postMessage({ end: true } satisfies FromWalkWorker);
}

function waitForReader(taken: Int32Array, sent: number): void {
  for (let seen = Atomics.load(taken, 0); sent - seen >= CHUNKS_AHEAD; seen = Atomics.load(taken, 0)) Atomics.wait(taken, 0, seen);
}

function readPrunes(walker: TreeWalker): void {
  if (port === null) return;
  for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
    const message = received.message as ToWalkWorker;
    if ('prune' in message) walker.prune(message.prune);
  }
}
