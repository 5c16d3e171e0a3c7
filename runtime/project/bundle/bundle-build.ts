import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { build, type BuildFailure, type BuildOptions, type Message, type Metafile, transform } from 'esbuild';
import { distance } from 'fastest-levenshtein';
import { BundleError, bundleProblem } from './bundle-error.ts';
import { guestFile, PUBLIC_NAMES } from './bundle-guest.ts';
import { hashOf } from './bundle-hash.ts';
import { type BundleParts, bundlePlugin, MODULE_MARK, PROJECT_NAME } from './bundle-plugin.ts';
import { circleMessage, importCircle } from './import-circle.ts';
import { EXTENSIONS } from './bundle-trace.ts';
import { withYieldsBeforeLoops } from './loop-heads.ts';

/** What QuickJS understands. */
const TARGET = 'es2023';

/** Bundles a project file with esbuild. Rejects with BundleError. */
export async function buildBundle(parts: BundleParts): Promise<{ readonly code: string; readonly map: string }> {
  const modules = await esbuild(parts, {
    entryPoints: ['sxrun:script'],
    format: 'esm',
    target: TARGET,
    sourcemap: 'external',
    metafile: true,
    plugins: [bundlePlugin(parts)],
  });
  return joined(await preludeCode(parts), await asGenerator(modules, dirname(parts.file)));
}

const COMMON: BuildOptions = {
  bundle: true,
  write: false,
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  resolveExtensions: [...EXTENSIONS],
  nodePaths: [],
  // Keeps esbuild from looking for tsconfig.json files, whose "extends" may lead anywhere.
  tsconfigRaw: '{}',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', 'import.meta': '{}' },
  sourcesContent: false,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
};

interface Output {
  readonly code: string;
  readonly map: string;
}

async function esbuild(parts: BundleParts, options: BuildOptions): Promise<Output> {
  const folder = dirname(parts.file);
  try {
    const result = await build({ ...COMMON, absWorkingDir: folder, outfile: resolve(folder, 'bundle.js'), ...options });
    const missing = result.warnings.filter(({ id, text }) => id === 'import-is-undefined' && text.includes('sxrun-api:'));
    if (missing.length > 0) throw failure(parts, missing);
    refuseCircle(parts, result.metafile);
    const file = (suffix: string) => result.outputFiles?.find(({ path }) => path.endsWith(suffix))?.text ?? '';
    return { code: file('.js'), map: file('.map') };
  } catch (error) {
    if (error instanceof BundleError || !(error as Partial<BuildFailure>).errors) throw error;
    throw failure(parts, (error as BuildFailure).errors);
  }
}

/**
 * The modules as one generator, which `sxrunMain` of the prelude runs: top-level awaits are its yields. Other async functions become generators
 * as well, so that each promise is one of the prelude's (guest/tracked-promise.ts).
 */
