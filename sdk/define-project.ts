import type { Project } from './project.ts';
import { facts, simulate } from './transport.ts';

/** An own, enumerable symbol: `{ ...texts, verbose: true }` is still a project of its file. */
const PROJECT_FILE = Symbol('project file');
/** Likewise: where it was written. */
const DEFINED_AT = Symbol('defined at');
type Stamped = Project & { [PROJECT_FILE]?: string; [DEFINED_AT]?: string };

/**
 * Types a project and returns it; nothing is run and nothing is looked at yet. Relative paths in it are relative to the file that this is written in.
 */
export function defineProject(project: Project): Project {
  refuseOther(project);
  return { ...project, [DEFINED_AT]: new Error().stack ?? '' } as Stamped;
}

/** What is in the options is for the host to check. */
function refuseOther(project: unknown): void {
  if (typeof project === 'object' && project !== null && !Array.isArray(project)) return;
  const got = Array.isArray(project) ? 'a list' : typeof project === 'function' ? 'a function' : String(project);
  throw new TypeError(`defineProject wants an object with the options of one project, such as { roots: ['texts', 'backup'] }; it got ${got}`);
}

/**
 * The `defineProject` of one module: it stamps the module's absolute path on what it returns. A project of the script's own file that is a simulation makes
 * the script one: what it calls after that changes nothing.
 */
export function defineProjectIn(file: string): typeof defineProject {
  return (project) => {
    refuseOther(project);
    if (project.simulation === true && file === facts().projectFile) simulate();
    return stampProjects(defineProject(project), file) as Project;
  };
}

/**
 * Stamps the file on a default export that is a project, or a list of projects, which no file has claimed yet: one that a function of another module made.
 * Returns what it was given.
 */
export function stampProjects(exported: unknown, file: string): unknown {
  if (Array.isArray(exported)) for (const project of exported) stampProjects(project, file);
  else if (isStampable(exported)) exported[PROJECT_FILE] = file;
  return exported;
}

/** Absolute path of the file that a project belongs to; undefined: it was written right into a call. */
export function projectFileOf(project: object): string | undefined {
  return (project as Stamped)[PROJECT_FILE];
}

/** The script's stack at the `defineProject` that made it; empty where there was none. */
export function definitionOf(project: object): string {
  return (project as Stamped)[DEFINED_AT] ?? '';
}

function isStampable(value: unknown): value is Stamped {
  return typeof value === 'object' && value !== null && Object.isExtensible(value) && !(PROJECT_FILE in value);
}
