import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import { ownFolders } from '../machine/own-folders.ts';
import { type Broker, type BrokerOptions, createBroker } from '../permissions/broker.ts';
import { GrantError } from '../permissions/grant.ts';
import { PermissionError } from '../permissions/permission-error.ts';
import { createPathRules } from '../permissions/path-rules.ts';
import { printable } from '../printable.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { ScriptError } from '../sandbox/script-error.ts';
import { ScriptCallError } from '../sandbox/script-host.ts';
import { StateError } from '../state/state-error.ts';
import { AuditError, type AuditFile, openAuditFile } from './audit-file.ts';
import type { BundleSource } from './bundle/bundle.ts';
import { BundleError } from './bundle/bundle-error.ts';
import { type CommandContext, namedRootsOf } from './command-context.ts';
import { takeSandbox } from './worlds/early-sandbox.ts';
import type { RawOptions } from './options/option-layers.ts';
import { LogTail } from './log-tail.ts';
import { createPasswords } from './passwords.ts';
import { realPathOf } from '../machine/real-path.ts';
import { shownEvent } from './shown-event.ts';
import { noteSources, permittedBundle } from './bundle/permitted-bundle.ts';
import { rememberedGrants } from './remembered-grants.ts';
import { announced, runProjectTree, toldError } from './run-project-tree.ts';
import type { ExitCode, RunRequest } from './run-request.ts';
import { sandboxWorld } from './worlds/sandbox-world.ts';
import { scriptMessage } from './script-message.ts';
import { runProjectScript, type ScriptWorld, standardInputFile } from './script-run.ts';
import { applyPlan } from './plans/apply-plan.ts';
import { PlanFileError } from './plans/plan-file.ts';
import { PlanCollector } from './plans/planned-runs.ts';
import { readPlanFile, savePlan } from './plans/saved-plan.ts';
import { Standing } from './standing.ts';
import type { StatedProject } from './stated-project.ts';
import { createSubProjectTurns } from './sub-project-turns.ts';
import { createCoderTurns } from '../vfs/layers/encoded/coder-turns.ts';
import { exitCodeOf } from './sync-failure.ts';
import { emptyResult } from './wire-result.ts';

/**
 * Does what the command line (or another front) asks for: bundle → sandbox → `sync.do` → engine. Everything is told through `request.emit`; the last
 * event, `exit`, is the caller's. `world` is where the script runs if neither a sandbox nor tsx is to run it. With `instead` nothing is synchronized: it gets what
 * the script wanted synchronized, when that is over; what it rejects with is told like what stops a run. Rejects only for a defect.
 */
export async function runProject(wanted: RunRequest, world?: ScriptWorld, instead?: Instead): Promise<ExitCode> {
  const secrets = wanted.secrets ?? createRedactor();
  const request: RunRequest = { ...wanted, emit: (event) => wanted.emit(shownEvent(event, secrets)) };
  const standing = new Standing();
  const log = new LogTail(request.emit, secrets);
  let audit: AuditFile | undefined;
  try {
    audit = request.audit === undefined ? undefined : openAuditFile(request.audit, secrets);
    const command: CommandContext = {
      request,
      remembered: rememberedGrants(),
      pathRules: createPathRules([...ownFolders().protected, ...(request.audit === undefined ? [] : [request.audit])]),
      standing,
      log,
      secrets,
      passwords: createPasswords(request.ask, secrets),
      subProjectTurns: createSubProjectTurns(),
      coderTurns: createCoderTurns(Math.max(2, availableParallelism())),
      audit: audit?.note,
      plans: request.planFile === undefined ? undefined : new PlanCollector(),
      stated: instead === undefined ? undefined : [],
      ownFiles: { sources: new Set(), written: new Set([request.audit, request.planFile].filter((path) => path !== undefined).map(realPathOf)) },
      commandLine: { ...request.overrides },
    };
    await runRequest(command, world).finally(() => doInstead(instead, command));
  } catch (error) {
    end(error, { log, standing, secrets, request });
  } finally {
    await log.written();
    audit?.close();
  }
  return standing.code;
}

/** What a command does with the projects of a script in the place of synchronizing them. */
export type Instead = (projects: readonly StatedProject[]) => Promise<ExitCode>;

/** Also when the script failed after it had said what it wants: who wants to restore something need not mend that first. */
async function doInstead(instead: Instead | undefined, command: CommandContext): Promise<void> {
  const { stated = [], standing, request } = command;
  if (instead === undefined || stated.length === 0 || request.signal.aborted) return;
  try {
    standing.note(await instead(stated));
  } catch (error) {
    throw announced(error, { command, place: () => undefined }, 'stop');
  }
}