async function asGenerator({ code, map }: Output, folder: string): Promise<Output> {
  const inner = JSON.parse(map) as { mappings: string; sources: string[] };
  const shifted = {
    ...inner,
    mappings: `;${inner.mappings}`,
    sources: inner.sources.map((source) => encodeURIComponent(absoluteSource(source, folder))),
  };
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(shifted)).toString('base64')}`;
  const lowered = await transform(`const sxrunScript = async () => {\n${code}\n};\nsxrunScript();\n${comment}`, {
    loader: 'js',
    format: 'iife',
    target: TARGET,
    supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  const start = 'const sxrunScript = () => __async(';
  if (!lowered.code.includes(start)) throw new Error('esbuild words async functions in a way that this version does not know');
  const { code: own, map: ownMap } = await withYieldsBeforeLoops({ code: lowered.code, map: withPlainSources(lowered.map) });
  return { code: withOwnAsync(own).replace(start, () => 'const sxrunScript = () => sxrunMain('), map: ownMap };
}

/** The prelude runs async functions, with fewer promises than esbuild's own helper. What comes after it stays in its line. */
function withOwnAsync(code: string): string {
  const [helper] = ASYNC_HELPER.exec(code) ?? [];
  if (helper === undefined) throw new Error('esbuild runs async functions in a way that this version does not know');
  return code.replace(helper, () => `  var __async = sxrunAsync;${'\n'.repeat(helper.split('\n').length - 1)}`);
}
const ASYNC_HELPER = /^ {2}var __async = \(__this, __arguments, generator\) => \{\n(?: {3}.*\n)*? {2}\};$/m;

/** In maps sources are URLs. */
function withPlainSources(map: string): string {
  const { sources, ...others } = JSON.parse(map) as { sources: string[] };
  return JSON.stringify({ ...others, sources: sources.map(decodeURIComponent) });
}

/** A source of a map is a path relative to the output, or a name with one of our namespaces. */
function absoluteSource(written: string, folder: string): string {
  const source = decodeURIComponent(written);
  if (/^sxrun-[a-z]+:/.test(source)) return `sxrun:${source}`;
  return isAbsolute(source) ? source : resolve(folder, source);
}

async function preludeCode(parts: BundleParts): Promise<string> {
  const result = await build({
    ...COMMON,
    entryPoints: [guestFile('prelude')],
    format: 'iife',
    target: TARGET,
    metafile: true,
    absWorkingDir: dirname(guestFile('prelude')),
  });
  for (const path of Object.keys(result.metafile?.inputs ?? {})) parts.trace.setting(resolve(dirname(guestFile('prelude')), path));
  return result.outputFiles?.[0]?.text ?? '';
}

/** The prelude's lines have no sources: they are skipped in the map. */
function joined(prelude: string, script: Output): Output {
  const map = JSON.parse(script.map) as { mappings: string };
  const lines = prelude.split('\n').length - 1;
  return { code: prelude + script.code, map: JSON.stringify({ ...map, mappings: ';'.repeat(lines) + map.mappings }) };
}

function refuseCircle({ file, confinement, trace }: BundleParts, metafile: Metafile | undefined): void {
  const isProject = (path: string) => path === file || PROJECT_NAME.test(path);
  const circle = metafile && importCircle(metafile, file, { folder: dirname(file), isProject });
  const [first] = circle?.files ?? [];
  if (circle === undefined || first === undefined) return;
  const mayShow = trace.inputs.has(first) && confinement.allows(first) && existsSync(first);
  const lines = mayShow ? readFileSync(first, 'utf8').split('\n') : [];
  const at = lines.findIndex((line) => line.includes(`'${circle.specifier}'`) || line.includes(`"${circle.specifier}"`));
  const place = { file: first, line: at + 1, column: (lines[at] ?? '').search(/\S/) + 1 };
  throw new BundleError([{ message: circleMessage(circle, isProject), place: at < 0 ? undefined : place, sourceLine: lines[at] }]);
}

function failure({ file, confinement, trace }: BundleParts, messages: readonly Message[]): BundleError {
  const absolute = (path: string) => resolve(dirname(file), path);
  const mayShow = (path: string) => trace.inputs.has(path) && confinement.allows(path);
  return new BundleError(messages.map((message) => bundleProblem(atOwnEnd({ ...message, text: reworded(message.text) }), absolute, mayShow)));
}

/** The parser met the line that we put behind the file: it is told of what was left open, or of the end. */
function atOwnEnd(message: Message): Message {
  const { location, notes } = message;
  if (location?.lineText !== MODULE_MARK) return message;
  const text = 'the file ends too early: a brace, bracket or quote is not closed';
  return { ...message, text, location: notes[0]?.location ?? { ...location, line: location.line - 1, column: 0, lineText: '' } };
}

/** esbuild's words for what a module does not export, where the module is ours. */
function reworded(text: string): string {
  const [, name] = /^(?:No matching export in "sxrun-api:.*" for import|Import) "(.*?)"/s.exec(text) ?? [];
  const [, module = '', missing = ''] = /^No matching export in "(?!sxrun-api:)(?:sxrun-project:)?(.*)" for import "(.*?)"$/s.exec(text) ?? [];
  if (missing === 'default') return `"${module}" has no default export: write "export default …" there, or import { NAME } from it`;
  if (missing !== '') return `"${module}" exports no "${missing}"`;
  if (name === 'default') return '"sxrun" has no default export: write import { sync } from "sxrun"';
  if (name === undefined || !text.includes('sxrun-api:')) return text.replace(/"sxrun-project:/g, '"').replace(/^\[plugin: sxrun\] /, '');
  const [nearest] = [...PUBLIC_NAMES].sort((a, b) => distance(name, a) - distance(name, b));
  const hint = nearest !== undefined && distance(name.toLowerCase(), nearest.toLowerCase()) <= 2 ? `; did you mean "${nearest}"?` : '';
  return `"sxrun" has no "${name}"${hint} It has: ${PUBLIC_NAMES.join(', ')}`.replace('" It has', '"; it has');
}

/** All sources of the user's, by name and content. `names` gives the name that stands for a path. */
export function hashSources(inputs: ReadonlyMap<string, string>, name: (path: string) => string): string {
  return hashOf(JSON.stringify([...inputs].map(([path, hash]) => [name(path), hash]).sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))));
}
