import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A TypeScript language service on files of the disk, as an editor has one. */
export interface Editor {
  /** What is offered at a position, sorted. */
  offered(file: string, at: number): readonly string[];
  /** All faults of a file, as messages. */
  faults(file: string): readonly string[];
}

export function openEditor(files: readonly string[], options: ts.CompilerOptions, directory: string): Editor {
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...files],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => (ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, 'utf8')) : undefined),
    getCurrentDirectory: () => directory,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return {
    offered: (file, at) => (service.getCompletionsAtPosition(file, at, {})?.entries.map((entry) => entry.name) ?? []).sort(),
    faults: (file) =>
      [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map((fault) =>
        ts.flattenDiagnosticMessageText(fault.messageText, '\n'),
      ),
  };
}
