/**
 * Builds dist/: the start of the command, the command, its threads and the SDK, each as one file, and one declaration file of the SDK.
 * Runs as `prepare`: after `npm install` in a clone and before `npm pack`; an installed package is never built again.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { bundleDeclarations, editorDeclarations } from './declarations.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What threads and processes of ours run: dist/NAME.cjs by its source. Worker names are those of runtime/threads.ts. */
const THREADS = {
  'walk-worker': 'runtime/vfs/backends/local/walk-worker.ts',
  'file-worker': 'runtime/vfs/backends/local/file-worker.ts',
  'sandbox-worker': 'runtime/sandbox/sandbox-worker.ts',
  'keychain-process': 'runtime/state/keychain-process.ts',
};

/** Stay packages: esbuild and tsx start programs of their own, the keychain's add-on and the compiler may be missing, the bin's programs lie in their package. */
const EXTERNAL = ['esbuild', 'tsx', '@napi-rs/keyring', 'typescript', 'trash'];

const COMMON: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: EXTERNAL,
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 150,
  legalComments: 'external',
  logLevel: 'warning',
};

/** One file, without imports of its own: what Node loads fastest. It has the address that `import.meta.url` would have. */
const COMMON_JS: BuildOptions = {
  ...COMMON,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: "const sxrunUrl = require('node:url').pathToFileURL(__filename).href;" },
  // From source only; this is never called.
  define: { 'import.meta.url': 'sxrunUrl', 'import.meta.resolve': 'sxrunUrl' },
};

/** Imported by a module that is itself imported when it is needed. */
const APART = ['@inquirer/prompts'];

/** Packages that are only imported when they are needed become files of their own in dist/packages/, since all of the command's one file is read at each start. */
function packagesApart(found: Set<string>): Plugin {
  return {
    name: 'packages apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[a-z@]/ }, ({ path, kind }) => {
        const isExternal = path.startsWith('node:') || EXTERNAL.some((name) => path === name || path.startsWith(`${name}/`));
        if (isExternal || (kind !== 'dynamic-import' && !APART.includes(path))) return undefined;
        found.add(path);
        return { path, namespace: 'apart' };
      });
      onResolve({ filter: /^\.\/packages\//, namespace: 'apart' }, ({ path }) => ({ path, external: true }));
      // An ES module: what `require` gives of it is not the default export.
      onResolve({ filter: /^trash$/, namespace: 'file' }, ({ path }) => ({ path, namespace: 'module' }));
      onLoad({ filter: /.*/, namespace: 'module' }, ({ path }) => ({ contents: `module.exports = require('${path}').default;` }));
      onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => ({ contents: `module.exports = require('./packages/${fileNameOf(path)}.cjs');` }));
    },
  };
}

function fileNameOf(packageName: string): string {
  return packageName.replace(/^@/, '').replaceAll('/', '-');
}

/** As a library the SDK loads the command's file with its first call. */
const LIBRARY_HOST: Plugin = {
  name: "the library's host",
  setup({ onResolve }) {
    onResolve({ filter: /\/library-host\.ts$/ }, () => ({ path: './command.cjs', external: true }));
  },
};

async function bundleForNode(out: string): Promise<void> {
  const apart = new Set<string>();
  // Code that V8 takes from what is kept (runtime/cli/compiled-command.ts) has no import() of Node's.
  const plugins = [packagesApart(apart)];
  await build({ ...COMMON_JS, entryPoints: { command: 'runtime/cli/command.ts' }, outdir: out, plugins, supported: { 'dynamic-import': false } });
  // Node's own import() would bring the loader of ES modules into each thread.
  await build({ ...COMMON_JS, entryPoints: THREADS, outdir: out, supported: { 'dynamic-import': false } });
  await build({ ...COMMON_JS, entryPoints: Object.fromEntries([...apart].map((name) => [fileNameOf(name), name])), outdir: `${out}/packages` });
  // See runtime/project/worlds/plain-world.ts.
  writeFileSync(`${out}/packages/tsx.cjs`, "module.exports = import('tsx/esm/api');\n");
  await build({ ...COMMON_JS, entryPoints: { sxrun: 'runtime/cli/main.ts' }, outdir: out });
  chmodSync(`${out}/sxrun.cjs`, 0o755);
  await build({ ...COMMON, entryPoints: { sdk: 'runtime/project/worlds/library.ts' }, outdir: out, format: 'esm', plugins: [LIBRARY_HOST] });
  copyFileSync(createRequire(import.meta.url).resolve(`${ENGINE}/wasm`), `${out}/quickjs.wasm`);
  // runtime/cli/compiled-command.ts reads a byte as a character; esbuild leaves regular expressions as they are.
  const code = readFileSync(`${out}/command.cjs`, 'utf8');
  writeFileSync(
    `${out}/command.cjs`,
    code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** The script engine. */
const ENGINE = '@jitl/quickjs-ng-wasmfile-release-sync';

/** What goes into every project's bundle, each as one module without imports: see runtime/project/bundle/bundle-guest.ts. */
async function bundleForSandbox(out: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(['sdk-entry', 'prelude'].map((name) => [`guest-${name}`, `runtime/sandbox/guest/${name}.ts`])),
    outdir: out,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    logLevel: 'warning',
  });
}

async function buildInto(out: string): Promise<void> {
  mkdirSync(out);
  await bundleForNode(out);
  await bundleForSandbox(out);
  const declarations = bundleDeclarations('sdk/index.ts');
  writeFileSync(`${out}/sxrun.d.ts`, declarations);
  writeFileSync(`${out}/sxrun-editor.d.ts`, editorDeclarations('sxrun', declarations));
}

process.chdir(root);
/** Everything is made beside dist and takes its place at the end, so that a failed build leaves the last good one. */
const fresh = `dist.${process.pid}`;
try {
  await buildInto(fresh);
  rmSync('dist', { recursive: true, force: true });
  renameSync(fresh, 'dist');
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
