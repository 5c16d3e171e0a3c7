interface Role {
  readonly targetOnly: boolean;
}

/** Whether a run may copy to the root: all roots but the only source. */
export function getsFiles(root: number, roots: readonly Role[]): boolean {
  const sources = roots.filter(({ targetOnly }) => !targetOnly).length;
  return roots[root]?.targetOnly === true || sources > 1;
}

/** Whether a run may change the root at all: what `killFiles` names is removed from the only source, too. */
export function receives(root: number, roots: readonly Role[], killFiles: readonly string[]): boolean {
  return getsFiles(root, roots) || killFiles.length > 0;
}
