export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What stops a run from outside. */
export interface Interrupts {
  /** Aborted at the first signal: the files in flight are finished. */
  readonly signal: AbortSignal;
  /** Aborted at the second one: they are dropped. */
  readonly killSignal: AbortSignal;
  /** The first signal that arrived; decides the exit code. */
  readonly first: StopSignal | undefined;
  /** A question was left with Ctrl-C, so nothing is under way: as if the signal had arrived, but nothing is said. No effect when one has arrived. */
  abandon(signal: StopSignal): void;
  /** Signals do again what they do by default. */
  dispose(): void;
}

export interface InterruptOptions {
  /** Tells the user what happens now. */
  say(message: string): void;
  /** Third signal: the run does not end by itself, so the process does. Every path holds its old or its new content at any instant. */
  giveUp(signal: StopSignal): void;
}

export function watchSignals(options: InterruptOptions): Interrupts {
  const graceful = new AbortController();
  const kill = new AbortController();
  let first: StopSignal | undefined;

  function interrupt(signal: StopSignal): void {
    if (kill.signal.aborted) {
      options.giveUp(first ?? signal);
    } else if (graceful.signal.aborted) {
      options.say('dropping the files in flight; once more ends the process at once');
      kill.abort(signal);
    } else {
      first = signal;
      options.say(`${NAMES[signal]}: finishing the files in flight; ${signal === 'SIGINT' ? 'Ctrl-C again' : 'once more'} drops them`);
      graceful.abort(signal);
    }
  }

  for (const signal of STOP_SIGNALS) process.on(signal, interrupt);
  return {
    signal: graceful.signal,
    killSignal: kill.signal,
    get first() {
      return first;
    },
    abandon(signal) {
      first ??= signal;
      graceful.abort(signal);
    },
    dispose: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, interrupt);
    },
  };
}

const NAMES: Readonly<Record<StopSignal, string>> = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hung up' };