async function runRequest(command: CommandContext, world: ScriptWorld | undefined): Promise<void> {
  const { source, unsandboxed } = command.request;
  if (source.kind === 'plan') await runPlanFile(source.path, command);
  else if (source.kind === 'none') await runWithoutScript(source.directory, command);
  else if (unsandboxed) await runUnsandboxed(atRealPath(source), command, world);
  else await runSource(atRealPath(source), command);
  checkApproval(command);
  if (command.plans !== undefined && command.request.planFile !== undefined) savePlan(command.request.planFile, command.plans, command);
}

/** `sxrun apply`: a plan is permitted like a script, by its path and all that it says. */
async function runPlanFile(path: string, command: CommandContext): Promise<void> {
  const { plan, hash } = readPlanFile(path);
  command.ownFiles.sources.add(realPathOf(path));
  const broker = await brokerFor(path, dirname(path), { sourcesHash: hash }, command);
  for (const step of plan.steps) command.log.tell({ type: 'log', level: 'warn', message: `not done, since only the script does it: ${step}` });
  await applyPlan(plan.runs, { broker, command, simulation: command.commandLine['simulation'] === true, place: () => undefined });
}

/** A project file is what it really is, by whatever link it is named: its folder, its roots, its database and its grants are those of the real file. */
function atRealPath(source: BundleSource): BundleSource {
  return source.kind === 'file' ? { kind: 'file', path: realPathOf(source.path) } : source;
}

/** An id that fits no plan approves nothing, and must not look as if it had. */
function checkApproval({ request, standing, log }: CommandContext): void {
  if (request.approve === undefined || standing.approvalUsed) return;
  log.tell({
    type: 'stopped',
    cause: 'guard',
    message: `no plan that needs approval has the id ${printable(request.approve)}: the roots have changed since, or the id is mistyped`,
  });
  standing.note(3);
}

/** `-z`: the command line is all there is. */
async function runWithoutScript(directory: string, command: CommandContext): Promise<void> {
  const broker = await brokerFor(undefined, directory, { sourcesHash: '' }, command);
  await runProjectTree({
    layers: { own: {} },
    projectFile: undefined,
    directory,
    broker,
    command,
    place: () => undefined,
    script: {},
    silent: false,
    runFile: (file, inherited, from, place) => runFile(file, inherited, from, { command, within: [], place }),
  });
}

async function runSource(source: BundleSource, command: CommandContext): Promise<void> {
  const sandbox = takeSandbox();
  try {
    const projectFile = source.kind === 'file' ? source.path : undefined;
    const bundle = await permittedBundle(source, command);
    const broker = await brokerFor(projectFile, folderOf(source), bundle, command);
    await runScriptIn(sandboxWorld(bundle, command.request, sandbox), source, broker, { inherited: {}, command, within: [], isSubProject: false });
    if (broker.denied !== undefined) command.standing.note(3);
  } finally {
    sandbox.dispose();
  }
}

/** There is no wall, so nothing is asked; what the script runs as sub-projects by file still has a sandbox. */
async function runUnsandboxed(source: BundleSource, command: CommandContext, given: ScriptWorld | undefined): Promise<void> {
  const world = given ?? (await import('./worlds/plain-world.ts')).plainWorld(fileOf(source), (path) => noteSources([path], command));
  if (source.kind === 'file') command.ownFiles.sources.add(source.path);
  const broker = await brokerFor(source.kind === 'file' ? source.path : undefined, folderOf(source), { sourcesHash: '' }, command);
  await runScriptIn(world, source, broker, { inherited: {}, command, within: [], isSubProject: false });
}

