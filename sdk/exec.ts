import { type Duration, durationMs } from './duration.ts';
import { callHost, watched } from './transport.ts';

export interface ExecOptions {
  /** What the program reads from its standard input. Without it there is nothing to read; it is never connected to the terminal. */
  readonly input?: string;
  /** The folder that it starts in; takes the permission to read it. Default: the project's folder. */
  readonly cwd?: string;
  /**
   * Variables for the program, besides the few that it always has (PATH, HOME, language, time zone, temporary folder). Names that would make it run other code (`LD_PRELOAD`, `NODE_OPTIONS`, `PATH` …)
   * are refused.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The program is ended after that time, and the call rejects. Default: it may take as long as it wants. */
  readonly timeout?: Duration;
  /** Bytes that it may write to standard output, and to standard error; with more it is ended, and the call rejects. Default 10 MB. */
  readonly maxOutput?: number;
  /** A program that ends with anything but exit code 0 rejects. Default false: it is the script's to look at the exit code. */
  readonly reject?: boolean;
}

export interface ExecResult {
  /** undefined: a signal ended the program. */
  readonly exitCode: number | undefined;
  /** The signal, as `SIGTERM`. */
  readonly signal: string | undefined;
  /** As UTF-8, without the line feed at the end. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program: never a shell, each argument arrives as it is. Takes the permission `run:PROGRAM`; what the program does is outside the sandbox. It is ended with the run and by Ctrl-C, with
 * all programs that it started itself and that stayed in its process group. In a simulation it is shown and not run, and the result is that of a program that writes nothing and ends with 0.
 * Resolves whatever the exit code is (but see `reject`). Rejects with SyncError: code `program` when it cannot be started, takes too long or writes too much.
 */
export function exec(file: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
  return watched('exec', async (stack) => {
    const { timeout, ...others } = options;
    const timeoutMs = timeout === undefined ? {} : { timeoutMs: durationMs(timeout, 'exec: timeout') };
    const { exitCode, signal, stdout, stderr } = await callHost('exec', { file, args, ...others, ...timeoutMs }, stack);
    return { exitCode: exitCode ?? undefined, signal: signal ?? undefined, stdout, stderr };
  });
}
