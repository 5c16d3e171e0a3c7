import type { Collision } from '../../sdk/project.ts';
import type { Held, Row } from './row.ts';

/** As callbacks and reports see it. */
export function collisionOf({ path, at }: Row, reason: string): Collision {
  return { path, reason, at: at.map((held) => (held === undefined ? null : { kind: held.kind, ...factsOf(held) })) };
}

function factsOf(held: Held): { size?: number; modified?: Date } {
  if (held.kind === 'directory' || held.kind === 'other') return {};
  return {
    ...(held.kind === 'file' && held.size !== undefined ? { size: held.size } : {}),
    ...(held.modifiedMs === undefined ? {} : { modified: new Date(held.modifiedMs) }),
  };
}
