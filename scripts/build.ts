/**
 * Builds dist/: the command, its workers and the SDK as bundles that share code in dist/chunks/, and one declaration file of the SDK.
 * Runs as `prepare`: after `npm install` in a clone and before `npm pack`; an installed package is never built again.
 */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleDeclarations, editorDeclarations } from './declarations.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** dist/NAME.js by its source. Worker names are those of runtime/threads.ts. */
const ENTRIES = {
  sxrun: 'runtime/cli/main.ts',
  sdk: 'runtime/project/worlds/library.ts',
  'walk-worker': 'runtime/vfs/backends/local/walk-worker.ts',
  'file-worker': 'runtime/vfs/backends/local/file-worker.ts',
  'sandbox-worker': 'runtime/sandbox/sandbox-worker.ts',
  'keychain-process': 'runtime/state/keychain-process.ts',
};

/** Stay packages: esbuild and tsx start programs of their own, the QuickJS variant finds its .wasm beside itself, the keychain's add-on and the compiler may be missing, the bin's programs lie in their package. */
const EXTERNAL = ['esbuild', 'tsx', '@jitl/*', '@napi-rs/keyring', 'typescript', 'trash'];

const TARGET = 'node20';

/** Bundled CommonJS packages call `require` for Node's own modules. */
const BANNER = "import { createRequire as sxrunCreateRequire } from 'node:module';\nconst require = sxrunCreateRequire(import.meta.url);";

async function bundleForNode(out: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    chunkNames: 'chunks/[name]-[hash]',
    external: EXTERNAL,
    banner: { js: BANNER },
    minifySyntax: true,
    legalComments: 'eof',
    logLevel: 'warning',
  });
  chmodSync(`${out}/sxrun.js`, 0o755);
}

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
