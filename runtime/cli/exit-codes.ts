import type { ExitCode } from '../project/run-request.ts';
import type { StopSignal } from './signals.ts';

/** The command line, the script or the set-up is wrong, or the run failed. */
export const EXIT_FAILED = 2;

const BY_SIGNAL: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** 128 and the number of the signal, as shells have it. */
export function exitCodeOfSignal(signal: StopSignal): number {
  return BY_SIGNAL[signal];
}

/**
 * What the process ends with. A run that was stopped says 130 whatever stopped it; one that finished although a signal came keeps its own code.
 */
export function exitCode(code: ExitCode, signal: StopSignal | undefined): number {
  return code === 130 && signal !== undefined ? BY_SIGNAL[signal] : code;
}

/** For `--help`: the codes in words. */
export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'in sync'],
  ['1', 'finished, but collisions or file problems are left'],
  ['2', 'failed: bad option, script error, root not reachable, damaged database, run stopped by an error'],
  ['3', 'stopped by a guard or a missing permission; that run changed nothing (others of the same script may have)'],
  ['4', 'another run holds the lock'],
  ['130', 'interrupted (143 terminated, 129 hung up): every file is finished or left as it was'],
];
