import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Options } from 'execa';
import type { WireExecResult } from '../../../sdk/exec-protocol.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { endProcessGroup } from './end-process-group.ts';
import type { HostContext } from './host-function.ts';
import { type ProgramStart, programOptions } from './program-options.ts';

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
export async function runProgram(order: ProgramOrder, context: Pick<HostContext, 'command' | 'signal' | 'atEnd'>): Promise<WireExecResult> {
  const { signal } = context;
  const { killSignal } = context.command.request;
  const interrupted = () => new ScriptCallError({ code: 'interrupted', message: `${printable(order.program)} was ended: the run was interrupted` });
  const { execa } = await import('execa');
  if (signal.aborted) throw interrupted();
  const child = execa(order.program, order.args, optionsFor(order));
  if (child.pid === undefined) throw notStarted(order, await child);
  const ending = endProcessGroup(child.pid, PATIENCE_MS);
  const stdout = collectOutput(child.stdout, order.maxOutputBytes, ending.kill);
  const stderr = collectOutput(child.stderr, order.maxOutputBytes, ending.kill);
  const takeBack = context.atEnd(async () => {
    ending.kill();
    await child;
  });
  const timer = order.timeoutMs === undefined ? undefined : setTimeout(ending.terminate, order.timeoutMs);
  let lastOutput: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    ending.kill();
    lastOutput = setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), LAST_OUTPUT_MS);
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

/** Takes what a program writes, up to a limit; beyond it `onTooMuch` is called, and the rest is dropped. */
function collectOutput(stream: Readable, mostBytes: number, onTooMuch: () => void) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes > mostBytes) return;
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else onTooMuch();
  });
  stream.on('error', () => undefined);
  return {
    isTooMuch: () => bytes > mostBytes,
    /** As UTF-8, without the line feed at the end. */
    text: () => new TextDecoder().decode(Buffer.concat(chunks)).replace(/\r?\n$/, ''),
  };
}

function notStarted(
  { program, folder }: ProgramOrder,
  error: { readonly originalMessage?: string | undefined; readonly code?: string | undefined },
): ScriptCallError {
  if (!existsSync(folder)) return failure(`${printable(program)} cannot be started: its folder ${printable(folder)} does not exist (cwd)`);
  return failure(`${printable(program)} cannot be started: ${printable(error.originalMessage ?? error.code ?? 'unknown reason')}`);
}

function failure(message: string): ScriptCallError {
  return new ScriptCallError({ code: 'program', message });
}
