import { builtinModules } from 'node:module';

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/** What to use instead, by the name of the built-in without `node:`; the rest has nothing in its place. */
const INSTEAD: Readonly<Record<string, string>> = {
  fs: 'use xfile from "sxrun", such as xfile.readText(PATH)',
  'fs/promises': 'use xfile from "sxrun", such as xfile.readText(PATH)',
  child_process: 'use exec from "sxrun": exec(PROGRAM, [ARGUMENT, …])',
  http: 'use fetch from "sxrun"',
  https: 'use fetch from "sxrun"',
  os: '"~" in a path is the home folder; env from "sxrun" reads variables',
  timers: 'setTimeout and setInterval are there without import, or use sleep("10m") from "sxrun"',
  'timers/promises': 'use sleep("10m") from "sxrun"',
  url: 'URL and URLSearchParams are there without import',
  util: 'TextEncoder, TextDecoder and structuredClone are there without import',
  console: 'console is there without import, or use log from "sxrun"',
  process: 'use sync.args, sync.projectDir and env("NAME") from "sxrun"',
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
  return `"${specifier}" ${unavailable(INSTEAD[name])}`;
}

/** Global names that Node has and a script has not. */
const GLOBALS: Readonly<Record<string, string | undefined>> = {
  process: INSTEAD['process'],
  Buffer: INSTEAD['buffer'],
  __dirname: 'use sync.projectDir from "sxrun"',
  __filename: 'use sync.projectFile from "sxrun"',
  fs: INSTEAD['fs'],
  path: 'write import path from "node:path"',
  os: INSTEAD['os'],
};

/** Why a script has no global of that name, though a program in Node has; undefined: nor has such a program. */
export function globalRefusal(name: string): string | undefined {
  return Object.hasOwn(GLOBALS, name) ? `it ${unavailable(GLOBALS[name])}` : undefined;
}

function unavailable(instead = 'nothing stands in its place; sxrun --unsandboxed runs the file in plain Node, without the wall'): string {
  return `is part of Node and not available in a project file; ${instead}`;
}

/** Pure built-ins that have a stand-in of ours, and what the module exports of it. */
export function standIn(name: string): 'default' | 'posix' | 'win32' | undefined {
  if (name === 'path') return 'default';
  if (name === 'path/posix') return 'posix';
  return name === 'path/win32' ? 'win32' : undefined;
}
