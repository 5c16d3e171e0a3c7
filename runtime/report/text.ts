import type { ActionEvent, ActionOp, ResultEvent, RunEvent } from '../engine/events.ts';
import { printable, printableLines } from '../printable.ts';
import type { Colours } from './colours.ts';
import { formatBytes, formatCount, formatDuration } from './sizes.ts';

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

type Paint = (text: string) => string;

/** Width of the first column: the longest word in it. */
const WORD = 9;

/** Readable text for one run after another: a line an action with its reason, a summary at the end of each. */
export function textFormat(options: TextOptions): TextFormat {
  const { colours: c, quiet, verbose } = options;
  const paintOp: Record<ActionOp, Paint> = { copy: c.green, make: c.green, touch: c.green, move: c.cyan, replace: c.yellow, remove: c.red };
  let digits = 1;

  const column = (word: string, paint: Paint) => paint(word.padEnd(WORD));
  /** `0 → 1`, `    1`: where it comes from, where it goes. */
  const roots = (from: number | undefined, to: number | undefined) =>
    `${from === undefined ? ' '.repeat(digits + 2) : `${String(from).padStart(digits)} →`} ${to === undefined ? ' '.repeat(digits) : String(to).padStart(digits)}`;
  const line = (word: string, between: string, rest: string) => `${word} ${between}  ${rest}\n`;

  function action(event: ActionEvent): string {
    const slash = event.kind === 'directory' ? '/' : '';
    const moved = event.moved === undefined ? '' : ` → ${printable(event.moved)}${slash}`;
    const size = verbose && event.size !== undefined ? `${formatBytes(event.size)}, ` : '';
    const what = `${printable(event.path)}${slash}${moved}`;
    return line(column(event.op, paintOp[event.op]), roots(event.from, event.to), `${what} ${c.dim(`(${size}${printable(event.reason)})`)}`);
  }

  function start(event: RunEvent & { type: 'start' }): string {
    const list = event.roots.map((root, index) => `  ${c.dim(`root ${String(index).padStart(digits)}`)}  ${printable(root)}\n`);
    const simulation = event.simulation ? c.cyan(' (simulation: nothing is changed)') : '';
    return `${c.bold(printable(event.project))}${simulation}\n${list.join('')}`;
  }

  function guard(event: RunEvent & { type: 'guard' }): string {
    const paint = event.approved ? c.yellow : c.red;
    const reasons = event.reasons.map((reason) => `${column('guard', paint)} ${printable(reason)}\n`).join('');
    if (event.approved) return `${reasons}${column('', paint)} approved for this plan, ${printable(event.planId)}\n`;
    return `${reasons}${column('', paint)} Nothing was changed. If this is what you want, approve exactly this plan, once:\n${column('', paint)}   ${options.approval(event.planId)}\n`;
  }

  return (event) => {
    switch (event.type) {
      case 'start':
        digits = String(Math.max(event.roots.length - 1, 0)).length;
        return quiet ? '' : start(event);
      case 'action':
        return quiet ? '' : action(event);
      case 'kept':
        return quiet
          ? ''
          : line(column('keep', c.dim), roots(undefined, event.root), `${printable(event.path)} ${c.dim(`(${printable(event.reason)})`)}`);
      case 'collision': {
        const outcome = event.resolved === undefined ? '' : `, resolved: ${printable(event.resolved)}`;
        return line(
          column('collision', event.resolved === undefined ? c.red : c.yellow),
          roots(undefined, undefined),
          `${printable(event.path)} (${printable(event.reason)}${outcome})`,
        );
      }
      case 'problem':
        return line(
          column('problem', c.red),
          roots(undefined, event.root),
          `${event.path === '' ? '' : `${printable(event.path)}: `}${printable(event.message)}`,
        );
      case 'guard':
        return guard(event);
      case 'stopped':
        return `${column('stopped', c.red)} ${printableLines(event.message).replaceAll('\n', `\n${column('', c.red)} `)}\n`;
      case 'log':
        return quiet && event.level === 'info' ? '' : logLines(event.level, event.message, c);
      case 'detail':
        return quiet ? '' : `${c.dim(printable(event.message))}\n`;
      case 'scan':
        return verbose && event.done ? `${c.dim(`${formatCount(event.entries)} entries seen`)}\n` : '';
      case 'planned':
        return verbose ? `${c.dim(`planned: ${formatCount(event.files)} files, ${formatBytes(event.bytes)}`)}\n` : '';
      case 'result':
        return quiet ? '' : summary(event, c);
      case 'progress':
      case 'exit':
        return '';
    }
  };
}

/** A script's own lines come after a bar, every one of them: none can pass for a line of ours. */
function logLines(level: 'info' | 'warn' | 'error', message: string, c: Colours): string {
  const paint: Paint = level === 'error' ? c.red : level === 'warn' ? c.yellow : String;
  const mark = level === 'info' ? '' : `${level === 'warn' ? 'warning' : 'error'}: `;
  return printableLines(`${mark}${message.replaceAll('\r\n', '\n').replaceAll('\t', '    ')}`)
    .split('\n')
    .map((text) => `${c.dim('|')} ${paint(text)}\n`)
    .join('');
}

function summary(result: ResultEvent, c: Colours): string {
  const { copied, removed, made, moved, kept, collisions, problems } = result;
  const parts = [
    copied > 0 && `${formatCount(copied)} copied (${formatBytes(result.bytes)})`,
    removed > 0 && `${formatCount(removed)} removed`,
    made > 0 && `${counted(made, 'directory', 'directories')} made`,
    moved > 0 && `${formatCount(moved)} moved`,
    kept > 0 && `${formatCount(kept)} kept (target is newer)`,
    collisions > 0 && c.red(counted(collisions, 'collision', 'collisions')),
    problems > 0 && c.red(counted(problems, 'problem', 'problems')),
  ].filter((part) => part !== false);
  const time = ` in ${formatDuration(result.seconds)}`;
  const text = parts.length === 0 ? 'nothing to do, in sync' : parts.join(', ');
  const paint = collisions + problems > 0 ? c.bold : (words: string) => c.bold(c.green(words));
  return `${paint(printable(result.project))}: ${result.simulation && parts.length > 0 ? 'would be: ' : ''}${text}${time}\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
