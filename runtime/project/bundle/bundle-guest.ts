import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Modules of ours that go into bundles. */
export type GuestModule = 'sdk-entry' | 'prelude';

/** What `import … from 'sxrun'` has at run time; a test compares it with sdk/index.ts. */
export const PUBLIC_NAMES = [
  'SyncError',
  'ask',
  'defineProject',
  'env',
  'every',
  'exec',
  'fetch',
  'formatTime',
  'lock',
  'log',
  'mail',
  'period',
  'secret',
  'sleep',
  'sync',
  'xfile',
] as const;

/** Absolute path of such a module: its source, or in dist the file that the build has made of it (`dist/guest-NAME.js`, ESM, bundled, without imports). */
export function guestFile(name: GuestModule): string {
  const url = import.meta.url;
  if (url.endsWith('.ts')) return fileURLToPath(new URL(`../../sandbox/guest/${name}.ts`, url));
  return fileURLToPath(new URL(`./guest-${name}.js`, url));
}

/** Versions of all that makes a bundle, besides its sources. */
export function bundlerVersions(): readonly string[] {
  const esbuild = createRequire(import.meta.url).resolve('esbuild/package.json');
  return [versionIn(esbuild), ...(['sdk-entry', 'prelude'] as const).map(guestFile)];
}

function versionIn(packageJson: string): string {
  return String((JSON.parse(readFileSync(packageJson, 'utf8')) as { version?: unknown }).version);
}
