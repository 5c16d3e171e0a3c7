import type { Collision, FilterEntry } from '../../sdk/project.ts';
import type { Held, Row } from './row.ts';

/** A path as callbacks and reports see it: the newest holder's facts, and what each root has there. */
export function sightingOf(at: readonly (Held | undefined)[]): Omit<FilterEntry, 'name'> {
  const newest = newestOf(at);
  return {
    kind: newest === undefined || newest.kind === 'other' ? 'file' : newest.kind,
    ...factsOf(newest),
    at: at.map((held) => (held === undefined ? null : { kind: held.kind, ...factsOf(held) })),
  };
}

export function collisionOf(row: Row, reason: string): Collision {
  return { path: row.path, reason, at: sightingOf(row.at).at };
}

function factsOf(held: Held | undefined): { size?: number; modified?: Date } {
  if (held === undefined || held.kind === 'directory' || held.kind === 'other') return {};
  return {
    ...(held.kind === 'file' && held.size !== undefined ? { size: held.size } : {}),
    ...(held.modifiedMs === undefined ? {} : { modified: new Date(held.modifiedMs) }),
  };
}

function newestOf(at: readonly (Held | undefined)[]): Held | undefined {
  let newest: Held | undefined;
  for (const held of at) {
    if (held === undefined) continue;
    if (newest === undefined || timeOf(held) > timeOf(newest)) newest = held;
  }
  return newest;
}

function timeOf(held: Held): number {
  return held.kind === 'file' || held.kind === 'link' ? (held.modifiedMs ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
}
