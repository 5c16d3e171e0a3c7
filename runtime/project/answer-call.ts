import { dirname } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import type { SyncRequest, WireError, WireOptions, WireTarget } from '../../sdk/protocol.ts';
import type { Broker } from '../permissions/broker.ts';
import { printable } from '../printable.ts';
import { type FunctionCall, type ScriptCall, ScriptCallError, type SyncCall } from '../sandbox/script-host.ts';
import { type CommandContext, placeIn } from './command-context.ts';
import { callFunction } from './host/call-function.ts';
import type { HostContext } from './host/host-function.ts';
import type { RawOptions } from './options/option-layers.ts';
import { OptionError } from './options/option-error.ts';
import { localPathOf } from './roots/root-url.ts';
import { announced, type LaterProject, runProjectTree, toldError, wasTold } from './run-project-tree.ts';
import type { SyncOutcome } from './run-sync.ts';
import { placeText } from './place-text.ts';
import { defaultExportPlace } from './script-message.ts';
import { causeOf } from './sync-failure.ts';
import { shown } from './options/option-message.ts';
import { optionsFromWire } from './options/wire-options.ts';
import { figuresOf, wirePlanOf, wireResultOf } from './wire-result.ts';

/** The script that calls, and what its calls work with. */
export interface CallingScript {
  /** Absolute; for standard input a name in the project folder that does not exist. */
  readonly projectFile: string;
  /** False for standard input. */
  readonly isFile: boolean;
  /** Options of the super-project that runs this file. */
  readonly inherited: RawOptions;
  readonly broker: Broker;
  readonly command: CommandContext;
  /** Runs another project file in a sandbox of its own. */
  runFile(file: string, inherited: RawOptions, broker: Broker, place: () => string | undefined): Promise<SyncResult>;
}

/** Answers a script's call. Results of its runs are told to `context`. Rejects with ScriptCallError for whatever a script can cause. */
export function answerCall(call: ScriptCall, script: CallingScript, context: HostContext): Promise<unknown> {
  return call.kind === 'sync' ? synchronize(call, script, context) : answerFunction(call, context);
}

/** A refusal is final, whatever the script makes of it, and so it is told at once. */
async function answerFunction(call: FunctionCall, context: HostContext): Promise<unknown> {
  try {
    return await callFunction(call, context);
  } catch (error) {
    if (!(error instanceof ScriptCallError) || error.error.code !== 'permission') throw error;
    error.fillLine(placeText(call.place()));
    throw toldOnce(error, context.command);
  }
}

/** What stopped a run was told when it stopped; what another function met is told when nothing catches it. */
export function toldOnce(cause: ScriptCallError, command: CommandContext): ScriptCallError {
  if (wasTold(cause)) return cause;
  const { code, line, message } = cause.error;
  command.log.tell({ type: 'stopped', cause: causeOf(code), message: line === undefined ? message : `${line}: ${message}` });
  return toldError(cause.error);
}

async function synchronize(call: SyncCall, script: CallingScript, context: HostContext): Promise<unknown> {
  const { result, plan } = await runTarget(call, script, context.simulation);
  if (call.method === 'sync.plan') {
    const id = plan?.id() ?? '';
    if (plan !== undefined) context.plans.keep(id, plan.saved);
    return wirePlanOf(id, result);
  }
  context.addResult(result);
  return call.request.figuresOnly ? figuresOf(result) : wireResultOf(result);
}

async function runTarget(call: SyncCall, script: CallingScript, isSimulated: boolean): Promise<SyncOutcome> {
  const { target, overrides }: SyncRequest = call.request;
  const silent = call.method === 'sync.plan';
  const projectFile = fileOf(target, script);
  const directory = dirname(projectFile);
  const place = () => placeText(call.place()) ?? defaultExportPlace(projectFile);
  const optionsOf = (options: WireOptions) => {
    try {
      return optionsFromWire(options, call.hooks, placeIn(directory));
    } catch (error) {
      throw announced(error, { command: script.command, place }, 'stop');
    }
  };
  const asked = optionsOf(overrides);
  const overriding = silent || isSimulated ? { ...asked, simulation: true } : asked;
  if (target.kind === 'file') {
    const file = subProjectFile(target.path, target.from ?? script.projectFile, call);
    if (silent) throw refusal('sync.plan takes a project, not the name of a project file: import the file and pass what it exports', call);
    return { result: await script.runFile(file, { ...script.inherited, ...overriding }, script.broker, place) };
  }
  const own = optionsOf(target.options);
  return runProjectTree({
    layers: { inherited: script.inherited, own, overrides: overriding },
    projectFile: script.isFile || projectFile !== script.projectFile ? projectFile : undefined,
    directory,
    broker: script.broker,
    command: script.command,
    place,
    script: call.hooks,
    silent,
    later: (call.request.later ?? []).flatMap((one) => laterProject(one, call, script)),
    runFile: script.runFile,
  });
}

/** None for a file, of which nothing is known before it is run, and where something is wrong, which is told when it is its turn. */
function laterProject(target: WireTarget, call: SyncCall, script: CallingScript): readonly LaterProject[] {
  if (target.kind === 'file') return [];
  const projectFile = fileOf(target, script);
  const directory = dirname(projectFile);
  try {
    return [{ own: optionsFromWire(target.options, call.hooks, placeIn(directory)), projectFile, directory }];
  } catch (error) {
    if (error instanceof OptionError) return [];
    throw error;
  }
}

/** The module that defines a project; relative paths in it start at that module's folder. */
function fileOf(target: WireTarget, script: CallingScript): string {
  return (target.kind === 'project' ? target.file : undefined) ?? script.projectFile;
}

function subProjectFile(path: string, from: string, call: SyncCall): string {
  try {
    return localPathOf(path, placeIn(dirname(from)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal(`the project file ${printable(shown(path))} ${error.message}`, call);
  }
}

function refusal(message: string, call: SyncCall): ScriptCallError {
  const line = placeText(call.place());
  const error: WireError = { code: 'options', message, ...(line === undefined ? {} : { line }) };
  return new ScriptCallError(error);
}
