import { dirname, isAbsolute, relative, sep } from 'node:path';
import type { CollisionChoice, SyncResult } from '../../sdk/project.ts';
import { synchronize } from '../engine/sync.ts';
import type { EngineRoot, Rules, SyncEnd } from '../engine/sync-run.ts';
import type { Emit, RunEvent } from '../engine/events.ts';
import type { Broker } from '../permissions/broker.ts';
import { ScriptCallError, type ScriptHooks } from '../sandbox/script-host.ts';
import { diskIn } from '../state/disk.ts';
import { translating } from '../state/state-error.ts';
import { openSyncDatabase, type SyncDatabase, syncDatabaseFiles } from '../state/sync-database.ts';
import { type CommandContext, placeIn } from './command-context.ts';
import type { RelPath } from '../vfs/path.ts';
import { formatAddress, localFolderOf } from '../vfs/root-address.ts';
import { openEncoders } from './roots/open-encoders.ts';
import { forecastPuts } from './roots/put-forecast.ts';
import { openMedia } from './roots/open-media.ts';
import { closeRoots, openRoots, type ProjectRoot } from './roots/open-roots.ts';
import { checkEncoders } from './options/encoders.ts';
import { OptionError } from './options/option-error.ts';
import type { ProjectOptions } from './options/option-schema.ts';
import type { CheckedProject } from './options/options.ts';
import { openOutputFiles } from './output-files.ts';
import { refuseOwnFilesInShadows, refuseSharedFiles } from './roots/own-files.ts';
import type { PlannedRun } from './plans/plan-file.ts';
import { plannedRunOf, type ProjectOrigin } from './plans/planned-runs.ts';
import { needsOf } from './roots/project-needs.ts';
import { foreseeing, foretell, VersionReport } from './roots/version-report.ts';
import { type HeldFolder, holdFolder } from '../machine/held-folder.ts';
import { realPathOf } from '../machine/real-path.ts';
import { rulesOf } from './options/rules.ts';
import type { StatedProject } from './stated-project.ts';
import { failureOf } from './sync-failure.ts';
import type { Callback } from './options/wire-options.ts';
import { emptyResult, resultEventOf } from './wire-result.ts';

export interface SyncOrder {
  readonly checked: CheckedProject;
  readonly projectFile: string | undefined;
  readonly broker: Broker;
  readonly command: CommandContext;
  /** `sync.plan`: the caller shows what is to be shown. */
  readonly silent: boolean;
  /** What was checked: for a plan that is to be saved. */
  readonly origin: ProjectOrigin;
  /** A plan that is to be applied: of what would be done now only that is done. */
  readonly planned?: PlannedRun | undefined;
}

export interface SyncOutcome {
  readonly result: SyncResult;
  /** Of a simulation: its plan as it can be saved, and its id. */
  readonly plan?: { id(): string; saved(): PlannedRun };
}

/** One run of one checked project, from the permissions to the result. Rejects with what `wireErrorOf` knows when it was stopped. */
export async function runSync(order: SyncOrder): Promise<SyncOutcome> {
  if (order.command.stated !== undefined) return { result: state(order, order.command.stated) };
  const checked = await permitted(order);
  noteInAudit(checked, order);
  if (checked.checkCwd) requireProjectInRoot(checked, order.projectFile);
  const { request, secrets } = order.command;
  refuseSharedFiles(checked, projectFilesOf(order), request.overrides);
  await refuseOwnFilesInShadows(checked, order.command.ownFiles.sources);
  const files = openOutputFiles(order.silent ? { ...checked, logFile: undefined, sourceList: undefined } : checked, { emit: request.emit, secrets });
  if (!order.silent) for (const event of order.command.log.follow(checked)) files.read(event);
  const emit: Emit = (told) => {
    const event = told.type === 'start' ? withShadows(told, checked) : told;
    if (order.silent && event.type !== 'problem') return;
    if (event.type === 'guard' && event.approved) order.command.standing.approvalUsed = true;
    request.emit(event);
    files.read(event);
  };
  try {
    const choices = new Map<string, CollisionChoice>();
    const versions = new VersionReport(emit);
    const end = await withRoots(checked, { ...order, choices, versions }, emit);
    end.result.problems.push(...versions.problems);
    if (!order.silent) emit({ ...resultEventOf(end), ...versions.figures });
    noteLeftOver(end.result, order);
    const { plans } = order.command;
    const isOnlyPlanned = order.silent || plans !== undefined;
    const failure = end.end === 'guarded' && isOnlyPlanned ? undefined : failureOf(end);
    if (failure !== undefined) throw new ScriptCallError(failure);
    const plan = end.end === 'finished' || end.end === 'guarded' ? end.plan : undefined;
    if (plan === undefined) return { result: end.result };
    const saved = () => plannedRunOf(checked, order.origin, plan, choices);
    if (!order.silent) plans?.runs.push(saved());
    return { result: end.result, plan: { id: plan.id, saved } };
  } finally {
    await files.close();
  }
}

