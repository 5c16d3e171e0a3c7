import type { Need } from '../permissions/need.ts';
import type { CheckedProject } from './options.ts';

/** A need, and where its real path goes once it is granted. */
interface PlacedNeed {
  readonly needs: readonly Need[];
  place(project: CheckedProject, realPath: string): CheckedProject;
}

/**
 * What a run of the project reaches: every root is read; what can receive something is written, too. A simulation only reads. Files that the command line
 * names are not asked about.
 */
export function needsOf(project: CheckedProject, named: { readonly logFile: boolean; readonly sourceList: boolean }): readonly PlacedNeed[] {
  const roots = project.roots.map(
    (root, index): PlacedNeed => ({
      needs: rootNeeds(project, index, root.path),
      place: (placed, path) => ({ ...placed, roots: placed.roots.map((one, at) => (at === index ? { ...one, path } : one)) }),
    }),
  );
  const shadows = project.roots.flatMap((root, index) =>
    root.shadows.map(
      (shadow, at): PlacedNeed => ({
        needs: accessTo(shadow, !project.simulation),
        place: (placed, path) => withShadow(placed, index, at, path),
      }),
    ),
  );
  const files: PlacedNeed[] = [];
  if (project.syncDb !== undefined) {
    const words = { read: 'reads the database', write: 'writes the database' };
    files.push({ needs: accessTo(project.syncDb, !project.simulation, words), place: (placed, syncDb) => ({ ...placed, syncDb }) });
  }
  for (const option of ['logFile', 'sourceList'] as const) {
    const file = project[option];
    if (file === undefined || named[option]) continue;
    const words = option === 'logFile' ? 'writes the log' : 'writes the list';
    files.push({ needs: [{ kind: 'write', path: file.path, words }], place: (placed, path) => ({ ...placed, [option]: { ...file, path } }) });
  }
  return [...roots, ...shadows, ...files];
}

function rootNeeds(project: CheckedProject, index: number, path: string): readonly Need[] {
  const sources = project.roots.filter((root) => !root.targetOnly).length;
  const receives = project.roots[index]?.targetOnly === true || sources > 1 || project.killFiles.length > 0;
  return accessTo(path, receives && !project.simulation);
}

function accessTo(path: string, writes: boolean, words?: { readonly read: string; readonly write: string }): readonly Need[] {
  const read: Need = { kind: 'read', path, ...(words === undefined ? {} : { words: words.read }) };
  const write: Need = { kind: 'write', path, ...(words === undefined ? {} : { words: words.write }) };
  return writes ? [read, write] : [read];
}

function withShadow(project: CheckedProject, index: number, at: number, path: string): CheckedProject {
  const roots = project.roots.map((root, i) =>
    i === index ? { ...root, shadows: root.shadows.map((shadow, j) => (j === at ? path : shadow)) } : root,
  );
  return { ...project, roots };
}
