import { createRequire } from 'node:module';
import type ts from 'typescript';

export type Compiler = typeof ts;

/** Our own TypeScript, an optional dependency; undefined: it is not installed. */
export async function bundledCompiler(): Promise<Compiler | undefined> {
  try {
    return (await import('typescript')).default;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The TypeScript that is installed beside the project: code that runs outside of the sandbox. undefined: there is none. */
export function projectsCompiler(projectFile: string): Compiler | undefined {
  const require = createRequire(projectFile);
  try {
    return require('typescript') as Compiler;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
