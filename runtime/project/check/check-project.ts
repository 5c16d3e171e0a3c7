import { dirname } from 'node:path';
import { ownFolders } from '../../machine/own-folders.ts';
import type { Need } from '../../permissions/need.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { type Bundle, bundleProject } from '../bundle/bundle.ts';
import { Confinement } from '../bundle/bundle-confine.ts';
import { BundleError } from '../bundle/bundle-error.ts';
import { importReach } from '../bundle/import-reach.ts';
import { needsOf } from '../roots/project-needs.ts';
import { rememberedGrants } from '../remembered-grants.ts';
import { needsOfCall } from './call-needs.ts';
import { checkOptions } from './check-options.ts';
import { bundledCompiler, projectsCompiler } from './compiler.ts';
import type { Finding } from './finding.ts';
import { nothingToRun } from './nothing-to-run.ts';
import { type CheckedProgram, createProgram, placeIn } from './program.ts';
import { type SdkCall, sdkCalls } from './sdk-calls.ts';
import { type PlacedNeed, type WantedGrants, wantedGrants } from './wanted-grants.ts';

/** What can be said of a project without running it. */
export interface CheckReport {
  /** By file, line and column. Empty: nothing is wrong as far as can be seen. */
  readonly findings: readonly Finding[];
  /** As far as the source shows; undefined: there is no compiler, or the project cannot be bundled. */
  readonly wanted: (Omit<WantedGrants, 'refused'> & { readonly open: readonly OpenPlace[] }) | undefined;
  /** The version of the compiler that checked types and options; undefined: none is there. */
  readonly compiler: string | undefined;
}

/** Where more may be asked for than the source shows. Line and column from 1. */
export interface OpenPlace {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `xfile.copy`, `roots` …; what it is about. */
  readonly what: string;
}

/** `sxrun check`. `ownCompiler`: the TypeScript beside the project is used, outside of the sandbox. Reads what a run would read without asking, and runs nothing of the script. */
export async function checkProjectFile(path: string, { ownCompiler }: { readonly ownCompiler: boolean }): Promise<CheckReport> {
  const file = realPathOf(path);
  const mayRead = await importReach(file, { all: false, read: [] }, rememberedGrants());
  const compiler = ownCompiler ? projectsCompiler(file) : await bundledCompiler();
  const bundle = await bundled(file, mayRead);
  if ('findings' in bundle) return { findings: bundle.findings, wanted: undefined, compiler: compiler?.version };
  if (compiler === undefined) return { findings: [], wanted: undefined, compiler: undefined };
  const program = createProgram(compiler, file, new Confinement(dirname(file), mayRead));
  const found = lookAtCalls(program);
  const said = program.findings.filter((one) => !found.findings.some((other) => other.file === one.file && other.line === one.line));
  const { refused, ...grants } = await wantedGrants(file, bundle.sourcesHash, found.needs);
  const findings = [...found.findings, ...said, ...refused].sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const nothing = findings.length === 0 ? nothingToRun(program, file) : undefined;
  const wanted = { ...grants, open: found.open };
  return { findings: nothing === undefined ? findings : [nothing], wanted, compiler: compiler.version };
}

async function bundled(file: string, mayRead: (path: string) => boolean): Promise<Bundle | { readonly findings: readonly Finding[] }> {
  try {
    return await bundleProject({ kind: 'file', path: file }, { cacheFolder: ownFolders().cache, mayRead });
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { findings: error.problems.map(({ message, place }) => ({ file, ...place, message })) };
  }
}

/** Options and permissions, as far as they are literal. */
function lookAtCalls(program: CheckedProgram): {
  readonly findings: readonly Finding[];
  readonly needs: readonly PlacedNeed[];
  readonly open: readonly OpenPlace[];
} {
  const findings: Finding[] = [];
  const needs: PlacedNeed[] = [];
  const open: OpenPlace[] = [];
  for (const call of sdkCalls(program)) {
    if (['defineProject', 'sync.do', 'sync.plan'].includes(call.name)) {
      const { findings: wrong, project, open: options } = checkOptions(call, program);
      findings.push(...wrong);
      open.push(...options.map((what) => openPlace(call, what)));
      if (project !== undefined)
        needs.push(
          ...placed(
            needsOf(project, { logFile: false, sourceList: false }).flatMap((one) => one.needs),
            call,
          ),
        );
    }
    try {
      const found = needsOfCall(call, program);
      needs.push(...placed(found.needs, call));
      if (found.isOpen) open.push(openPlace(call, call.name === 'used' ? call.node.getText(call.source) : call.name));
    } catch (error) {
      findings.push({ ...placeOf(call), message: reasonOf(error) });
    }
  }
  return { findings, needs, open };
}

function openPlace({ node, source }: SdkCall, what: string): OpenPlace {
  return { ...placeIn(source, node.getStart(source)), what };
}

function placed(needs: readonly Need[], { node, source }: SdkCall): PlacedNeed[] {
  const place = placeIn(source, node.getStart(source));
  return needs.map((need) => ({ need, place }));
}

function placeOf({ node, source }: SdkCall): Finding {
  return { ...placeIn(source, node.getStart(source)), message: '' };
}

/** What no run would take, in words; anything else is a defect. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError || error instanceof ScriptCallError) return error.message;
  throw error;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
