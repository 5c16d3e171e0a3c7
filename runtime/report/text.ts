import type { ActionEvent, RunEvent, VersionEvent } from '../engine/events.ts';
import { printable, printableLines } from '../printable.ts';
import type { Colours } from './colours.ts';
import { columnsFor, type Columns } from './columns.ts';
import { formatBytes, formatCount } from './sizes.ts';
import { summaryLine } from './summary.ts';

export interface TextOptions {
  readonly colours: Colours;
  /** Only problems, collisions and what stopped the run. */
  readonly quiet: boolean;
  /** Sizes of files, counts of the scan. */
  readonly verbose: boolean;
  /** The command line that lets this plan pass the guard, ready to be pasted. */
  approval(planId: string): string;
}

/** What is shown of an event: whole lines with line feeds, or `''`. */
export type TextFormat = (event: RunEvent) => string;

/** Readable text for one run after another: its roots, a line an action with its reason, a summary. */
export function textFormat(options: TextOptions): TextFormat {
  const { colours: c, quiet, verbose, approval } = options;
  let columns = columnsFor(c, 2);
  return (event) => {
    if (event.type === 'start') columns = columnsFor(c, event.roots.length);
    if (quiet && !isLoud(event)) return '';
    switch (event.type) {
      case 'start':
        return startLines(event, c);
      case 'action':
        return actionLine(event, columns, verbose);
      case 'kept':
        return columns.word('keep') + columns.roots(undefined, event.root) + columns.because(printable(event.path), event.reason);
      case 'collision':
        return collisionLine(event, columns);
      case 'problem': {
        const path = event.path === '' ? '' : `${printable(event.path)}: `;
        return `${columns.word('problem')}${columns.roots(undefined, event.root)}${path}${printable(event.message)}\n`;
      }
      case 'guard':
        return guardLines(event, columns, approval);
      case 'stopped':
        return `${columns.word('stopped')}${printableLines(event.message).replaceAll('\n', `\n${columns.word('')}`)}\n`;
      case 'log':
        return logLines(event, c);
      case 'suppressed':
        return `${columns.word('would')}${printable(event.step)}\n`;
      case 'detail':
        return event.onlyVerbose && !verbose ? '' : `${c.dim(printable(event.message))}\n`;
      case 'scan':
        return verbose && event.done ? `${c.dim(`${formatCount(event.entries)} entries seen`)}\n` : '';
      case 'planned':
        return verbose ? `${c.dim(`planned: ${formatCount(event.files)} files, ${formatBytes(event.bytes)}`)}\n` : '';
      case 'version':
        return event.op === 'aside' && !verbose ? '' : versionLine(event, columns);
      case 'result':
        return summaryLine(event, c);
      case 'progress':
      case 'exit':
        return '';
    }
  };
}

/** What `-q` leaves. */
function isLoud(event: RunEvent): boolean {
  return ['problem', 'collision', 'guard', 'stopped'].includes(event.type) || (event.type === 'log' && event.level !== 'info');
}

type EventOf<Type extends RunEvent['type']> = RunEvent & { readonly type: Type };

function startLines(event: EventOf<'start'>, c: Colours): string {
  const digits = String(Math.max(event.roots.length - 1, 0)).length;
  const roots = event.roots.map((root, index) => {
    const shadows = (event.shadows?.[index] ?? []).map((shadow) => `${' '.repeat(digits + 9)}${c.dim('shadow')} ${printable(shadow)}\n`);
    return `  ${c.dim(`root ${String(index).padStart(digits)}`)}  ${printable(root)}\n${shadows.join('')}`;
  });
  return `${c.bold(printable(event.project))}${event.simulation ? c.cyan(' (simulation: nothing is changed)') : ''}\n${roots.join('')}`;
}

function actionLine(event: ActionEvent, columns: Columns, verbose: boolean): string {
  const slash = event.kind === 'directory' ? '/' : '';
  const moved = event.moved === undefined ? '' : ` → ${printable(event.moved)}${slash}`;
  const reason = verbose && event.size !== undefined ? `${formatBytes(event.size)}, ${event.reason}` : event.reason;
  return columns.word(event.op) + columns.roots(event.from, event.to) + columns.because(`${printable(event.path)}${slash}${moved}`, reason);
}

function versionLine({ op, path, root, shadow, stored, reason }: VersionEvent, columns: Columns): string {
  const on = shadow === undefined ? '' : `, on the shadow ${shadow}`;
  const where = stored === undefined ? '' : `: ${stored}`;
  return (
    columns.word(op === 'aside' ? 'aside' : 'prune') + columns.roots(undefined, root) + columns.because(printable(path), `${reason}${on}${where}`)
  );
}

function collisionLine(event: EventOf<'collision'>, columns: Columns): string {
  const [word, reason] =
    event.resolved === undefined ? (['collision', event.reason] as const) : (['resolved', `${event.reason}: ${event.resolved}`] as const);
  return columns.word(word) + columns.roots(undefined, undefined) + columns.because(printable(event.path), reason);
}

function guardLines(event: EventOf<'guard'>, columns: Columns, approval: TextOptions['approval']): string {
  const word = columns.word(event.approved ? 'approved' : 'guard');
  const reasons = event.reasons.map((reason) => `${word}${printable(reason)}\n`).join('');
  if (event.approved) return reasons;
  const rest = columns.word('');
  return `${reasons}${rest}Nothing was changed. If this is what you want, approve exactly this plan, once:\n${rest}  ${approval(event.planId)}\n`;
}

/** A script's own lines come after a bar, every one of them: none can pass for a line of ours. */
function logLines({ level, message }: EventOf<'log'>, c: Colours): string {
  const paint = level === 'error' ? c.red : level === 'warn' ? c.yellow : String;
  const mark = level === 'info' ? '' : `${level === 'warn' ? 'warning' : 'error'}: `;
  return printableLines(`${mark}${message.replaceAll('\r\n', '\n').replaceAll('\t', '    ')}`)
    .split('\n')
    .map((text) => `${c.dim('|')} ${paint(text)}\n`)
    .join('');
}
