import { placeIn } from '../project/command-context.ts';
import { absoluteRootUrl } from '../project/roots/root-url.ts';
import type { StatedProject } from '../project/stated-project.ts';
import type { KeepRules, VersionsOrder } from '../tools/versions.ts';
import { parseArguments } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { runCommand } from './run-command.ts';
import { UsageError } from './usage-error.ts';

/** A root that may have old versions. */
export interface KeepingRoot {
  readonly order: VersionsOrder;
  /** Which ones stay there, as its project says; undefined: nobody says. */
  readonly keep: KeepRules | undefined;
}

/** What a command line says of the roots that are meant. */
export interface RootsQuery extends Pick<VersionsOrder, 'patterns' | 'folder'> {
  /** A root, or a project file, which stands for all its roots that keep versions. */
  readonly place: string;
  /** The project file that says what `ienc:` in `place` means; undefined: none does. */
  readonly project: string | undefined;
  /** Flags for the permissions of the project, as typed. */
  readonly permissions: readonly string[];
  readonly scriptArguments: readonly string[];
}

/** Does `work` with the roots that are meant, and resolves to its exit code, or that of a project that does not get so far. Rejects with `UsageError`. */
export async function withKeepingRoots(
  query: RootsQuery,
  context: ProcessContext,
  work: (roots: readonly KeepingRoot[]) => Promise<number>,
): Promise<number> {
  const { place, patterns, folder } = query;
  const file = query.project ?? (/\.sync\.[cm]?[jt]s$/.test(place) ? place : undefined);
  if (file !== undefined) return withProject(file, query, context, work);
  const flag = query.permissions.find((given) => given !== '--no-prompt');
  if (flag !== undefined) throw new UsageError(`${flag} is for the programs of a project: name one, with --project FILE or in the place of the root`);
  if (query.scriptArguments.length > 0)
    throw new UsageError('what stands behind -- is for the script of a project: name one, with --project FILE or in the place of the root');
  return work([{ order: { url: place, currentDir: context.currentDir, folder, patterns }, keep: undefined }]);
}

/** The script is run as a simulation that synchronizes nothing. */
async function withProject(
  file: string,
  query: RootsQuery,
  context: ProcessContext,
  work: (roots: readonly KeepingRoot[]) => Promise<number>,
): Promise<number> {
  const line = parseArguments(['-q', '-s', ...query.permissions, file, '--', ...query.scriptArguments], context.currentDir, new Date());
  if (line.kind !== 'run') throw new UsageError(`${file} is no project file`);
  let wasCalled = false;
  let misuse: UsageError | undefined;
  const instead = async (projects: readonly StatedProject[]) => {
    wasCalled = true;
    try {
      const code = await work(await rootsOf(projects, query, context.currentDir));
      return projects[0]?.signal.aborted === true ? 130 : code === 0 ? 0 : code === 1 ? 1 : 2;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      misuse = error;
      return 2;
    }
  };
  const code = await runCommand(line.run, {
    ...context,
    runProject: async (request) => (await import('../project/run.ts')).runProject(request, undefined, instead),
  });
  if (misuse !== undefined) throw misuse;
  if (!wasCalled && code <= 1) throw new UsageError(`${file} synchronizes nothing, so it has no root with old versions`);
  return code;
}

async function rootsOf(projects: readonly StatedProject[], query: RootsQuery, currentDir: string): Promise<readonly KeepingRoot[]> {
  const { keepingUrls } = await import('../project/options/version-options.ts');
  const { place, patterns, project: named } = query;
  const found = new Map<string, KeepingRoot>();
  for (const project of projects) {
    const { directory, checked } = project;
    const folder = query.folder ?? checked.versions.folder;
    for (const url of keepingUrls(checked)) {
      const order = { url, currentDir: directory, folder, patterns, project, isOfProject: true };
      found.set(`${directory}\n${url}`, { order, keep: checked.versions.keep });
    }
  }
  const roots = [...found.values()];
  if (named === undefined) {
    if (roots.length > 0) return roots;
    throw new UsageError(`no root of ${place} keeps versions: "xvs:", "uxvs:" or "rcy:" is in none of their URLs`);
  }
  // Like all that the command line names, it counts from the current folder.
  const wanted = absoluteRootUrl(place, placeIn(currentDir));
  const own = roots.filter(({ order }) => [wholeUrl(order), withoutKeepers(wholeUrl(order))].includes(wanted));
  if (own.length > 0) return own;
  const [project] = projects;
  if (project === undefined) return [];
  const { folder, keep } = project.checked.versions;
  return [{ order: { url: place, currentDir, folder: query.folder ?? folder, patterns, project }, keep }];
}

/** The URL with absolute paths. */
export function wholeUrl({ url, currentDir }: Pick<VersionsOrder, 'url' | 'currentDir'>): string {
  return absoluteRootUrl(url, placeIn(currentDir));
}

/** `ienc:backup` means the `ienc:xvs:backup` of the project. */
function withoutKeepers(url: string): string {
  return url.replace(/(?<=^|:)(?:u?xvs|rcy):/gi, '');
}
