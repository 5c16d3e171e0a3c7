import { generateDtsBundle } from 'dts-bundle-generator';

/** The public types of an entry file and all it imports, as the text of one declaration file that imports nothing. */
export function bundleDeclarations(entry: string): string {
  const [text] = generateDtsBundle([{ filePath: entry, output: { noBanner: true, exportReferencedTypes: false } }], {
    preferredConfigPath: 'tsconfig.json',
  });
  if (text === undefined) throw new Error(`no declarations came out of ${entry}`);
  return text;
}
