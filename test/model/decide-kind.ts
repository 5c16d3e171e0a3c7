import { isEqualByReading, newestOf, type SeenFile } from './equal.ts';
import { childrenOf, GONE, type ModelNode, type ModelOptions, type ModelRow, type ModelTree } from './state.ts';

export type SeenNode = SeenFile | { readonly kind: 'directory' };

/** One path at which roots hold things of different kinds. */
export interface KindCase {
  readonly path: string;
  readonly at: readonly (SeenNode | undefined)[];
  readonly row: ModelRow | undefined;
  readonly rows: ReadonlyMap<string, ModelRow>;
  readonly joined: ReadonlySet<number>;
  /** Everything a root holds, out of scope or not. */
  readonly trees: readonly ModelTree[];
  readonly options: ModelOptions;
}

/** undefined: collision. Else the root whose thing replaces what `replaceOn` hold; roots that have nothing get it too. */
export type KindVerdict = { readonly master: number; readonly replaceOn: readonly number[] } | undefined;

/**
 * Section 3: "a change of kind on one, the rest unchanged: carried out on the others"; section 2: "a directory or other kind: collision",
 * "mirror on a target-only root also replaces … a thing of another kind".
 * Questions, and choices: (a) the same change of kind on several sources is carried out when they agree; (b) a removal beside a change of kind
 * counts like a removal beside a modification: the change survives; (c) `onCollision: 'newest'` does not settle file against directory;
 * (d) a target-only root with another kind than the recorded one is a collision unless `mirror`, be it the new kind too;
 * (e) a thing made where there was nothing, of another kind than the others have, is a collision, not a change of kind;
 * (f) a removal below the old is a change below the old like any other; (g) without `syncRemove` and `mirror`
 * no file goes for it on a target-only root.
 */
export function decideKind(one: KindCase): KindVerdict {
  const { at, options } = one;
  const holders = at.map((_, root) => root).filter((root) => at[root] !== undefined);
  const sources = holders.filter((root) => options.targetOnly[root] !== true);
  if (sources.length === 0) return undefined;
  const master = masterOf(one, sources);
  if (master === undefined) return undefined;
  const hasTurned = (root: number) =>
    options.targetOnly[root] === true && !isUnchangedTree(one, root) && one.row !== undefined && at[root]?.kind !== one.row.kind;
  if (!options.mirror && holders.some(hasTurned)) return undefined;
  const replaceOn = holders.filter((root) => at[root]?.kind !== at[master]?.kind);
  const mayGo = (root: number) => options.syncRemove || options.targetOnly[root] !== true || !hasFilesBelow(one, root);
  const isFree = (root: number) =>
    (isUnchangedTree(one, root) && mayGo(root)) || (options.mirror && options.targetOnly[root] === true && !hidesAnything(one, root));
  return replaceOn.every(isFree) ? { master, replaceOn } : undefined;
}

function masterOf(one: KindCase, sources: readonly number[]): number | undefined {
  const { at, options } = one;
  const kinds = new Set(sources.map((root) => at[root]?.kind));
  const changed = kinds.size === 1 ? sources : sources.filter((root) => !isUnchangedTree(one, root));
  if (kinds.size > 1 && (one.row === undefined || changed.length === 0)) return undefined;
  const hadNothing = (root: number) => one.row?.at.get(root) === undefined;
  if (changed.some((root) => !one.joined.has(root) || hadNothing(root)) && kinds.size > 1) return undefined;
  if (new Set(changed.map((root) => at[root]?.kind)).size > 1) return undefined;
  if (at[changed[0] ?? 0]?.kind === 'directory') return changed[0];
  const files = at as readonly (SeenFile | undefined)[];
  const moved = changed.filter((root) => !isUnchangedTree(one, root));
  const candidates = moved.length > 0 && options.syncDb ? moved : changed;
  const master = newestOf(candidates, files, options);
  const agree = candidates.every((root) => isEqualByReading(files[master] as SeenFile, files[root] as SeenFile, options));
  return agree || kinds.size === 1 ? master : undefined;
}

/** The root has at and below the path exactly what was recorded, and nothing out of scope. */
function isUnchangedTree(one: KindCase, root: number): boolean {
  const { row, path } = one;
  const here = one.at[root];
  if (row === undefined || here === undefined || row.kind !== here.kind || row.at.get(root) === undefined) return false;
  if (here.kind === 'file') return row.at.get(root) === here.version;
  const tree = one.trees[root] ?? new Map<string, ModelNode>();
  const isSame = (below: string) => {
    const node = tree.get(below);
    const recorded = one.rows.get(below)?.at.get(root);
    return node !== undefined && recorded === (node.kind === 'file' ? node.version : 0);
  };
  const known = [...one.rows].filter(([, each]) => (each.at.get(root) ?? GONE) !== GONE).map(([below]) => below);
  return [...known, ...tree.keys()].filter((below) => below.startsWith(`${path}/`)).every(isSame);
}

function hidesAnything(one: KindCase, root: number): boolean {
  const suffix = one.options.excludeSuffix;
  const tree = one.trees[root];
  if (suffix === undefined || tree === undefined) return false;
  const hides = (path: string): boolean => childrenOf(tree, path).some((child) => child.endsWith(suffix) || hides(child));
  return hides(one.path);
}

function hasFilesBelow(one: KindCase, root: number): boolean {
  return [...(one.trees[root] ?? [])].some(([path, node]) => path.startsWith(`${one.path}/`) && node.kind === 'file');
}
