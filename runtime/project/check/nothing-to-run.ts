import { NOTHING_TO_RUN } from '../../../sdk/run-default.ts';
import type { Finding } from './finding.ts';
import type { CheckedProgram } from './program.ts';

/** What a run would end with at once: the project file exports nothing as default, and no module of it has `sync`. undefined: there may be something to run. */
export function nothingToRun({ ts: compiler, checker, sources }: CheckedProgram, projectFile: string): Finding | undefined {
  const entry = sources.find(({ fileName }) => fileName === compiler.sys.resolvePath(projectFile));
  if (entry === undefined || sources.some(({ text }) => /\bsync\b|\*\s+as\b|\*\s+from\b/.test(text) && text.includes('sxrun'))) return undefined;
  const module = checker.getSymbolAtLocation(entry);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  return exported.some(({ escapedName }) => escapedName === 'default') ? undefined : { file: projectFile, message: NOTHING_TO_RUN };
}
