import { type Frame, type Intent, rootSet } from './ancestry.ts';
import { givingWayOf } from './giving-way.ts';
import type { JudgedView } from './filters.ts';
import type { DecideRules } from './row.ts';

/** What is known of a directory when the march comes to it. */
export function openFrame(view: JudgedView, intent: Intent | undefined, parent: Frame | undefined, rules: DecideRules): Frame {
  // A folder that cannot be listed on one root is unknown there: no action at or below it on any root.
  const unknown = view.listings.some((listing) => listing?.problem !== undefined);
  const givingWay = givingWayOf(intent, rules);
  return {
    path: view.path,
    view,
    holders: rootSet(view.listings.flatMap((listing, root) => (listing === undefined ? [] : [root]))),
    intent,
    givingWay: parent?.givingWay ?? givingWay,
    suspended: unknown || parent?.suspended === true || givingWay !== undefined || intent?.decision.kind === 'leave-alone',
    needed: 0,
    remains: 0,
    outOfScope: false,
    unknown,
  };
}
