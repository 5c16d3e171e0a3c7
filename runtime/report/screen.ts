import type { RunEvent } from '../engine/events.ts';
import { coloursFor } from './colours.ts';
import { jsonLine } from './json.ts';
import { openOutput, type Output } from './output.ts';
import { progressBar } from './progress.ts';
import { textFormat, type TextFormat } from './text.ts';

/** `process.stdout`, `process.stderr`. */
export type StandardStream = NodeJS.WriteStream & { readonly fd: 1 | 2 };

export interface ScreenOptions {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
  readonly env: NodeJS.ProcessEnv;
  /** One JSON event a line on standard output instead of text; no bar. */
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The command line that lets this plan pass the guard. */
  approval(planId: string): string;
  /** Nobody reads standard output any more (EPIPE), or it cannot be written. */
  onLost(error: Error): void;
}

/** What a person, or the program behind a pipe, sees of a run. */
export interface Screen {
  emit(event: RunEvent): void;
  /** A line on standard error about the command itself. */
  note(message: string): void;
  /** All lines so far are written and the bar is gone: something else has the terminal, and what happens meanwhile is shown when `resume` is called. */
  pause(): { resume(): void };
  /** All lines are written, as far as anybody takes them now; also what waits for `resume`. */
  flush(): void;
  /** Resolves when everything is written, or nobody is left to read it. */
  close(): Promise<void>;
}

/** The report goes to standard output; what stopped the run, notes and the bar to standard error. */
export function openScreen(options: ScreenOptions): Screen {
  const { stdout, stderr, env, json, quiet } = options;
  const bar = stderr.isTTY && !json && !quiet ? progressBar(stderr) : undefined;
  const aside = bar && { before: bar.clear, after: bar.draw };
  const out = openStream(stdout, { ...(stdout.isTTY ? aside : {}), onLost: options.onLost });
  const err = openStream(stderr, { ...aside, onLost: () => undefined });
  const format = (stream: StandardStream) => textFormat({ ...options, colours: coloursFor(stream.isTTY, env) });
  const text: TextFormat = format(stdout);
  const stopped: TextFormat = format(stderr);

  function inOrder(message: string): void {
    out.flush();
    err.write(message);
    err.flush();
  }

  function show(event: RunEvent): void {
    bar?.read(event);
    if (json) out.write(jsonLine(event));
    else if (event.type === 'stopped') inOrder(stopped(event));
    else out.write(text(event));
  }

  /** Questions that are open, and what happened since the first was asked. */
  let pauses = 0;
  let held: RunEvent[] = [];

  function showHeld(): void {
    const events = held;
    held = [];
    for (const event of events) show(event);
  }

  return {
    emit: (event) => void (pauses > 0 ? held.push(event) : show(event)),
    note: (message) => inOrder(`${message}\n`),
    pause() {
      pauses++;
      out.flush();
      err.flush();
      bar?.clear();
      return {
        resume() {
          pauses--;
          if (pauses === 0) showHeld();
        },
      };
    },
    flush() {
      showHeld();
      out.flush();
      err.flush();
      bar?.clear();
    },
    async close() {
      showHeld();
      bar?.close();
      await out.close();
      await err.close();
    },
  };
}

/** Buffered lines to one of the process's own streams. */
export function openStream(stream: StandardStream, around: { onLost(error: Error): void; before?: () => void; after?: () => void }): Output {
  if (!stream.isTTY) return openOutput({ fd: stream.fd, ...around });
  // A terminal that is gone (hang-up) tells so by an event.
  stream.on('error', around.onLost);
  return openOutput({ fd: stream.fd, terminal: stream, ...around });
}
