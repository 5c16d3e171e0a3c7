import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, resolve, sep } from 'node:path';
import type { Loader, OnLoadArgs, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { realPathOf } from '../../machine/real-path.ts';
import { builtinName, builtinRefusal, standIn } from './bundle-builtins.ts';
import { type Confinement, OUTSIDE } from './bundle-confine.ts';
import { guestFile, PUBLIC_NAMES } from './bundle-guest.ts';
import { hashOf } from './bundle-hash.ts';
import type { BundleTrace } from './bundle-trace.ts';
import { closest } from '../options/option-message.ts';
import { computedImports } from './computed-imports.ts';

/** Every namespace of ours begins so; places in such sources are not the script's. */
const ENTRY = 'sxrun-entry';
/** `sxrun` as one module sees it; the path is the importing file. */
const API = 'sxrun-api';
/** A project file as others import it; the path is the file. */
const PROJECT = 'sxrun-project';
/** A flavour of `node:path`; the path is its name. */
const PATH = 'sxrun-path';
/** Code of ours. */
const GUEST = 'sxrun-guest';

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
};
const PATH_NAMES = [
  'basename',
  'delimiter',
  'dirname',
  'extname',
  'format',
  'isAbsolute',
  'join',
  'normalize',
  'parse',
  'posix',
  'relative',
  'resolve',
  'sep',
  'toNamespacedPath',
  'win32',
];
export const PROJECT_NAME = /\.sync\.[cm]?[jt]sx?$/;

export interface BundleParts {
  /** Absolute path of the project file; with `text` it need not exist. */
  readonly file: string;
  readonly text: string | undefined;
  readonly confinement: Confinement;
  readonly trace: BundleTrace;
}

/** Finds and loads every module of a bundle, and refuses what may not be in one. */
export function bundlePlugin(parts: BundleParts): Plugin {
  return {
    name: 'sxrun',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolveImport(build, parts, args));
      build.onLoad({ filter: /.*/, namespace: 'file' }, (args) => loadFile(parts, args));
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ours(entryCode(parts.file), parts.file));
      build.onLoad({ filter: /.*/, namespace: API }, ({ path }) => ours(apiCode(path, parts.file), path));
      build.onLoad({ filter: /.*/, namespace: PROJECT }, ({ path }) => ours(projectCode(path), path));
      build.onLoad({ filter: /.*/, namespace: PATH }, ({ path }) => ours(pathCode(path), parts.file));
      build.onLoad({ filter: /.*/, namespace: GUEST }, ({ path }) => loadGuest(parts, path));
    },
  };
}

/** Marks a resolution that esbuild itself is to do. */
const ESBUILD = Symbol('resolved by esbuild');

async function resolveImport(build: PluginBuild, parts: BundleParts, args: OnResolveArgs): Promise<OnResolveResult | undefined> {
  const { path, importer, namespace, kind } = args;
  if (args.pluginData === ESBUILD) return undefined;
  if (kind === 'entry-point') return { path: parts.file, namespace: ENTRY };
  if (path.startsWith('sxrun-guest:')) return { path: guestFile(path.slice('sxrun-guest:'.length) as 'sdk-entry'), namespace: GUEST };
  if (namespace === GUEST) return { path: resolve(dirname(importer), path), namespace: GUEST };
  if (namespace !== 'file') return { path, namespace: 'file' };
  if (path === 'sxrun') return { path: importer, namespace: API, sideEffects: false };
  const builtin = builtinName(path);
  if (builtin !== undefined) return resolveBuiltin(build, parts, args, builtin);
  if (/^[a-z][a-z+.-]+:/i.test(path) && !isAbsolute(path))
    return refuse(`"${path}" cannot be imported: imports are files of the project and packages in its node_modules`);
  return resolveFile(build, parts, args);
}

