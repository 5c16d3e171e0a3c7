import { builtinModules } from 'node:module';

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/** What to use instead, by the name of the built-in without `node:`; the rest has nothing in its place. */
const INSTEAD: Readonly<Record<string, string>> = {
  fs: 'files are reached through the roots of a project: sync.do({ roots: [...] })',
  'fs/promises': 'files are reached through the roots of a project: sync.do({ roots: [...] })',
  timers: 'setTimeout and setInterval are there without import, or use sleep("10m") from "sxrun"',
  'timers/promises': 'use sleep("10m") from "sxrun"',
  url: 'URL and URLSearchParams are there without import',
  util: 'TextEncoder, TextDecoder and structuredClone are there without import',
  console: 'console is there without import, or use log from "sxrun"',
  process: 'use sync.args, sync.projectFile and sync.projectDir from "sxrun"',
  perf_hooks: 'performance.now() is there without import',
  buffer: 'use Uint8Array with TextEncoder and TextDecoder, atob and btoa',
  crypto: 'crypto.randomUUID() is there without import',
  module: 'use import',
};

/** The name of a Node built-in without `node:`; undefined: it is none. */
export function builtinName(specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return specifier.slice('node:'.length);
  return BUILTINS.has(specifier) ? specifier : undefined;
}

export function builtinRefusal(specifier: string, name: string): string {
  const instead = INSTEAD[name] ?? 'there is nothing in its place: the sandbox reaches files only through roots';
  return `"${specifier}" is part of Node and not available in a project file; ${instead}`;
}

/** Pure built-ins that have a stand-in of ours, and what the module exports of it. */
export function standIn(name: string): 'default' | 'posix' | 'win32' | undefined {
  if (name === 'path') return 'default';
  if (name === 'path/posix') return 'posix';
  return name === 'path/win32' ? 'win32' : undefined;
}
