import { sync } from '../../../sdk/sync.ts';
import { native } from './bridge.ts';

type Flavour = 'posix' | 'win32';
type Parsed = { root: string; dir: string; base: string; ext: string; name: string };

/** `node:path`, pure: the worker calls the platform's own functions; the current folder is the project's. */
function pathOf(flavour: Flavour) {
  const call = <Result>(name: string, ...args: readonly unknown[]) => native<Result>(`path.${flavour}.${name}`, ...args);
  return {
    sep: flavour === 'posix' ? '/' : '\\',
    delimiter: flavour === 'posix' ? ':' : ';',
    basename: (path: string, suffix?: string): string => (suffix === undefined ? call('basename', path) : call('basename', path, suffix)),
    dirname: (path: string): string => call('dirname', path),
    extname: (path: string): string => call('extname', path),
    format: (parts: Partial<Parsed>): string => call('format', parts),
    isAbsolute: (path: string): boolean => call('isAbsolute', path),
    join: (...paths: string[]): string => call('join', ...paths),
    normalize: (path: string): string => call('normalize', path),
    parse: (path: string): Parsed => call('parse', path),
    relative: (from: string, to: string): string => call('relative', call('resolve', sync.projectDir, from), call('resolve', sync.projectDir, to)),
    resolve: (...paths: string[]): string => call('resolve', sync.projectDir, ...paths),
    toNamespacedPath: (path: string): string => call('toNamespacedPath', path),
  };
}

/** `node:path` for projects of that flavour. */
function pathModule(own: Flavour) {
  const flavours = { posix: pathOf('posix'), win32: pathOf('win32') };
  return { ...flavours[own], ...flavours };
}

/** What `node:path`, `node:path/posix` and `node:path/win32` export. */
export function nodePath(flavour: Flavour | 'default'): ReturnType<typeof pathModule> {
  if (flavour !== 'default') return pathModule(flavour);
  return pathModule(/^([A-Za-z]:[\\/]|\\\\)/.test(sync.projectDir) ? 'win32' : 'posix');
}
