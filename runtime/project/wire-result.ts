import type { Collision, SyncResult } from '../../sdk/project.ts';
import type { WireCollision, WireHolder, WirePlan, WireSyncResult } from '../../sdk/protocol.ts';
import type { ResultEvent } from '../engine/events.ts';
import type { SyncEnd } from '../engine/sync-run.ts';

export function wireResultOf(result: SyncResult): WireSyncResult {
  return { ...figuresOf(result), actions: JSON.stringify(result.actions) };
}

/** Without its actions, which are made when they are asked for. */
export function figuresOf(result: SyncResult): WireSyncResult {
  const { project, simulation, copied, removed, made, moved, kept, bytes, problems, seconds } = result;
  const collisions = result.collisions.map(wireCollisionOf);
  return { project, simulation, copied, removed, made, moved, kept, bytes, collisions, problems, seconds, actions: '[]' };
}

export function wirePlanOf(id: string, result: SyncResult): WirePlan {
  const { copied, removed, made, moved, kept, bytes, collisions, problems } = result;
  const summary = { copied, removed, made, moved, kept, bytes, collisions: collisions.length, problems: problems.length };
  return { id, summary, actions: JSON.stringify(result.actions) };
}

export function resultEventOf({ end, result }: SyncEnd): ResultEvent {
  const { project, simulation, copied, removed, made, moved, kept, bytes, seconds } = result;
  const collisions = result.collisions.filter(({ resolved }) => resolved === undefined).length;
  const figures = { copied, removed, made, moved, kept, bytes, collisions, problems: result.problems.length };
  return { type: 'result', project, simulation, ...figures, seconds, end };
}

/** The results of projects that ran one after another as one: figures added, lists joined. */
export function joinedResult(first: SyncResult, others: readonly SyncResult[]): SyncResult {
  return others.reduce(
    (sum, next) => ({
      project: sum.project,
      simulation: sum.simulation,
      copied: sum.copied + next.copied,
      removed: sum.removed + next.removed,
      made: sum.made + next.made,
      moved: sum.moved + next.moved,
      kept: sum.kept + next.kept,
      bytes: sum.bytes + next.bytes,
      collisions: [...sum.collisions, ...next.collisions],
      problems: [...sum.problems, ...next.problems],
      actions: [...sum.actions, ...next.actions],
      seconds: sum.seconds + next.seconds,
    }),
    first,
  );
}

export function emptyResult(project: string, simulation: boolean): SyncResult {
  return { project, simulation, copied: 0, removed: 0, made: 0, moved: 0, kept: 0, bytes: 0, collisions: [], problems: [], actions: [], seconds: 0 };
}

function wireCollisionOf(collision: Collision): WireCollision {
  return { ...collision, at: collision.at.map(wireHolderOf) };
}

function wireHolderOf(holder: Collision['at'][number]): WireHolder | null {
  if (holder === null) return null;
  const { modified, ...facts } = holder;
  return { ...facts, ...(modified === undefined ? {} : { modified: modified.getTime() }) };
}
