import { dirname } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import type { SyncErrorCode, WireError, WireProject } from '../../sdk/protocol.ts';
import type { Broker } from '../permissions/broker.ts';
import { type Need, NeedError } from '../permissions/need.ts';
import { ScriptError } from '../sandbox/script-error.ts';
import { ScriptCallError } from '../sandbox/script-host.ts';
import { type CommandContext, placeIn } from './command-context.ts';
import { heritageOf, layeredOptions, type OptionLayers, type RawOptions, withNamedRoots } from './options/option-layers.ts';
import { OptionError } from './options/option-error.ts';
import { type CheckedProject, checkProject } from './options/options.ts';
import { needsOf } from './roots/project-needs.ts';
import { runSync, type SyncOutcome } from './run-sync.ts';
import { causeOf, exitCodeOf, wireErrorOf } from './sync-failure.ts';
import { optionsFromWire } from './options/wire-options.ts';
import { realPathOf } from '../machine/real-path.ts';
import { emptyResult, joinedResult } from './wire-result.ts';

/** A project that is to be run, with what its options come from. */
export interface ProjectOrder {
  readonly layers: Omit<OptionLayers, 'commandLine'>;
  /** undefined: none (`-z`); then `directory` is where relative paths start. */
  readonly projectFile: string | undefined;
  readonly directory: string;
  readonly broker: Broker;
  readonly command: CommandContext;
  /** Where the script asks for it: `photos.sync.ts:12:3`; put before what is wrong with options, roots and database. Looked up when something is wrong. */
  place(): string | undefined;
  /** The script that a sub-project given as a value comes from. */
  readonly script: object;
  readonly silent: boolean;
  /** What the script runs after it in the same list. */
  readonly later?: readonly LaterProject[];
  /** Runs a project file in a sandbox of its own. */
  runFile(file: string, inherited: RawOptions, broker: Broker, place: () => string | undefined): Promise<SyncResult>;
}

export interface LaterProject extends Pick<ProjectOrder, 'projectFile' | 'directory'> {
  readonly own: RawOptions;
}

/** Runs a project, then its sub-projects. Rejects with ScriptCallError, having told the readers of the run why. */
export async function runProjectTree(order: ProjectOrder): Promise<SyncOutcome> {
  let onError: CheckedProject['onError'] = 'stop';
  try {
    const raw = rawOptionsOf(order);
    const checked = checkedProject(raw, order);
    onError = checked.onError;
    for (const sub of checked.subSyncs) if (typeof sub === 'string') order.command.ownFiles.sources.add(realPathOf(sub));
    await requireForAll(checked, raw, order);
    const { projectFile, directory, broker, command, silent } = order;
    const own: SyncOutcome =
      checked.roots.length === 0
        ? { result: emptyResult(checked.name, checked.simulation) }
        : await runSync({
            checked,
            projectFile,
            broker,
            command,
            silent,
            origin: { raw, directory, projectFile, sources: [...command.ownFiles.sources] },
          });
    const others = order.silent ? [] : await runSubProjects(checked, raw, order);
    return { ...own, result: joinedResult(own.result, others) };
  } catch (error) {
    throw announced(error, order, onError);
  }
}

function rawOptionsOf({ layers, command }: ProjectOrder): RawOptions {
  const { extraRoots, targetOnly } = command.request;
  const raw = layeredOptions({ ...layers, commandLine: command.commandLine });
  return withNamedRoots(raw, { extraRoots, targetOnly, currentDir: process.cwd() });
}

/**
 * What sub-projects that are given as values, and what comes after it in a list, want is asked for together with what the project itself wants: their turn may come in the
 * middle of the night. Of files nothing is known before they are run.
 */
async function requireForAll(checked: CheckedProject, raw: RawOptions, order: ProjectOrder): Promise<void> {
  if (order.silent) return;
  const { layers, later = [] } = order;
  const needs = [
    ...needsBelow(checked, raw, order),
    ...later.flatMap(({ own, ...place }) => needsOfAll(() => ({ ...order, ...place, layers: { ...layers, own } }))),
  ];
  if (needs.length === 0) return;
  try {
    await order.broker.require([...ownNeeds(checked, order), ...needs], { atStart: !checked.simulation });
  } catch (error) {
    // It is told to the one who wants it.
    if (!(error instanceof NeedError)) throw error;
  }
}

