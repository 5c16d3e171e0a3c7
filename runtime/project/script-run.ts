import { basename, dirname, join } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import type { SyncRequest, WireError, WireTarget } from '../../sdk/protocol.ts';
import type { Broker } from '../permissions/broker.ts';
import { printable } from '../printable.ts';
import type { PreparedSandbox } from '../sandbox/prepare-sandbox.ts';
import { runScript } from '../sandbox/run-script.ts';
import type { SourcePlace } from '../sandbox/script-error.ts';
import { type FunctionCall, ScriptCallError, type ScriptHost, type SyncCall } from '../sandbox/script-host.ts';
import type { Bundle } from './bundle.ts';
import { type CommandContext, placeIn } from './command-context.ts';
import { callFunction } from './host/call-function.ts';
import type { RawOptions } from './option-layers.ts';
import { localPathOf } from './root-url.ts';
import { runProjectTree, toldError, wasTold } from './run-project-tree.ts';
import { ScriptContext } from './script-context.ts';
import { causeOf } from './sync-failure.ts';
import { optionsFromWire } from './wire-options.ts';
import { figuresOf, joinedResult, wirePlanOf, wireResultOf } from './wire-result.ts';

/** A project file that is to be run in a sandbox of its own. */
export interface ScriptOrder {
  readonly bundle: Bundle;
  /** Absolute; for standard input a name in the project folder that does not exist. */
  readonly projectFile: string;
  /** False for standard input. */
  readonly isFile: boolean;
  /** Options of the super-project that runs this file. */
  readonly inherited: RawOptions;
  readonly broker: Broker;
  readonly command: CommandContext;
  readonly sandbox: PreparedSandbox | undefined;
  /** Runs another project file in a sandbox of its own. */
  runFile(file: string, inherited: RawOptions, broker: Broker): Promise<SyncResult>;
}

/** Runs a script to its end; resolves to the results of all its runs as one. Rejects with ScriptCallError or ScriptError when it failed. */
export async function runProjectScript(order: ScriptOrder): Promise<SyncResult | undefined> {
  const { request } = order.command;
  const results: SyncResult[] = [];
  const ending = new AbortController();
  const context = new ScriptContext(order);
  let calls = 0;
  // After a signal a script goes no further than the end of what it is waiting for: it may be asleep, or a loop that catches every error.
  const endWhenIdle = () => {
    if (request.killSignal.aborted || (request.signal.aborted && calls === 0)) ending.abort();
  };
  const host: ScriptHost = {
    call: async (call) => {
      calls++;
      try {
        return await (call.kind === 'sync' ? synchronize(call, order, results) : answerFunction(call, context, order));
      } finally {
        calls--;
        endWhenIdle();
      }
    },
    simulate: () => context.simulate(),
    log: (level, message) => order.command.log.tell({ type: 'log', level, message }),
  };
  for (const signal of [request.signal, request.killSignal]) signal.addEventListener('abort', endWhenIdle);
  endWhenIdle();
  const end = await runScript({
    bundle: order.bundle,
    facts: {
      simulation: context.simulation,
      args: request.scriptArguments,
      projectFile: order.projectFile,
      projectDir: dirname(order.projectFile),
      sandboxed: true,
    },
    host,
    limits: { turnMs: request.scriptTimeoutMs, memoryBytes: request.scriptMemoryBytes, stackBytes: STACK_BYTES },
    signal: ending.signal,
    ...(order.sandbox === undefined ? {} : { sandbox: order.sandbox }),
  });
  for (const signal of [request.signal, request.killSignal]) signal.removeEventListener('abort', endWhenIdle);
  await context.end();
  if (end.end === 'aborted') throw new ScriptCallError({ code: 'interrupted', message: 'the script was interrupted' });
  if (end.end === 'failed') throw end.cause === undefined ? end.error : told(end.cause, order);
  const [first, ...others] = results;
  return first === undefined ? undefined : joinedResult(first, others);
}

const STACK_BYTES = 1024 * 1024;

/** A refusal is final, whatever the script makes of it, and so it is told at once. */
async function answerFunction(call: FunctionCall, context: ScriptContext, order: ScriptOrder): Promise<unknown> {
  try {
    return await callFunction(call, context);
  } catch (error) {
    if (!(error instanceof ScriptCallError) || error.error.code !== 'permission') throw error;
    error.fillLine(placeText(call.place()));
    throw told(error, order);
  }
}

/** What stopped a run was told when it stopped; what another function met is told when nothing catches it. */
function told(cause: ScriptCallError, { command }: ScriptOrder): ScriptCallError {
  if (wasTold(cause)) return cause;
  const { code, line, message } = cause.error;
  command.log.tell({ type: 'stopped', cause: causeOf(code), message: line === undefined ? message : `${line}: ${message}` });
  return toldError(cause.error);
}

async function synchronize(call: SyncCall, order: ScriptOrder, results: SyncResult[]): Promise<unknown> {
  const { result, planId } = await runTarget(call, order);
  if (call.method === 'sync.plan') return wirePlanOf(planId, result);
  results.push(result);
  return call.request.figuresOnly ? figuresOf(result) : wireResultOf(result);
}

async function runTarget(call: SyncCall, order: ScriptOrder): Promise<{ readonly result: SyncResult; readonly planId: string }> {
  const { target, overrides }: SyncRequest = call.request;
  const silent = call.method === 'sync.plan';
  const projectFile = fileOf(target, order);
  const directory = dirname(projectFile);
  const overriding = optionsFromWire(overrides, call.hooks, placeIn(directory));
  if (target.kind === 'file') {
    const file = subProjectFile(target.path, target.from ?? order.projectFile, call);
    if (silent) throw refusal('sync.plan takes a project, not the name of a project file: import the file and pass what it exports', call);
    return { result: await order.runFile(file, { ...order.inherited, ...overriding }, order.broker), planId: '' };
  }
  const own = optionsFromWire(target.options, call.hooks, placeIn(directory));
  return runProjectTree({
    layers: { inherited: order.inherited, own, overrides: silent ? { ...overriding, simulation: true } : overriding },
    projectFile: order.isFile || projectFile !== order.projectFile ? projectFile : undefined,
    directory,
    broker: order.broker,
    command: order.command,
    place: () => placeText(call.place()),
    script: call.hooks,
    silent,
    runFile: order.runFile,
  });
}

/** The module that defines a project; relative paths in it start at that module's folder. */
function fileOf(target: WireTarget, order: ScriptOrder): string {
  return (target.kind === 'project' ? target.file : undefined) ?? order.projectFile;
}

function subProjectFile(path: string, from: string, call: SyncCall): string {
  try {
    return localPathOf(path, placeIn(dirname(from)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal(`the project file "${printable(path)}" ${error.message}`, call);
  }
}

function refusal(message: string, call: SyncCall): ScriptCallError {
  const line = placeText(call.place());
  const error: WireError = { code: 'options', message, ...(line === undefined ? {} : { line }) };
  return new ScriptCallError(error);
}

/** `photos.sync.ts:12:3`. */
export function placeText(place: SourcePlace | undefined): string | undefined {
  return place === undefined ? undefined : `${basename(place.file)}:${place.line}:${place.column}`;
}

/** The name by which a project from standard input is known. */
export function standardInputFile(directory: string): string {
  return join(directory, '(standard input).sync.ts');
}
