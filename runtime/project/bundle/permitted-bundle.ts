import { basename, sep } from 'node:path';
import { ownFolders } from '../../machine/own-folders.ts';
import type { PermissionEntry } from '../../permissions/audit.ts';
import type { Grant } from '../../permissions/grant.ts';
import { type MissingGrant, questionAbout, refusalMessage } from '../../permissions/missing-grants.ts';
import type { Need } from '../../permissions/need.ts';
import { isBelow } from '../../permissions/path-match.ts';
import { PermissionError } from '../../permissions/permission-error.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { type Bundle, type BundleSource, bundleProject, endBundler } from './bundle.ts';
import { BundleError, type BundleProblem } from './bundle-error.ts';
import { foreseenNeeds } from './foreseen-needs.ts';
import { tellMissingPasswords } from '../foreseen-passwords.ts';
import type { CommandContext } from '../command-context.ts';
import { importReach } from './import-reach.ts';
import { orInterrupted } from '../or-interrupted.ts';

/**
 * The bundle of a project, asking for what it imports from outside of its folder. Rejects with BundleError, and with PermissionError when an import may not
 * be had.
 */
export async function permittedBundle(source: BundleSource, command: CommandContext): Promise<PermittedBundle> {
  const { request, remembered } = command;
  const projectFile = source.kind === 'file' ? source.path : undefined;
  const isReached = await importReach(projectFile, request.grants, remembered);
  const granted: Grant[] = [];
  const always: Grant[] = [];
  const mayRead = (realPath: string) => isReached(realPath) || granted.some(({ value }) => isBelow(realPath, value));
  for (;;) {
    try {
      const bundle = await orInterrupted(bundleProject(source, { cacheFolder: ownFolders().cache, mayRead }), request.signal);
      if (always.length > 0 && projectFile !== undefined) {
        await remembered.allow(projectFile, always, { sourcesHash: bundle.sourcesHash, subProjects: [] });
      }
      noteSources(bundle.inputs, command);
      await tellMissingPasswords(bundle.code, command);
      return { ...bundle, foreseen: foreseenNeeds(bundle.code) };
    } catch (error) {
      if (request.signal.aborted) await endBundler();
      const problems = error instanceof BundleError ? error.problems.filter(({ outside }) => outside !== undefined) : [];
      if (problems.every(({ outside = '' }) => mayRead(realPathOf(outside)))) throw error;
      const { answer, grants } = await askFor(problems, projectFile, command);
      granted.push(...grants);
      if (answer === 'always') always.push(...grants);
    }
  }
}

export interface PermittedBundle extends Bundle {
  /** What the script may want later. */
  readonly foreseen: readonly Need[];
}

/** What a project is made of is out of the reach of its runs; what a package manager keeps is not. Real paths. */
export function noteSources(paths: readonly string[], { ownFiles }: CommandContext): void {
  for (const path of paths) if (!path.split(sep).includes('node_modules')) ownFiles.sources.add(path);
}

interface Answer {
  readonly answer: 'once' | 'always';
  readonly grants: readonly Grant[];
}

async function askFor(
  problems: readonly BundleProblem[],
  projectFile: string | undefined,
  { request, pathRules, audit }: CommandContext,
): Promise<Answer> {
  const missing = await Promise.all(
    problems.map(async ({ outside = '', place }): Promise<MissingGrant> => {
      const where = place === undefined ? '' : ` (${basename(place.file)}:${place.line}:${place.column})`;
      return { grant: { kind: 'read', value: await pathRules.resolve(outside) }, words: `imports${where} from` };
    }),
  );
  const about = { missing, projectFile, subProjects: [], formerCount: 0 };
  const answer = await request.ask?.permission(questionAbout(about));
  const note = (decision: Pick<PermissionEntry, 'granted' | 'refused'>): void => {
    for (const { grant } of missing) audit?.({ what: 'permission', project: projectFile, ...grant, ...decision });
  };
  if (answer === 'once' || answer === 'always') {
    note({ granted: 'prompt' });
    return { answer, grants: missing.map(({ grant }) => grant) };
  }
  const code = answer === 'no' ? 'denied' : 'missing';
  note({ refused: code });
  throw new PermissionError(code, refusalMessage(about));
}
