import type { ResultEvent } from '../engine/events.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';
import { formatBytes, formatCount, formatDuration } from './sizes.ts';

/** The last line of a run: `texts: 12 copied (1.2 MiB), 3 removed in 0.4 s`. */
export function summaryLine(result: ResultEvent, c: Colours): string {
  const { copied, removed, made, moved, kept, collisions, problems } = result;
  const { aside, removed: pruned } = result.versions ?? { aside: 0, removed: 0 };
  const left = [
    collisions > 0 && c.red(counted(collisions, 'collision', 'collisions')),
    problems > 0 && c.red(counted(problems, 'problem', 'problems')),
  ].filter((part) => part !== false);
  const done = [
    copied > 0 && `${formatCount(copied)} copied (${formatBytes(result.bytes)})`,
    removed > 0 && `${formatCount(removed)} removed`,
    made > 0 && `${counted(made, 'directory', 'directories')} made`,
    moved > 0 && `${formatCount(moved)} moved`,
    aside > 0 && `${counted(aside, 'old version', 'old versions')} kept`,
    pruned > 0 && `${counted(pruned, 'old version', 'old versions')} removed`,
    kept > 0 && `${formatCount(kept)} kept (target is newer)`,
  ].filter((part) => part !== false);
  const simulated = result.simulation && done.length > 0 ? 'would be: ' : '';
  const nothing = result.end === 'finished' ? 'nothing to do' : 'nothing was changed';
  const parts = done.length === 0 && result.end !== 'finished' ? [nothing, ...left] : [...done, ...left];
  const name = printable(result.project);
  return `${c.bold(left.length > 0 || result.end !== 'finished' ? name : c.green(name))}: ${simulated}${parts.join(', ') || nothing} in ${formatDuration(result.seconds)}\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