/** In the place of a run: whoever asked for it goes on with the project when the script is over. */
function state({ checked, origin, broker, command }: SyncOrder, stated: StatedProject[]): SyncResult {
  const { encoders } = origin.raw as Pick<ProjectOptions, 'encoders'>;
  const { passwords, coderTurns: turns, request } = command;
  const { signal, killSignal } = request;
  const { directory } = origin;
  stated.push({ checked, encoders: checkEncoders(encoders, placeIn(directory)), directory, broker, passwords, turns, signal, killSignal });
  return emptyResult(checked.name, checked.simulation);
}

function withShadows(start: Extract<RunEvent, { type: 'start' }>, { roots }: CheckedProject): RunEvent {
  if (roots.every(({ shadows }) => shadows.length === 0)) return start;
  return { ...start, shadows: roots.map(({ shadows }) => shadows.map(formatAddress)) };
}

/** The file that is run, and all that the command lives from. */
function projectFilesOf({ projectFile, command }: SyncOrder): string[] {
  return [...(projectFile === undefined ? [] : [projectFile]), ...command.ownFiles.sources];
}

function noteInAudit(checked: CheckedProject, { command, projectFile, silent }: SyncOrder): void {
  command.audit?.({
    what: 'call',
    project: projectFile,
    method: silent ? 'sync.plan' : 'sync.do',
    value: checked.name,
    ...(checked.simulation ? { simulation: true } : {}),
  });
}

/** The project with the real paths that may be used. */
async function permitted({ checked, broker, command }: SyncOrder): Promise<CheckedProject> {
  const { overrides } = command.request;
  const placed = needsOf(checked, { logFile: overrides.logFile !== undefined, sourceList: overrides.sourceList !== undefined });
  const paths = await broker.require(
    placed.flatMap(({ needs }) => needs),
    { atStart: !checked.simulation },
  );
  let at = 0;
  let project = checked;
  for (const { needs, place } of placed) {
    project = place(project, paths.slice(at, at + needs.length));
    at += needs.length;
  }
  return project;
}

async function withRoots(checked: CheckedProject, order: SyncOrder & Choices & { readonly versions: VersionReport }, emit: Emit): Promise<SyncEnd> {
  const { request, pathRules, passwords, coderTurns, ownFiles } = order.command;
  const signal = request.killSignal;
  const encoders = await openEncoders(checked, { broker: order.broker, passwords, turns: coderTurns, directory: order.origin.directory, signal });
  for (const path of [...filesOf(checked), ...cataloguesOf(checked)]) ownFiles.written.add(path);
  const tellVersion: VersionReport['tell'] = (root, change, shadow) => order.versions.tell(root, change, shadow);
  const media = openMedia(checked, { ask: request.ask, pathRules, ownFiles, tell: (message) => emit({ type: 'detail', message }) });
  const roots = await openRoots(checked, { signal, flushEachFile: request.fsync, pathRules, encoders, tellVersion, ownFiles, media });
  try {
    const folder = holdDatabaseFolder(checked);
    const database = await openDatabase(checked, roots, { signal: request.signal, folder }).catch((error: unknown) => {
      folder?.close();
      throw error;
    });
    try {
      const forecast = checked.simulation ? await forecastPuts(checked, media, emit) : undefined;
      const end = await synchronize({
        project: checked.name,
        roots,
        rules: rulesFor(checked, roots, order),
        baseline: database,
        simulation: checked.simulation,
        planned: order.planned?.changes,
        approve: request.approve,
        durable: request.fsync,
        signal: request.signal,
        now: Date.now,
        emit: forecast === undefined ? emit : foreseeing(roots, forecast.emit),
      });
      if (forecast === undefined) return end;
      await foretell(roots);
      return { ...end, result: forecast.corrected(end.result) };
    } finally {
      await database?.close().finally(() => folder?.close());
    }
  } finally {
    await closeRoots(roots);
  }
}

