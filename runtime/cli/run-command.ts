import { printable } from '../printable.ts';
import type { ExitCode, RunRequest } from '../project/run-request.ts';
import { createRedactor, type Redactor } from '../project/redact.ts';
import { openScreen, type Screen } from '../report/screen.ts';
import { approvalCommand } from './approval.ts';
import { defectMessage } from './defect-message.ts';
import { EXIT_FAILED, exitCode, exitCodeOfSignal } from './exit-codes.ts';
import type { RunSettings } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { findSource } from './project-source.ts';
import { terminalAsk } from './prompts.ts';
import { readInput, waitForEnter } from './standard-input.ts';
import { watchSignals, type Interrupts } from './signals.ts';
import { UsageError } from './usage-error.ts';

/** Runs a project; the exit code is also the last event. Rejects with `UsageError` only when the run has no project, before any event. */
export async function runCommand(settings: RunSettings, context: ProcessContext): Promise<number> {
  const screen = openScreen({
    stdout: context.stdout,
    stderr: context.stderr,
    env: context.env,
    json: settings.json,
    quiet: settings.quiet,
    verbose: settings.verbose,
    approval: (planId) => approvalCommand(context.args, planId),
    // `sxrun P | head -1`: who has seen enough does not want a half-done synchronization.
    onLost: (error) => screen.note(`${lossOf(error)}; the run goes on`),
  });
  const leave = leaving(screen);
  const interrupts: Interrupts = watchSignals({ say: screen.note, giveUp: (signal) => end(exitCodeOfSignal(signal), leave) });
  const secrets = createRedactor();
  const crash = (error: unknown) => {
    screen.emit({ type: 'stopped', cause: 'error', message: secrets.redact(defectMessage(error, context.env)) });
    end(EXIT_FAILED, leave);
  };
  process.on('uncaughtException', crash);
  process.on('exit', leave);
  try {
    const source = await findSource(settings.source, context.currentDir, () => readInput(context.stdin, interrupts.signal));
    const code = await runSource(source, { settings, context, screen, interrupts, secrets });
    leave(code);
    await screen.close();
    if (settings.wait === 'always' || (settings.wait === 'on-error' && code !== 0)) await waitForEnter(context);
    return code;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return crash(error);
  } finally {
    process.off('uncaughtException', crash);
    process.off('exit', leave);
    interrupts.dispose();
  }
}

interface Run {
  readonly settings: RunSettings;
  readonly context: ProcessContext;
  readonly screen: Screen;
  readonly interrupts: Interrupts;
  readonly secrets: Redactor;
}

async function runSource(source: RunRequest['source'], { settings, context, screen, interrupts, secrets }: Run): Promise<number> {
  if (interrupts.signal.aborted) {
    screen.emit({ type: 'stopped', cause: 'interrupt', message: 'stopped before anything was read or changed' });
    return exitCode(130, interrupts.first);
  }
  let abandoned = false;
  const onAbandon = () => {
    abandoned = true;
    interrupts.abandon('SIGINT');
  };
  const mayAsk = settings.mayAsk && context.stdin.isTTY && context.stderr.isTTY;
  const prompts = { context, signal: interrupts.signal, pause: screen.pause, onAbandon };
  const code: ExitCode = await context.runProject({
    source,
    planFile: settings.planFile,
    overrides: settings.overrides,
    extraRoots: settings.extraRoots,
    targetOnly: settings.targetOnly,
    scriptArguments: settings.scriptArguments,
    grants: settings.grants,
    ask: mayAsk ? terminalAsk(prompts) : undefined,
    approve: settings.approve,
    audit: settings.audit,
    fsync: settings.fsync,
    unsandboxed: settings.unsandboxed,
    scriptTimeoutMs: settings.scriptTimeoutMs,
    scriptMemoryBytes: settings.scriptMemoryBytes,
    emit: screen.emit,
    secrets,
    signal: interrupts.signal,
    killSignal: interrupts.killSignal,
  });
  return exitCode(abandoned ? 130 : code, interrupts.first);
}

function lossOf(error: Error): string {
  return 'code' in error && error.code === 'EPIPE'
    ? 'nobody reads the output any more'
    : `the output cannot be written any more (${printable(error.message)})`;
}

/** Now, whatever is still going on; every path holds its old or its new content. */
function end(code: number, leave: (code: number) => void): never {
  leave(code);
  process.exit(code);
}

/** The last event, and all that was said before it: once, whoever comes first. A script in plain Node may end the process itself. */
function leaving(screen: Screen): (code: number) => void {
  let hasLeft = false;
  return (code) => {
    if (hasLeft) return;
    hasLeft = true;
    screen.emit({ type: 'exit', code });
    screen.flush();
  };
}
