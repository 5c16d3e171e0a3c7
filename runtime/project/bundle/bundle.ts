import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Cached, loadBundle, storeBundle } from './bundle-cache.ts';
import { Confinement } from './bundle-confine.ts';
import { BundleError } from './bundle-error.ts';
import { bundlerVersions } from './bundle-guest.ts';
import { hashOf } from './bundle-hash.ts';
import { VERSION } from '../../version.ts';
import { systemError } from '../../vfs/system-error.ts';
import { BundleTrace } from './bundle-trace.ts';

/** A project file and all it imports as one script for the sandbox. */
export interface Bundle {
  /** Absolute real path of the project file; for standard input a name in its folder that no file has. */
  readonly file: string;
  readonly code: string;
  /** Source map, JSON text; its sources are absolute paths. */
  readonly map: string;
  /** Hash of all sources that are the user's, by name and content: what remembered permissions are tied to. */
  readonly sourcesHash: string;
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[];
}

export type BundleSource =
  | { readonly kind: 'file'; readonly path: string }
  /** A project read from standard input; `directory` is its project folder. */
  | { readonly kind: 'text'; readonly text: string; readonly directory: string };

export interface BundleOptions {
  /** Folder for bundles made before; undefined: none are kept. */
  readonly cacheFolder: string | undefined;
  /** Whether imports may leave the project's folder to this real path. */
  mayRead(realPath: string): boolean;
}

/** Changes when the shape of what is kept does, or the way in which it is made. */
const CACHE_FORMAT = 5;

/** Makes a script of a project file, or takes the one made before when nothing has changed. Rejects with BundleError. */
export async function bundleProject(source: BundleSource, options: BundleOptions): Promise<Bundle> {
  const file = projectFile(source);
  const text = source.kind === 'text' ? source.text : undefined;
  const mayRead = (path: string) => options.mayRead(path);
  const { cacheFolder } = options;
  const key = hashOf(JSON.stringify([CACHE_FORMAT, VERSION, bundlerVersions(), file, text === undefined ? '' : hashOf(text)]));
  const kept = cacheFolder === undefined ? undefined : loadBundle<Bundle>(cacheFolder, key, mayRead);
  if (kept) return kept;
  const made = await makeBundle(file, text, new Confinement(dirname(file), mayRead));
  if (cacheFolder !== undefined) await storeBundle(cacheFolder, key, made);
  return made.bundle;
}

async function makeBundle(file: string, text: string | undefined, confinement: Confinement): Promise<Cached<Bundle>> {
  const trace = new BundleTrace(confinement.root);
  const { buildBundle, hashSources } = await import('./bundle-build.ts');
  const { code, map } = await buildBundle({ file, text, confinement, trace });
  const name = (path: string) => relative(confinement.root, path).split(sep).join('/');
  const inputs = [...trace.inputs.keys()].sort();
  return {
    bundle: { file, code, map, sourcesHash: hashSources(trace.inputs, name), inputs },
    files: [...trace.inputs, ...trace.settings].filter(([path]) => text === undefined || path !== file).sort(([a], [b]) => (a < b ? -1 : 1)),
    absent: [...trace.absent].sort(),
    outside: inputs.filter((path) => !confinement.holds(path)),
  };
}

function projectFile(source: BundleSource): string {
  if (source.kind === 'text') return freeName(realpathSync(source.directory));
  const refuse = (message: string): never => {
    throw new BundleError([{ message, place: undefined, sourceLine: undefined }]);
  };
  const path = resolve(source.path);
  try {
    const real = realpathSync(path);
    const kind = statSync(real);
    if (kind.isDirectory()) return refuse(`${path} is a folder; a project is a file that ends in .sync.ts`);
    // Reading a pipe may wait for ever.
    return kind.isFile() ? real : refuse(`${path} is no regular file; "sxrun -c" reads a project from standard input`);
  } catch (error) {
    if (error instanceof BundleError) throw error;
    return refuse(`there is no project file ${path}: ${systemError(error, '').message}`);
  }
}

/** Nobody waits for bundles any more: the program that makes them ends at once, and has nothing to say about that. */
export async function endBundler(): Promise<void> {
  await (await import('esbuild')).stop();
}

function freeName(folder: string): string {
  for (let number = 0; ; number++) {
    const path = join(folder, `standard-input${number || ''}.sync.ts`);
    if (!existsSync(path)) return path;
  }
}