async function resolveFile(build: PluginBuild, { file, confinement, trace }: BundleParts, args: OnResolveArgs): Promise<OnResolveResult> {
  const { path, importer, kind, resolveDir } = args;
  const wanted = isAbsolute(path) || /^\.\.?(\/|\\|$)/.test(path) ? resolve(resolveDir, path) : undefined;
  const leadsTo = wanted && realPathOf(wanted);
  if (leadsTo !== undefined && !confinement.allows(leadsTo)) return refuse(`"${path}" ${OUTSIDE}`, dirname(leadsTo));
  if (wanted === undefined) trace.package(path, resolveDir);
  else trace.relative(wanted);
  const found = await build.resolve(path, { importer, kind, resolveDir, namespace: 'file', pluginData: ESBUILD });
  if (found.errors.length > 0 || found.path === '') return refuse(wanted === undefined ? notInstalled(path) : notThere(path, wanted, confinement));
  const checked = confinement.check(found.path);
  if ('refusal' in checked) return refuse(`"${path}" ${checked.refusal}`, checked.outside);
  const isProject = PROJECT_NAME.test(checked.realPath) && checked.realPath !== file;
  return { path: checked.realPath, namespace: isProject ? PROJECT : 'file', sideEffects: found.sideEffects };
}

/** A package of that name stands in for a built-in where one is installed; `node:` always means Node's own. */
async function resolveBuiltin(build: PluginBuild, parts: BundleParts, args: OnResolveArgs, name: string): Promise<OnResolveResult> {
  const flavour = standIn(name);
  if (flavour) return { path: flavour, namespace: PATH, sideEffects: false };
  if (args.path.startsWith('node:')) return refuse(builtinRefusal(args.path, name));
  const installed = await resolveFile(build, parts, { ...args, path: `${args.path}/` });
  return installed.errors ? refuse(builtinRefusal(args.path, name)) : installed;
}

async function loadFile({ file, text, confinement, trace }: BundleParts, { path, with: attributes }: OnLoadArgs): Promise<OnLoadResult> {
  if (text !== undefined && path === file) {
    trace.file(path, hashOf(text));
    return loaded({ path, isProject: true, text, loader: 'ts' });
  }
  const loader = LOADERS[extname(path).toLowerCase()];
  if (!loader) return { errors: [{ text: `${basename(path)} cannot be imported; files that can end in ${Object.keys(LOADERS).join(' ')}` }] };
  const type = attributes['type'];
  if (type !== undefined && type !== loader) return { errors: [{ text: `${basename(path)} cannot be imported as "${type}"; ${ATTRIBUTES}` }] };
  const checked = confinement.check(path);
  if ('refusal' in checked) return refuse(`"${basename(path)}" ${checked.refusal}`, checked.outside);
  const bytes = readFileSync(path);
  if (realpathSync(path) !== path || !confinement.allows(path)) return { errors: [{ text: 'the file was replaced while it was read' }] };
  trace.file(path, hashOf(bytes));
  if (isUtf16(bytes)) return { errors: [{ text: `${basename(path)} is not UTF-8 text (it looks like UTF-16); save it as UTF-8` }] };
  return loaded({ path, isProject: path === file || PROJECT_NAME.test(path), text: bytes.toString('utf8'), loader });
}

const ATTRIBUTES = 'with { type: "json" } is for .json files, with { type: "text" } for .txt files';

/** With its mark at the start, as some editors and shells write it. */
function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

interface Loaded {
  readonly path: string;
  readonly isProject: boolean;
  readonly text: string;
  readonly loader: Loader;
}

/** What a package computes may be for other surroundings, and nobody runs it here; in a module of the user's own it is a mistake. */
async function loaded({ path, isProject, text, loader }: Loaded): Promise<OnLoadResult> {
  const contents = isProject ? asModule(text) : withoutMaps(text);
  const resolveDir = dirname(path);
  const computed = loader === 'json' || loader === 'text' ? undefined : await computedImports(contents, loader);
  if (computed === undefined) return { contents, loader, resolveDir };
  if (path.split(sep).includes('node_modules')) return { contents: computed.withoutWalks, loader: 'js', resolveDir };
  const lines = contents.split('\n');
  return {
    errors: computed.imports.map(({ isRequire, line, column }) => ({
      text: `${isRequire ? 'require' : 'import'} takes a fixed text here, since all modules are bundled before the script runs; name each one, such as { a: () => import("./a.ts") }`,
      location: { file: path, line, column, lineText: lines[line - 1] ?? '' },
    })),
  };
}

