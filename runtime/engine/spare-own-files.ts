import type { RelPath } from '../vfs/path.ts';
import type { Decision, Kept } from './decision.ts';
import type { Step } from './plan.ts';
import { stateOf } from './root-state.ts';
import type { DecideRules, Row } from './row.ts';

const ITS_OWN = 'the file belongs to the project that runs';

/**
 * Files that the run itself lives from are read like others, and never removed where they lie, nor overwritten, but by an edit that another source root has made of
 * the project that they agreed on; their time may be set right.
 */
export function isOwnFile(root: number, path: RelPath, rules: DecideRules): boolean {
  return rules.roots[root]?.ownFiles?.has(path) === true;
}

export function changesOwnFile({ to, op }: Pick<Step, 'to' | 'op'>, path: RelPath, rules: DecideRules): boolean {
  return op !== 'touch' && isOwnFile(to, path, rules);
}

/**
 * The decision without what it would do to the project's own files. A target-only root is left as it is, and shown; where a source root would have to take another version, nothing
 * is done on any root: that is a collision, which only the user can settle.
 */
export function sparingOwnFiles(decision: Decision, row: Row, rules: DecideRules): Decision {
  const own = [...row.at.keys()].filter((root) => isOwnFile(root, row.path, rules));
  if (own.length === 0) return decision;
  switch (decision.kind) {
    case 'spread':
      return sparingCopies(decision, row, rules);
    case 'remove':
      return sparingRemovals(decision, own, rules);
    case 'directory-becomes-leaf':
      return decision.to.some(({ root, op }) => changesOwnFile({ to: root, op }, row.path, rules)) ? collision(decision.reason) : decision;
    case 'leaf-becomes-directory':
      return decision.on.some((root) => own.includes(root)) ? collision(decision.reason) : decision;
    case 'remove-directory':
      return decision.leaves.some((root) => own.includes(root)) ? collision(decision.reason) : decision;
    default:
      return decision;
  }
}

function sparingCopies(decision: Extract<Decision, { kind: 'spread' }>, row: Row, rules: DecideRules): Decision {
  const spared = decision.to.filter(({ root, op }) => changesOwnFile({ to: root, op }, row.path, rules) && !isAgreedEdit(root, row, rules));
  if (spared.length === 0) return decision;
  const other = spared.find(({ root }) => !rules.roots[root]?.targetOnly);
  if (other !== undefined) return collision(other.reason);
  const to = decision.to.filter((target) => !spared.includes(target));
  const kept = [...decision.kept, ...spared.map(({ root, reason }) => spare(root, reason))];
  return to.length === 0 ? { kind: 'agreed', kept } : { ...decision, to, kept };
}

/** Someone edits the project on another machine: it arrives here like any file. */
function isAgreedEdit(root: number, row: Row, rules: DecideRules): boolean {
  const facts = rules.roots[root];
  return facts?.targetOnly === false && facts.ownFiles?.get(row.path) === 'source' && stateOf(root, row, rules) === 'unchanged';
}

/** A removal that travels is one for all source roots, or for none. */
function sparingRemovals(decision: Extract<Decision, { kind: 'remove' }>, own: readonly number[], rules: DecideRules): Decision {
  const spared = decision.on.filter(({ root }) => own.includes(root));
  if (spared.length === 0) return decision;
  const kept = [...decision.kept, ...spared.map(({ root, reason }) => spare(root, reason))];
  const isForAll = spared.some(({ root }) => !rules.roots[root]?.targetOnly);
  const on = isForAll ? [] : decision.on.filter((removal) => !spared.includes(removal));
  return on.length === 0 ? { kind: 'nothing', kept } : { ...decision, on, kept };
}

/** An own file that would go. */
export function spare(root: number, reason: string): Kept {
  return { root, reason: `${reason}, but stays as it is: ${ITS_OWN}`, counted: false };
}

export const OWN_FILE_NOTE = `${ITS_OWN}, which a run does not overwrite: copy it by hand, or exclude it`;

function collision(reason: string): Decision {
  return { kind: 'collision', reason: `${reason}; ${OWN_FILE_NOTE}`, contenders: [] };
}