function needsBelow(checked: CheckedProject, raw: RawOptions, order: ProjectOrder): readonly Need[] {
  const inherited = heritageOf(raw, checked);
  return checked.subSyncs.flatMap((sub) => (typeof sub === 'string' ? [] : needsOfAll(() => orderOf(sub, inherited, order))));
}

/** None where something is wrong with the options, which is told when it is run. */
function needsOfAll(make: () => ProjectOrder): readonly Need[] {
  try {
    const order = make();
    const raw = rawOptionsOf(order);
    const checked = checkedProject(raw, order);
    return [...ownNeeds(checked, order), ...needsBelow(checked, raw, order)];
  } catch (error) {
    if (error instanceof OptionError) return [];
    throw error;
  }
}

function ownNeeds(checked: CheckedProject, { command }: ProjectOrder): readonly Need[] {
  const { logFile, sourceList } = command.request.overrides;
  return needsOf(checked, { logFile: logFile !== undefined, sourceList: sourceList !== undefined }).flatMap(({ needs }) => needs);
}

function checkedProject(raw: RawOptions, { directory, projectFile }: ProjectOrder): CheckedProject {
  return checkProject(raw, { ...placeIn(directory), projectFile, now: Date.now() });
}

async function runSubProjects(checked: CheckedProject, raw: RawOptions, order: ProjectOrder): Promise<SyncResult[]> {
  const results: SyncResult[] = [];
  const inherited = heritageOf(raw, checked);
  for (const sub of checked.subSyncs) {
    try {
      results.push(
        typeof sub === 'string'
          ? await order.runFile(sub, inherited, order.broker, order.place)
          : (await runProjectTree(orderOf(sub, inherited, order))).result,
      );
    } catch (error) {
      if (!(error instanceof ScriptCallError) || !isBearable(error.error.code, checked.onError)) throw error;
      order.command.standing.note(1);
    }
  }
  return results;
}

function orderOf(sub: WireProject, inherited: RawOptions, order: ProjectOrder): ProjectOrder {
  const projectFile = sub.file ?? order.projectFile;
  const directory = projectFile === undefined ? order.directory : dirname(projectFile);
  const own = optionsFromWire(sub.options, order.script, placeIn(directory));
  // Nothing that a simulation runs changes anything.
  const overrides = inherited['simulation'] === true ? { simulation: true } : {};
  return { ...order, layers: { inherited, own, overrides }, projectFile, directory, later: [] };
}

/** SynchronEX's levels 3 and 4: what a project that failed means for the ones after it. */
function isBearable(code: SyncErrorCode, onError: CheckedProject['onError']): boolean {
  if (code === 'permission' || code === 'interrupted') return false;
  if (onError === 'continue-subsyncs') return true;
  return onError === 'continue-syncs' && code === 'stopped';
}

/** The error as the script gets it; the readers of the run have heard of it then. Errors that are defects stay as they are. */
export function announced(error: unknown, order: Pick<ProjectOrder, 'command' | 'place'>, onError: CheckedProject['onError']): unknown {
  if (error instanceof ScriptCallError && wasTold(error)) return error;
  const failure = wireErrorOf(error);
  if (failure === undefined) return error;
  const place = order.place();
  const message = PLACED.has(failure.code) && place !== undefined ? `${place}: ${failure.message}` : failure.message;
  const goOn = isBearable(failure.code, onError);
  const told: WireError = { ...failure, ...(place === undefined ? {} : { line: place }), ...(goOn ? { goOn } : {}) };
  if (!isEndOfScript(error)) order.command.log.tell({ type: 'stopped', cause: causeOf(failure.code), message });
  // Whatever the script makes of the error: it did not end in sync.
  order.command.standing.note(failure.code === 'interrupted' || failure.code === 'permission' ? exitCodeOf(failure.code) : 1);
  return toldError(told);
}

/** What the author of the project can mend there. */
const PLACED: ReadonlySet<SyncErrorCode> = new Set(['options', 'root', 'database', 'secret']);

/** What ended the whole script, not just a callback: it is told when the script is taken down, with its lines. */
function isEndOfScript(error: unknown): boolean {
  return error instanceof ScriptError && error.code !== 'callback';
}

/** An error that the readers of the run have heard of. */
export function toldError(error: WireError): ScriptCallError {
  const told = new ScriptCallError(error);
  isAnnounced.add(told);
  return told;
}

export function wasTold(error: ScriptCallError): boolean {
  return isAnnounced.has(error);
}

/** Errors that the readers of the run have heard of, on their way up through super-projects. */
const isAnnounced = new WeakSet<ScriptCallError>();
