import { rootNames } from './decide-changes.ts';
import type { Decision } from './decision.ts';
import { stateOf, wasAgreedToGo } from './root-state.ts';
import type { DecideRules, Row } from './row.ts';

/**
 * A path that is a directory wherever it exists. What becomes of it in the end also depends on its content,
 * which survey.ts knows when it has seen all below.
 */
export function decideDirectory(row: Row, rules: DecideRules): Decision {
  const roots = [...row.at.keys()];
  const holders = roots.filter((root) => row.at[root] !== undefined);
  const lacking = roots.filter((root) => row.at[root] === undefined);
  const from = holders.find((root) => !rules.roots[root]?.targetOnly);
  if (rules.syncRemove && isLeftBehind(row, rules)) {
    return { kind: 'remove-directory', on: holders, lacking, leaves: [], reason: 'removed on all other roots' };
  }
  const wasDirectory = row.baseline?.kind === 'directory';
  const removed = wasDirectory ? roots.filter((root) => !rules.roots[root]?.targetOnly && stateOf(root, row, rules) === 'removed') : [];

  if (removed.length > 0 && rules.syncRemove && holders.every((root) => isGoing(root, row, rules))) {
    return { kind: 'remove-directory', on: holders, lacking, leaves: [], reason: `removed on ${rootNames(removed)}` };
  }
  if (from === undefined) {
    return rules.mirror ? { kind: 'remove-directory', on: holders, lacking: [], leaves: [], reason: 'orphan' } : { kind: 'nothing' };
  }
  return lacking.length === 0 ? { kind: 'agreed', kept: [] } : { kind: 'make-directory', from, on: lacking };
}

/** Made anew on a source root, it is a new one. */
function isLeftBehind(row: Row, rules: DecideRules): boolean {
  return (
    wasAgreedToGo(row) &&
    row.at.every((held, root) => held === undefined || row.baseline?.at[root] !== undefined || rules.roots[root]?.targetOnly === true)
  );
}

/** Known there, or a target that is not asked. */
function isGoing(root: number, row: Row, rules: DecideRules): boolean {
  return rules.roots[root]?.targetOnly === true || stateOf(root, row, rules) === 'unchanged';
}
