import { join } from 'node:path';
import type ts from 'typescript';
import { packageFolder } from '../../package-folder.ts';
import { realPathOf } from '../../machine/real-path.ts';
import type { Confinement } from '../bundle/bundle-confine.ts';
import type { Compiler } from './compiler.ts';
import type { Finding } from './finding.ts';

/** A project as TypeScript sees it, with what the sandbox has: the SDK and its globals, nothing of Node. */
export interface CheckedProgram {
  readonly ts: Compiler;
  readonly checker: ts.TypeChecker;
  /** The project file and what it imports, without packages. */
  readonly sources: readonly ts.SourceFile[];
  /** What TypeScript says about these. */
  readonly findings: readonly Finding[];
}

/** Reads what the bundler would read, and no file beyond. The project's tsconfig does not count: the rules are those of `sxrun new`. */
export function createProgram(compiler: Compiler, projectFile: string, confinement: Confinement): CheckedProgram {
  // With slashes on Windows, too, as TypeScript has its paths.
  const declarations = compiler.sys.resolvePath(join(packageFolder(), 'dist', 'sxrun-editor.d.ts'));
  const options: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    moduleDetection: compiler.ModuleDetectionKind.Force,
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    allowJs: true,
    skipLibCheck: true,
  };
  const host = compiler.createCompilerHost(options);
  const library = compiler.sys.resolvePath(join(compiler.getDefaultLibFilePath(options), '..'));
  const isOurs = (path: string) => path === declarations || compiler.sys.resolvePath(path).startsWith(`${library}/`);
  const mayRead = (path: string) => isOurs(path) || confinement.allows(realPathOf(path));
  const confined: ts.CompilerHost = {
    ...host,
    fileExists: (path) => mayRead(path) && host.fileExists(path),
    readFile: (path) => (mayRead(path) ? host.readFile(path) : undefined),
    directoryExists: (path) => mayRead(path) && host.directoryExists?.(path) === true,
    getSourceFile: (path, ...others) => (mayRead(path) ? host.getSourceFile(path, ...others) : undefined),
  };
  const program = compiler.createProgram({ rootNames: [declarations, projectFile], options, host: confined });
  const isOwn = ({ fileName }: ts.SourceFile) => !isOurs(fileName) && !fileName.includes('/node_modules/');
  const sources = program.getSourceFiles().filter((source) => isOwn(source) && !source.fileName.endsWith('.json'));
  const said = sources.flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]);
  return { ts: compiler, checker: program.getTypeChecker(), sources, findings: said.map((one) => findingOf(one, compiler)) };
}

function findingOf({ file, start, messageText }: ts.Diagnostic, compiler: Compiler): Finding {
  const message = compiler.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined) return { file: '', message };
  return { ...placeIn(file, start ?? 0), message };
}

export function placeIn(source: ts.SourceFile, position: number): Required<Pick<Finding, 'file' | 'line' | 'column'>> {
  const { line, character } = source.getLineAndCharacterOfPosition(position);
  return { file: source.fileName, line: line + 1, column: character + 1 };
}
