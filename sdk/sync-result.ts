import type { ActionRecord, Collision, SyncResult } from './project.ts';
import type { WireCollision, WireHolder, WireSyncResult } from './protocol.ts';

export function syncResultOf(wire: WireSyncResult): SyncResult {
  return withActions({ ...wire, collisions: wire.collisions.map(collisionOf) }, wire.actions);
}

export function collisionOf(wire: WireCollision): Collision {
  return { ...wire, at: wire.at.map((holder) => holder && holderOf(holder)) };
}

function holderOf({ modified, ...holder }: WireHolder): NonNullable<Collision['at'][number]> {
  return modified === undefined ? holder : { ...holder, modified: new Date(modified) };
}

/** The list can have a line for every file of a tree: it is parsed when the script looks at it. */
export function withActions<Target extends object>(target: Target, text: string): Target & { readonly actions: ActionRecord[] } {
  let actions: ActionRecord[] | undefined;
  const get = () => (actions ??= JSON.parse(text) as ActionRecord[]);
  return Object.defineProperty(target, 'actions', { get, enumerable: true, configurable: true }) as Target & { readonly actions: ActionRecord[] };
}
