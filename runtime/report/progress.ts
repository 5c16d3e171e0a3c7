import type { RunEvent } from '../engine/events.ts';
import { formatBytes, formatCount, formatDuration } from './sizes.ts';

/** A terminal that a bar is drawn on. */
export interface ProgressTerminal {
  write(text: string): unknown;
  /** Undefined: the terminal does not tell. */
  readonly columns?: number | undefined;
}

export interface ProgressBar {
  read(event: RunEvent): void;
  /** Leaves an empty line with the cursor at its start, so that lines can be written; `draw` brings the bar back. */
  clear(): void;
  draw(): void;
  close(): void;
}

const REDRAW_MS = 100;
/** Wider bars say no more, and would break into fragments when the window is made narrower than they are. */
const MOST_COLUMNS = 79;
/** Cells of the bar, where there is room. */
const BAR = 20;
const LEAST_BAR = 5;
/** How far back the rate looks. */
const RATE_WINDOW_MS = 5000;

interface Sample {
  readonly at: number;
  readonly files: number;
  readonly bytes: number;
}

/** Counts while the roots are read, then files, bytes, rate and time left. Only ASCII: each character is one column on every terminal. */
export function progressBar(terminal: ProgressTerminal, now: () => number = () => performance.now()): ProgressBar {
  let text: ((width: number) => string) | undefined;
  let samples: Sample[] = [];
  let drawn = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function read(event: RunEvent): void {
    if (event.type === 'scan') {
      show(() => `reading the roots: ${formatCount(event.entries)} entries`);
    } else if (event.type === 'progress') {
      const rates = sample(event);
      show((width) => progressText(event, rates, width));
    } else if (event.type === 'start' || event.type === 'result' || event.type === 'stopped' || event.type === 'exit') {
      samples = [];
      text = undefined;
      clear();
    }
  }

  /** Progress comes for every file: redrawn ten times a second, the last state for sure. */
  function show(next: (width: number) => string): void {
    text = next;
    if (now() - drawnAt >= REDRAW_MS) draw();
    else timer ??= setTimeout(draw, REDRAW_MS).unref();
  }

  function sample(event: { readonly files: number; readonly bytes: number }): Sample | undefined {
    const at = now();
    const last = samples.at(-1);
    if (last === undefined || at - last.at >= REDRAW_MS) samples.push({ at, files: event.files, bytes: event.bytes });
    while (samples.length > 2 && at - (samples[1]?.at ?? at) > RATE_WINDOW_MS) samples.shift();
    const oldest = samples[0];
    if (oldest === undefined || at - oldest.at < REDRAW_MS) return undefined;
    const seconds = (at - oldest.at) / 1000;
    return { at, files: (event.files - oldest.files) / seconds, bytes: (event.bytes - oldest.bytes) / seconds };
  }

  function draw(): void {
    clearTimeout(timer);
    timer = undefined;
    if (text === undefined) return;
    const width = Math.min((terminal.columns ?? 80) - 1, MOST_COLUMNS);
    if (width < 1) return;
    terminal.write(`\r${text(width).slice(0, width)}\x1b[K`);
    drawn = true;
    drawnAt = now();
  }

  function clear(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!drawn) return;
    terminal.write('\r\x1b[K');
    drawn = false;
  }

  return {
    read,
    clear,
    draw,
    close() {
      text = undefined;
      clear();
    },
  };
}

/** As many parts as fit, the most telling ones first. */
function progressText(
  event: RunEvent & { type: 'progress' },
  rates: { readonly files: number; readonly bytes: number } | undefined,
  width: number,
): string {
  const { files, bytes, totalFiles, totalBytes } = event;
  const share = Math.min(totalBytes > 0 ? bytes / totalBytes : totalFiles > 0 ? files / totalFiles : 1, 1);
  const parts = [`${formatCount(files)}/${formatCount(totalFiles)} files`];
  if (totalBytes > 0) parts.push(`${formatBytes(bytes)} of ${formatBytes(totalBytes)}`);
  if (rates !== undefined) {
    parts.push(rates.bytes > 0 ? `${formatBytes(rates.bytes)}/s` : `${formatCount(Math.round(rates.files))} files/s`);
    const left = timeLeft(event, rates);
    if (left !== undefined) parts.push(`${formatDuration(left)} left`);
  }
  let line = `${String(Math.floor(share * 100)).padStart(3)}%`;
  for (const part of parts) {
    if (line.length + part.length + 2 > width) return line;
    line += `  ${part}`;
  }
  const cells = Math.min(BAR, width - line.length - '[] '.length);
  if (cells < LEAST_BAR) return line;
  const full = Math.round(share * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}] ${line}`;
}

/** Seconds; small files cost time by number, large ones by size: the slower of the two. Undefined while nothing moves. */
function timeLeft(event: RunEvent & { type: 'progress' }, rates: { readonly files: number; readonly bytes: number }): number | undefined {
  const byFiles = rates.files > 0 ? (event.totalFiles - event.files) / rates.files : undefined;
  const byBytes = rates.bytes > 0 ? (event.totalBytes - event.bytes) / rates.bytes : undefined;
  if (byFiles === undefined && byBytes === undefined) return undefined;
  return Math.max(byFiles ?? 0, byBytes ?? 0);
}
