import { changedHolders, clashOf, rootNames } from './decide-changes.ts';
import { addTargetOnly, startSpreading } from './decide-targets.ts';
import type { Decision, Target } from './decision.ts';
import { stateOf } from './root-state.ts';
import { type DecideRules, isLeaf, type Row } from './row.ts';

/** A path that is a directory on some roots and a file or link on others. `decideOneKind` is `decide` for a path that is of one kind wherever it exists. */
export function decideKinds(row: Row, rules: DecideRules, decideOneKind: (row: Row) => Decision): Decision {
  const sources = [...row.at.keys()].filter((root) => !rules.roots[root]?.targetOnly && row.at[root] !== undefined);
  if (sources.length === 0 && !rules.mirror) return { kind: 'nothing' };
  const byMirror = rules.mirror ? decideMirrored(sources, row, decideOneKind) : undefined;
  if (byMirror !== undefined) return byMirror;
  const byChange = rules.database ? decideKindChange(row, rules) : undefined;
  return byChange ?? decideBeside(sources, row, decideOneKind) ?? { kind: 'collision', reason: 'file and directory', contenders: [] };
}

/** Only target-only roots have another kind there: the removal of a leaf is carried out beside it. Nothing can be put beside what they have. */
function decideBeside(sources: readonly number[], row: Row, decideOneKind: (row: Row) => Decision): Decision | undefined {
  const wantsLeaf = sources.length > 0 && isLeaf(row.at[sources[0] as number]);
  if (sources.some((root) => isLeaf(row.at[root]) !== wantsLeaf)) return undefined;
  const others = [...row.at.keys()].filter((root) => row.at[root] !== undefined && isLeaf(row.at[root]) !== wantsLeaf);
  const decision = decideOneKind(withoutHolders(others, row));
  const kept = others.map((root) => ({ root, reason: 'something else is in its place on the target', counted: false }));
  return decision.kind === 'remove' ? { ...decision, kept: [...decision.kept, ...kept] } : undefined;
}

function withoutHolders(roots: readonly number[], row: Row): Row {
  return { ...row, at: row.at.map((held, root) => (roots.includes(root) ? undefined : held)) };
}

/**
 * With `mirror` a target-only root also loses a thing of another kind, when the source roots have one kind: it is decided as if that root had nothing,
 * and what it would get takes the place of what it has.
 */
function decideMirrored(sources: readonly number[], row: Row, decideOneKind: (row: Row) => Decision): Decision | undefined {
  const wantsLeaf = sources.length > 0 && isLeaf(row.at[sources[0] as number]);
  if (sources.some((root) => isLeaf(row.at[root]) !== wantsLeaf)) return undefined;
  const others = [...row.at.keys()].filter((root) => row.at[root] !== undefined && isLeaf(row.at[root]) !== wantsLeaf);
  const decision = decideOneKind(withoutHolders(others, row));
  const reason = `a ${wantsLeaf ? 'directory' : 'file'} in its place (mirror)`;
  switch (decision.kind) {
    case 'spread': {
      const to = decision.to.filter(({ root }) => !others.includes(root));
      return { kind: 'directory-becomes-leaf', from: decision.from, on: others, to, reason };
    }
    case 'make-directory': {
      const make = decision.on.filter((root) => !others.includes(root));
      return { kind: 'leaf-becomes-directory', from: decision.from, on: others, make, reason };
    }
    case 'remove':
      return {
        kind: 'remove-directory',
        on: others,
        lacking: [],
        leaves: decision.on.map(({ root }) => root),
        reason: decision.on[0]?.reason ?? reason,
      };
    case 'remove-directory':
      return { ...decision, lacking: decision.lacking.filter((root) => !others.includes(root)), leaves: others };
    default:
      return decision;
  }
}

/** A change of kind on one root, or the same on several, while the others are as they were when all agreed. */
function decideKindChange(row: Row, rules: DecideRules): Decision | undefined {
  const sources = [...row.at.keys()].filter((root) => !rules.roots[root]?.targetOnly);
  const states = sources.map((root) => ({ root, state: stateOf(root, row, rules) }));
  if (states.some(({ state }) => state === 'joining')) return undefined;
  const changed = changedHolders(row, rules);
  const from = changed[0];
  if (from === undefined) return undefined;
  const becomesLeaf = isLeaf(row.at[from]);
  if (changed.some((root) => isLeaf(row.at[root]) !== becomesLeaf)) return undefined;
  if (becomesLeaf && changed.length > 1) {
    const clash = clashOf(changed, row, rules);
    if (clash !== undefined) return clash.kind === 'unread' ? clash : undefined;
  }
  const rest = [...row.at.keys()].filter((root) => row.at[root] !== undefined && !changed.includes(root));
  // What was put on a target-only root is lost to mirror only.
  const mayReplace = (root: number) => stateOf(root, row, rules) === 'unchanged' || (rules.mirror && rules.roots[root]?.targetOnly === true);
  if (!rest.every(mayReplace)) return undefined;
  const on = rest.filter((root) => isLeaf(row.at[root]) !== becomesLeaf);
  const lacking = [...row.at.keys()].filter((root) => row.at[root] === undefined);
  const reason = `now a ${row.at[from]?.kind} on ${rootNames(changed)}`;
  if (!becomesLeaf) return { kind: 'leaf-becomes-directory', from, on, make: lacking, reason };
  const leaves = rest.filter((root) => isLeaf(row.at[root]));
  const unread = leaves.length > 0 && rules.compare === 'content' ? [from, ...leaves].filter((root) => isUnread(root, row)) : [];
  if (unread.length > 0) return { kind: 'unread', roots: unread };
  // Only mirrored roots have one of their own.
  const spreading = startSpreading(from, row, rules);
  for (const root of leaves) addTargetOnly(root, spreading);
  return { kind: 'directory-becomes-leaf', from, on, to: [...lacking.map(missing), ...spreading.to], reason };
}

function isUnread(root: number, row: Row): boolean {
  return row.at[root]?.kind === 'file' && row.hashes?.[root] === undefined;
}

function missing(root: number): Target {
  return { root, reason: 'missing', op: 'copy' };
}