function loadGuest({ trace }: BundleParts, path: string): OnLoadResult {
  const bytes = readFileSync(path);
  trace.settings.set(path, hashOf(bytes));
  return { contents: bytes, loader: path.endsWith('.ts') ? 'ts' : 'js' };
}

/** Source maps that a source names could be any file of this machine: esbuild is not to look. Lengths stay, so columns do. */
function withoutMaps(text: string): string {
  return text.replace(/(\/[/*])[#@](?=[ \t]sourceMappingURL=)/g, '$1 ');
}

/** A line of ours behind a project file; an error there is about the end of the file. */
export const MODULE_MARK = 'export {};';

/** A project file is a module even when it imports and exports nothing. */
function asModule(text: string): string {
  return `${withoutMaps(text)}\n${MODULE_MARK}\n`;
}

function ours(contents: string, path: string): OnLoadResult {
  return { contents, loader: 'js', resolveDir: dirname(path) };
}

function entryCode(file: string): string {
  const path = JSON.stringify(file);
  return `import { runDefault } from 'sxrun-guest:sdk-entry';\nimport * as script from ${path};\nawait runDefault(script.default, ${path});\n`;
}

/** A `defineProject` written in a project file belongs to that file; one in another module to the project file that exports what it made. */
function apiCode(importer: string, entry: string): string {
  const own = importer === entry || PROJECT_NAME.test(importer);
  const names = PUBLIC_NAMES.filter((name) => name !== 'defineProject' || !own);
  const defineProject = `import { defineProjectIn } from 'sxrun-guest:sdk-entry';\nexport const defineProject = /* @__PURE__ */ defineProjectIn(${JSON.stringify(importer)});\n`;
  return `export { ${names.join(', ')} } from 'sxrun-guest:sdk-entry';\n${own ? defineProject : ''}`;
}

function projectCode(file: string): string {
  const path = JSON.stringify(file);
  return `import { stampProjects } from 'sxrun-guest:sdk-entry';\nimport * as project from ${path};\nexport * from ${path};\nexport default stampProjects(project.default, ${path});\n`;
}

function pathCode(flavour: string): string {
  const take = `import { nodePath } from 'sxrun-guest:sdk-entry';\nconst path = nodePath('${flavour}');`;
  return `${take}\nexport default path;\nexport const { ${PATH_NAMES.join(', ')} } = path;\n`;
}

/** With a file of the same folder that may be meant: its name without the ending, or a typing mistake. */
function notThere(path: string, wanted: string, confinement: Confinement): string {
  const folder = dirname(wanted);
  const name = basename(wanted);
  const known = confinement.allows(realPathOf(folder)) ? filesIn(folder) : [];
  const meant = known.find((file) => file.startsWith(`${name}.`)) ?? closest(name, known);
  if (known.length === 0 || meant === undefined) return `"${path}" is not there`;
  return `"${path}" is not there; did you mean "${path.slice(0, path.length - name.length)}${meant}"?`;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => extname(name).toLowerCase() in LOADERS);
  } catch {
    // Only a hint is lost.
    return [];
  }
}

function notInstalled(path: string): string {
  if (path.startsWith('#')) return `"${path}" is not among the "imports" of the project's package.json`;
  const alias = /^[@~]\//.test(path) ? ' ("paths" of a tsconfig.json are not used here: write a relative path)' : '';
  return `the package "${path}" is not installed in the project's node_modules${alias}; a file of the project is imported as "./${path.replace(/^[@~]\//, '')}"`;
}

/** `outside`: the folder that would have to be granted (see `BundleProblem`). */
function refuse(text: string, outside?: string): OnResolveResult {
  return { errors: [{ text, detail: outside }] };
}
