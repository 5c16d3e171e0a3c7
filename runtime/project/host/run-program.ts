import type { Readable } from 'node:stream';
import type { Options } from 'execa';
import type { WireExecResult } from '../../../sdk/exec-protocol.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { endProcessGroup } from './end-process-group.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { HeldShare } from './held-bytes.ts';
import type { HostContext } from './host-function.ts';
import { type ProgramStart, programOptions } from './program-options.ts';
import { startInFolder } from './start-in-folder.ts';

/** A program as it is started. */
export interface ProgramOrder extends ProgramStart {
  readonly args: readonly string[];
  /** undefined: nothing to read. */
  readonly input: string | undefined;
  readonly timeoutMs: number | undefined;
  /** Of each of its two outputs. */
  readonly maxOutputBytes: number;
}

/** How long a program that was asked to end may take before it is ended. */
const PATIENCE_MS = 5000;
/** How long its outputs are read on when it has ended: what it left behind outside of its group may hold them open for ever. */
const LAST_OUTPUT_MS = 2000;

/**
 * Runs a program to its end, in a process group (on Windows: a process tree) of its own, of which nothing stays. Rejects with ScriptCallError: `program` when
 * it cannot be started, takes too long or writes too much, `interrupted` when the run was.
 */
export function runProgram(order: ProgramOrder, context: ProgramContext): Promise<WireExecResult> {
  return inSlot(async () => {
    const share = context.held.share();
    try {
      return await runToEnd(order, share, context);
    } finally {
      share.end();
    }
  });
}

type ProgramContext = Pick<HostContext, 'command' | 'signal' | 'atEnd' | 'held'>;

/** More at once than any machine has use for; the others wait. */
const inSlot = fewAtOnce(64);

async function runToEnd(order: ProgramOrder, share: HeldShare, context: ProgramContext): Promise<WireExecResult> {
  const { signal } = context;
  const { killSignal } = context.command.request;
  const interrupted = () => new ScriptCallError({ code: 'interrupted', message: `${printable(order.program)} was ended: the run was interrupted` });
  const { execa } = await import('execa');
  if (signal.aborted) throw interrupted();
  const child = started(order, () => startInFolder(order.folder, (cwd) => execa(order.program, order.args, { ...optionsFor(order), cwd })));
  if (child.pid === undefined) throw notStarted(order, await child);
  const ending = endProcessGroup(child.pid, PATIENCE_MS);
  const stdout = collectOutput(child.stdout, { mostBytes: order.maxOutputBytes, share, onTooMuch: ending.kill });
  const stderr = collectOutput(child.stderr, { mostBytes: order.maxOutputBytes, share, onTooMuch: ending.kill });
  const takeBack = context.atEnd(async () => {
    ending.kill();
    await child;
  });
  const timer = order.timeoutMs === undefined ? undefined : setTimeout(ending.terminate, order.timeoutMs);
  let lastOutput: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    ending.kill();
    const leave = () => {
      if (stdout.isWaiting() || stderr.isWaiting()) lastOutput = setTimeout(leave, LAST_OUTPUT_MS);
      else for (const stream of [child.stdout, child.stderr]) stream.destroy();
    };
    lastOutput = setTimeout(leave, LAST_OUTPUT_MS);
  });
  signal.addEventListener('abort', ending.terminate);
  killSignal.addEventListener('abort', ending.kill);
  try {
    const result = await child;
    if (signal.aborted) throw interrupted();
    if (ending.wasTerminated()) throw failure(`${printable(order.program)} was ended: it took longer than ${order.timeoutMs} ms`);
    if (stdout.isTooMuch() || stderr.isTooMuch())
      throw failure(`${printable(order.program)} was ended: it wrote more than ${order.maxOutputBytes} bytes`);
    if (result.exitCode === undefined && result.signal === undefined) throw notStarted(order, result);
    return { exitCode: result.exitCode ?? null, signal: result.signal ?? null, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    clearTimeout(timer);
    clearTimeout(lastOutput);
    signal.removeEventListener('abort', ending.terminate);
    killSignal.removeEventListener('abort', ending.kill);
    takeBack();
  }
}

function optionsFor(order: ProgramOrder) {
  return { ...programOptions(order), ...(order.input === undefined ? { stdin: 'ignore' } : { input: order.input }) } as const satisfies Options;
}

interface Collecting {
  readonly mostBytes: number;
  readonly share: HeldShare;
  onTooMuch(): void;
}

/** Takes what a program writes, up to a limit; beyond it `onTooMuch` is called, and the rest is dropped. While there is no room for it, the program has to wait. */
function collectOutput(stream: Readable, { mostBytes, share, onTooMuch }: Collecting) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isWaiting = false;
  const waitFor = (room: Promise<void>) => {
    isWaiting = true;
    stream.pause();
    void room.then(() => {
      isWaiting = false;
      stream.resume();
    });
  };
  stream.on('data', (chunk: Buffer) => {
    if (bytes > mostBytes) return;
    bytes += chunk.length;
    if (bytes > mostBytes) return onTooMuch();
    chunks.push(chunk);
    const room = share.hold(chunk.length);
    if (room !== undefined) waitFor(room);
  });
  stream.on('error', () => undefined);
  return {
    isTooMuch: () => bytes > mostBytes,
    isWaiting: () => isWaiting,
    /** As UTF-8, without the line feed at the end. */
    text: () => new TextDecoder().decode(Buffer.concat(chunks)).replace(/\r?\n$/, ''),
  };
}

function started<Child>({ program }: ProgramOrder, start: () => Child): Child {
  try {
    return start();
  } catch (error) {
    throw failure(`${printable(program)} cannot be started: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function notStarted(
  { program }: ProgramOrder,
  error: { readonly originalMessage?: string | undefined; readonly code?: string | undefined },
): ScriptCallError {
  return failure(`${printable(program)} cannot be started: ${printable(error.originalMessage ?? error.code ?? 'unknown reason')}`);
}

function failure(message: string): ScriptCallError {
  return new ScriptCallError({ code: 'program', message });
}
