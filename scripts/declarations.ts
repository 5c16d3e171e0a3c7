import { generateDtsBundle } from 'dts-bundle-generator';
import { SANDBOX_GLOBALS } from './sandbox-globals.ts';

/** For `await using`; whatever the project's compiler options say. */
const LIBRARIES = '/// <reference lib="esnext.disposable" />\n';

/** The public types of an entry file and all it imports, as the text of one declaration file that imports nothing. */
export function bundleDeclarations(entry: string): string {
  const [text] = generateDtsBundle([{ filePath: entry, output: { noBanner: true, exportReferencedTypes: false } }], {
    preferredConfigPath: 'tsconfig.json',
  });
  if (text === undefined) throw new Error(`no declarations came out of ${entry}`);
  return LIBRARIES + text;
}

/**
 * The same for an editor that finds no package: a module of that name, and the globals that a sandboxed script has. Where a `lib` or another
 * package declares a global already, that one counts (the way of @types/node).
 */
export function editorDeclarations(module: string, declarations: string): string {
  const inside = declarations
    .replace(LIBRARIES, '')
    .replace(/^(export )?declare /gm, '$1')
    .trimEnd()
    .replace(/^(?=.)/gm, '\t');
  return `${LIBRARIES}// What an editor knows of "${module}" where the package is not installed. Written by "sxrun new"; it may be written again or removed.\n\ndeclare module '${module}' {\n${inside}\n}\n\n${SANDBOX_GLOBALS}`;
}
