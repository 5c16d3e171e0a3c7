import type { Readable, Writable } from 'node:stream';
import type { Options } from 'execa';
import { printable } from '../../printable.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { endProcessGroup } from './end-process-group.ts';
import { type ProgramStart, programOptions } from './program-options.ts';
import { startInFolder } from './start-in-folder.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';

/** A program that content goes through. */
export interface CoderOrder extends ProgramStart {
  readonly args: readonly string[];
  /** A line that it reads, line feed not included: on a file descriptor of its own, or on standard input before the content. Neither other programs nor the disk see it. */
  readonly passphrase: { readonly fd: 0 | 3; readonly text: string } | undefined;
  /** How long it may take nothing and give nothing while it has what it needs, in ms. */
  readonly stallMs: number;
}

/** How long a program that was asked to end may take before it is ended. */
const PATIENCE_MS = 2000;
/** How long its output may stay silent when it has ended: what it left behind may hold it open for ever. */
const LAST_OUTPUT_MS = 2000;
const MOST_ERROR_BYTES = 64_000;

/**
 * What a program writes while it reads `input`, in a process group (on Windows: a process tree) of its own, of which nothing stays. The output is whole only when the generator comes to its end: the
 * program has taken all input, written all output, and ended with exit code 0. Rejects with the error of `input`, with VfsError `aborted`, else with an Error that says what went wrong
 * and the last that the program said.
 */
export async function* throughProgram(input: AsyncIterable<Uint8Array>, order: CoderOrder, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { execa } = await import('execa');
  const aborted = () => new VfsError('aborted', '', `${printable(order.name)} was ended: the run was interrupted`);
  if (signal.aborted) throw aborted();
  const child = startInFolder(order.folder, (cwd) => execa(order.program, order.args, { ...optionsFor(order), cwd }));
  if (child.pid === undefined) throw notStarted(order, await child);
  const ending = endProcessGroup(child.pid, PATIENCE_MS);
  let failure: { readonly error: unknown } | undefined;
  const stop = (error: unknown) => {
    failure ??= { error };
    ending.terminate();
    child.stdout.destroy();
  };
  const watch = createStallWatch(order.stallMs, () => stop(stalled(order, exit.result)));
  const exit = exitOf(child, watch);
  const said = lastSaid(child.stderr);
  const onAbort = () => stop(aborted());
  signal.addEventListener('abort', onAbort);
  const feeding = feed(withPassphrase(input, order.passphrase), child.stdin, watch).catch(stop);
  try {
    watch.outputIsWanted(true);
    for await (const chunk of untilClosed(child.stdout)) {
      watch.outputIsWanted(false);
      yield chunk;
      watch.outputIsWanted(true);
    }
    await exit.done;
    const wasAllTaken = await feeding;
    if (failure !== undefined) throw failure.error;
    const problem = problemOf(exit.result, wasAllTaken === true);
    if (problem !== undefined) throw new Error(`${printable(order.name)} ${problem}${await said.text()}`);
  } finally {
    watch.stop();
    ending.terminate();
    child.stdout.destroy();
    await exit.done;
    ending.kill();
    child.stderr.destroy();
    await feeding;
    signal.removeEventListener('abort', onAbort);
  }
}

function optionsFor(order: CoderOrder) {
  const { passphrase } = order;
  const line = passphrase?.fd === 3 ? [new TextEncoder().encode(`${passphrase.text}\n`)] : [];
  return { ...programOptions(order), stdio: ['pipe', 'pipe', 'pipe', ...line] } as const satisfies Options;
}

async function* withPassphrase(input: AsyncIterable<Uint8Array>, passphrase: CoderOrder['passphrase']): AsyncGenerator<Uint8Array> {
  if (passphrase?.fd === 0) yield new TextEncoder().encode(`${passphrase.text}\n`);
  yield* input;
}

/** Resolves to whether the program took all; rejects with what is wrong with `input`. */
async function feed(input: AsyncIterable<Uint8Array>, stdin: Writable, watch: StallWatch): Promise<boolean> {
  // What goes wrong is told to the callback of each call.
  stdin.on('error', () => undefined);
  watch.inputIsWanted(true);
  try {
    for await (const chunk of input) {
      watch.inputIsWanted(false);
      const isTaken = await new Promise<boolean>((resolve) => stdin.write(chunk, (error) => resolve(!error)));
      if (!isTaken) return false;
      watch.inputIsWanted(true);
    }
    return true;
  } finally {
    watch.inputIsWanted(false);
    stdin.end();
  }
}

/** A stream that was destroyed is at its end. */
async function* untilClosed(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (!stream.destroyed) throw error;
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

function exitOf(child: { once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown }, watch: StallWatch) {
  const exit: { result: Exit | undefined; done: Promise<void> } = { result: undefined, done: Promise.resolve() };
  exit.done = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      exit.result = { code, signal };
      watch.limitTo(LAST_OUTPUT_MS);
      resolve();
    });
  });
  return exit;
}

function problemOf(exit: Exit | undefined, wasAllTaken: boolean): string | undefined {
  if (exit?.signal != null) return `was ended by ${exit.signal}`;
  if (exit?.code !== 0) return `ended with exit code ${exit?.code}`;
  return wasAllTaken ? undefined : 'ended without reading all that it was given';
}

function stalled({ name, stallMs }: CoderOrder, exit: Exit | undefined): Error {
  const who = printable(name);
  if (exit !== undefined) return new Error(`${who} ended, but something that it started holds its output open`);
  return new Error(`${who} was ended: it did nothing for ${stallMs} ms; it may wait for an answer that nobody gives (see "timeout" of the encoder)`);
}

/** Keeps the end of what a program says. `text` waits for the last of it when the program has ended. */
function lastSaid(stderr: Readable): { text(): Promise<string> } {
  let kept = Buffer.alloc(0);
  const isOver = new Promise<void>((resolve) => stderr.once('close', resolve));
  stderr.on('error', () => undefined);
  stderr.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-MOST_ERROR_BYTES);
  });
  return {
    async text() {
      const timer = setTimeout(() => stderr.destroy(), LAST_OUTPUT_MS);
      await isOver;
      clearTimeout(timer);
      const lines = new TextDecoder()
        .decode(kept)
        .split(/\r?\n/)
        .map((line) => line.trim());
      const last = lines
        .filter((line) => line !== '')
        .slice(-3)
        .join('; ');
      return last === '' ? '' : `: ${printable(last).slice(0, 400)}`;
    },
  };
}

function notStarted({ name }: CoderOrder, error: { readonly originalMessage?: string | undefined; readonly code?: string | undefined }): Error {
  return new Error(`${printable(name)} cannot be started: ${printable(error.originalMessage ?? error.code ?? 'unknown reason')}`);
}