/** A root is known by its real place: the same folder under another name is the same root, another folder under the same name is not. */
async function openDatabase(
  checked: CheckedProject,
  roots: readonly ProjectRoot[],
  { signal, folder }: { readonly signal: AbortSignal; readonly folder: HeldFolder | undefined },
): Promise<SyncDatabase | undefined> {
  if (checked.syncDb === undefined) return undefined;
  const rootKeys = roots.map((root) => root.key);
  const targetOnly = roots.map((root) => root.targetOnly);
  const disk = folder === undefined ? {} : { disk: diskIn(folder) };
  return openSyncDatabase(checked.syncDb, { rootKeys, targetOnly, simulation: checked.simulation, signal, now: Date.now, ...disk });
}

/** Where the database is written: the folder that was permitted, whatever the script's callbacks put in its place. undefined: nothing is written. */
function holdDatabaseFolder({ syncDb, simulation }: CheckedProject): HeldFolder | undefined {
  if (syncDb === undefined || simulation) return undefined;
  return translating('unwritable', syncDb, () => holdFolder(dirname(syncDb)));
}

interface Choices {
  /** Takes what a callback answers, for a plan that is to be saved. */
  readonly choices: Map<string, CollisionChoice>;
}

function rulesFor(checked: CheckedProject, roots: readonly EngineRoot[], { command, planned, choices }: SyncOrder & Choices): Rules {
  const rules = rulesOf(checked, {
    filter: (callback) => (questions) => hooksOf(callback).filter(callback.number, questions),
    collision: (callback) => async (collision) => {
      const choice = await hooksOf(callback).collision(callback.number, collision);
      choices.set(collision.path, choice);
      return choice;
    },
    ownPaths: ownPathsOf(checked, command.request.audit),
    ignoreCase: roots.some((root) => !root.vfs.traits.caseSensitive),
  });
  if (planned === undefined || Object.keys(planned.choices).length === 0) return rules;
  return { ...rules, onCollision: async ({ path }) => (Object.hasOwn(planned.choices, path) ? planned.choices[path] : undefined) ?? 'report' };
}

function ownPathsOf(checked: CheckedProject, audit: string | undefined): RelPath[] {
  const files = [...filesOf(checked), ...(audit === undefined ? [] : [realPathOf(audit)])];
  const shadows = checked.roots.flatMap((root) => root.shadows.map(localFolderOf)).filter((folder) => folder !== undefined);
  return [...foldersOf(checked), ...shadows].flatMap((folder) =>
    files.filter((file) => isInside(file, folder)).map((file) => relative(folder, file).split(sep).join('/')),
  );
}

/** What the run writes about itself. */
function filesOf({ syncDb, logFile, sourceList }: CheckedProject): string[] {
  const database = syncDb === undefined ? [] : Object.values(syncDatabaseFiles(syncDb));
  return [logFile?.path, sourceList?.path, ...database].filter((path) => path !== undefined);
}

function cataloguesOf({ volumes }: CheckedProject): string[] {
  return volumes.filter(({ isUsed }) => isUsed).map(({ catalogue }) => catalogue);
}

/** Callbacks are made with the hooks of the call that they came with (see script-run.ts). */
function hooksOf(callback: Callback): ScriptHooks {
  return callback.script as ScriptHooks;
}

function requireProjectInRoot(checked: CheckedProject, projectFile: string | undefined): void {
  const directory = projectFile === undefined ? undefined : realPathOf(dirname(projectFile));
  if (directory !== undefined && foldersOf(checked).some((folder) => isInside(directory, folder))) return;
  const where = projectFile === undefined ? 'a project without a file' : projectFile;
  throw new OptionError('checkCwd', `option "checkCwd" wants the project file in one of the roots, and ${where} is in none of them`);
}

/** The roots' folders on this machine. */
function foldersOf(checked: CheckedProject): string[] {
  return checked.roots.map(({ address }) => localFolderOf(address)).filter((folder) => folder !== undefined);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function noteLeftOver(result: SyncResult, { command, silent }: SyncOrder): void {
  if (silent) return;
  if (result.problems.length > 0 || result.collisions.some(({ resolved }) => resolved === undefined)) command.standing.note(1);
}
