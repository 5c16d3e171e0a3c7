import type { RunEvent } from '../engine/events.ts';
import { coloursFor } from './colours.ts';
import type { EventFile } from './event-file.ts';
import { openOutput, type OutputTarget } from './output.ts';
import { textFormat } from './text.ts';

export interface LogFileOptions {
  readonly verbose: boolean;
  readonly now: () => Date;
  /** The disk is full, the file is gone: nothing more is written. */
  readonly onLost?: NonNullable<OutputTarget['onLost']>;
}

/**
 * Everything that is shown of a run (option `logFile`), each line with its local time, `2026-11-22 14:03:59`. The screen being quiet does not make
 * the log quiet. `fd` is open for writing, at the end to append, and stays the caller's.
 */
export function logFile(fd: number, options: LogFileOptions): EventFile {
  const output = openOutput({ fd, ...(options.onLost && { onLost: options.onLost }) });
  const approval = (planId: string) => `the same command with --approve ${planId}`;
  const format = textFormat({ colours: coloursFor(false, {}), quiet: false, verbose: options.verbose, approval });
  return {
    read(event: RunEvent) {
      const text = format(event);
      if (text === '') return;
      const stamp = timeStamp(options.now());
      output.write(`${stamp} ${text.slice(0, -1).replaceAll('\n', `\n${stamp} `)}\n`);
    },
    close: () => output.close(),
  };
}

function timeStamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
