import { closeSync, constants } from 'node:fs';
import type { Emit, RunEvent } from '../engine/events.ts';
import type { EventFile } from '../report/event-file.ts';
import { openAtRealPath } from '../machine/held-folder.ts';
import { logFile } from '../report/log-file.ts';
import { sourceList } from '../report/source-list.ts';
import type { Redactor } from './redact.ts';
import { unwritableReason } from '../vfs/system-error.ts';
import { OptionError } from './options/option-error.ts';
import type { OutputFile } from './options/option-layers.ts';
import type { CheckedProject } from './options/options.ts';
import { shownEvent } from './shown-event.ts';

/** The files that a run writes about itself. */
export interface OutputFiles {
  read(event: RunEvent): void;
  close(): Promise<void>;
}

interface Surroundings {
  readonly emit: Emit;
  readonly secrets: Redactor;
}

/**
 * Opens the project's log and list files. Throws OptionError for one that cannot be written; the disk failing later is a warning to `emit`. Secrets do not get
 * into the log; the list is to be read by programs, and names every path as it is.
 */
export function openOutputFiles(project: CheckedProject, { emit, secrets }: Surroundings): OutputFiles {
  const opened: OpenFile[] = [];
  try {
    open(project, { emit, secrets }, opened);
  } catch (error) {
    for (const { fd } of opened) closeSync(fd);
    throw error;
  }
  return {
    read(event) {
      for (const { file } of opened) file.read(event);
    },
    async close() {
      for (const { fd, file } of opened) {
        await file.close();
        closeSync(fd);
      }
    },
  };
}

interface OpenFile {
  readonly fd: number;
  readonly file: EventFile;
}

function open(project: CheckedProject, { emit, secrets }: Surroundings, opened: OpenFile[]): void {
  const lost = (option: string, file: OutputFile) => (error: Error) => {
    emit({ type: 'log', level: 'warn', message: `${option} ${file.path} ends here: ${error.message}` });
  };
  if (project.logFile !== undefined) {
    const fd = openForWriting('logFile', project.logFile);
    const options = { verbose: project.verbose, now: () => new Date(), onLost: lost('logFile', project.logFile) };
    const file = logFile(fd, options);
    opened.push({ fd, file: { ...file, read: (event) => file.read(shownEvent(event, secrets)) } });
  }
  if (project.sourceList !== undefined) {
    const fd = openForWriting('sourceList', project.sourceList);
    opened.push({ fd, file: sourceList(fd, lost('sourceList', project.sourceList)) });
  }
}

/** The path is a real path; a link that takes its place, or that of a folder on the way, is not followed. */
function openForWriting(option: string, { path, mode }: OutputFile): number {
  // Always at the end: lines that are told between runs are written through another descriptor.
  const how = constants.O_APPEND | (mode === 'append' ? 0 : constants.O_TRUNC);
  try {
    return openAtRealPath(path, constants.O_WRONLY | constants.O_CREAT | how, 0o666);
  } catch (error) {
    throw new OptionError(option, `option "${option}": ${path} cannot be written: ${unwritableReason(error)}`);
  }
}