/** A sub-project by file: it has what the run has, and a sandbox of its own. */
async function runFile(file: string, inherited: RawOptions, outer: Broker, { command, within, place }: FileRun): Promise<SyncResult> {
  const stop = (message: string): never => {
    command.log.tell({ type: 'stopped', cause: 'error', message });
    // Whatever the script around it makes of the error: it did not end in sync.
    command.standing.note(1);
    throw toldError({ code: 'script', message });
  };
  const source = { kind: 'file', path: realPathOf(file) } as const;
  const asked = () => (place() === undefined ? '' : `${place()}: `);
  if (within.includes(source.path)) return stop(`${asked()}a project cannot run itself: ${circleOf(source.path, within)}`);
  try {
    const result = await command.subProjectTurns(within.length, async () => {
      if (command.request.signal.aborted) throw new ScriptCallError({ code: 'interrupted', message: 'the script was interrupted' });
      const { broker, loaded } = await outer.forSubProject(source.path, () => permittedBundle(source, command));
      return runScriptIn(sandboxWorld(loaded, command.request, undefined), source, broker, { inherited, command, within, isSubProject: true });
    });
    // It said so itself (`sync.dontDo`), and did something else.
    return result ?? emptyResult(basename(file), command.commandLine['simulation'] === true || inherited['simulation'] === true);
  } catch (error) {
    if (error instanceof BundleError) return stop(`${error.problems[0]?.place === undefined ? asked() : ''}${error.message}`);
    if (error instanceof ScriptError) return stop(scriptMessage(error, source.path));
    if (!(error instanceof PermissionError)) throw error;
    command.log.tell({ type: 'stopped', cause: 'permission', message: `${asked()}${error.message}` });
    command.standing.note(3);
    const line = place();
    throw toldError({ code: 'permission', message: error.message, ...(line === undefined ? {} : { line }) });
  }
}

function circleOf(file: string, within: readonly string[]): string {
  return [...within.slice(within.indexOf(file)), file].map((one) => printable(basename(one))).join(' runs ');
}

interface FileRun {
  readonly command: CommandContext;
  /** Real paths of the project files that are being run around this one. */
  readonly within: readonly string[];
  /** Where the script asks for it. */
  place(): string | undefined;
}

interface RunParts {
  readonly within: readonly string[];
  /** See `ScriptOrder`. */
  readonly isSubProject: boolean;
  readonly inherited: RawOptions;
  readonly command: CommandContext;
}

async function runScriptIn(world: ScriptWorld, source: BundleSource, broker: Broker, parts: RunParts): Promise<SyncResult | undefined> {
  const within = source.kind === 'file' ? [...parts.within, source.path] : parts.within;
  return runProjectScript({
    world,
    projectFile: fileOf(source),
    isFile: source.kind === 'file',
    broker,
    ...parts,
    runFile: (file, inherited, from, place) => runFile(file, inherited, from, { command: parts.command, within, place }),
  });
}

function brokerFor(
  projectFile: string | undefined,
  projectDir: string,
  sources: Pick<BrokerOptions, 'sourcesHash' | 'foreseen'>,
  command: CommandContext,
): Promise<Broker> {
  const { request, remembered, pathRules, audit } = command;
  return createBroker({
    projectFile,
    projectDir,
    sourcesHash: sources.sourcesHash,
    foreseen: sources.foreseen ?? [],
    flags: request.grants,
    currentDir: process.cwd(),
    namedRoots: namedRootsOf(request),
    remembered,
    rules: pathRules,
    ask: request.ask,
    warn: (message) => command.log.tell({ type: 'log', level: 'warn', message }),
    ...(audit === undefined ? {} : { audit }),
  });
}

function fileOf(source: BundleSource): string {
  return source.kind === 'file' ? source.path : standardInputFile(source.directory);
}

function folderOf(source: BundleSource): string {
  return source.kind === 'file' ? dirname(source.path) : source.directory;
}

/** The command ends with an error that nothing caught. What stopped a `sync.do` has been told already. */
function end(reason: unknown, { log, standing, secrets, request }: Pick<CommandContext, 'log' | 'standing' | 'secrets' | 'request'>): void {
  // What ends a script in the middle of a call comes as the breakdown of its sandbox.
  const error = reason instanceof ScriptError && reason.cause instanceof AuditError ? reason.cause : reason;
  if (error instanceof ScriptCallError) {
    standing.note(exitCodeOf(error.error.code));
    return;
  }
  const isPermission = error instanceof PermissionError;
  if (!isPermission && !isUsersToMend(error)) throw withoutSecrets(error, secrets);
  log.tell({ type: 'stopped', cause: isPermission ? 'permission' : 'error', message: scriptMessage(error, projectFileOf(request)) });
  standing.note(isPermission ? 3 : 2);
}

function projectFileOf({ source }: RunRequest): string {
  if (source.kind === 'plan') return source.path;
  return source.kind === 'none' ? standardInputFile(source.directory) : fileOf(source.kind === 'file' ? atRealPath(source) : source);
}

/** A defect is shown, too. */
function withoutSecrets(error: unknown, { redact }: Redactor): unknown {
  if (!(error instanceof Error)) return error;
  error.message = redact(error.message);
  if (error.stack !== undefined) error.stack = redact(error.stack);
  return error;
}

function isUsersToMend(error: unknown): error is Error {
  return [ScriptError, BundleError, GrantError, StateError, AuditError, PlanFileError].some((kind) => error instanceof kind);
}
