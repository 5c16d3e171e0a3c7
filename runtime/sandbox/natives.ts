import { randomUUID } from 'node:crypto';
import { posix, win32 } from 'node:path';

type Native = (...args: never[]) => unknown;

/** Functions of the platform that scripts expect, pure but for `uuid`: they run in the sandbox's worker and get and give JSON. */
const NATIVES: ReadonlyMap<string, Native> = new Map<string, Native>([
  ['url.parse', (url: string, base: string | null) => (canParse(url, base) ? partsOf(new URL(url, base ?? undefined)) : null)],
  ['url.set', setUrlPart],
  ['query.parse', (query: string) => [...new URLSearchParams(query)]],
  ['query.format', (pairs: [string, string][]) => new URLSearchParams(pairs).toString()],
  ['base64.encode', btoa],
  ['base64.decode', atob],
  ['uuid', () => randomUUID()],
  ...pathFunctions('posix'),
  ...pathFunctions('win32'),
]);

/** Calls one by name: JSON text of the arguments → JSON text of `{ value }` or `{ error }`. */
export function callNative(name: string, args: string): string {
  const native = NATIVES.get(name);
  try {
    if (!native) throw new TypeError(`there is no function ${name}`);
    return JSON.stringify({ value: native(...(JSON.parse(args) as never[])) ?? null });
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : 'failed' });
  }
}

const URL_PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;

function canParse(url: string, base: string | null): boolean {
  return base === null ? URL.canParse(url) : URL.canParse(url, base);
}

function partsOf(url: URL): Record<string, string> {
  return Object.fromEntries(URL_PARTS.map((part) => [part, url[part]]));
}

function setUrlPart(href: string, part: string, value: string): Record<string, string> {
  const url = new URL(href);
  const known = URL_PARTS.find((name) => name === part && name !== 'origin');
  if (known && known !== 'origin') url[known] = value;
  return partsOf(url);
}

function pathFunctions(flavour: 'posix' | 'win32'): [string, Native][] {
  const functions = { posix, win32 }[flavour];
  const names = [
    'basename',
    'dirname',
    'extname',
    'format',
    'isAbsolute',
    'join',
    'normalize',
    'parse',
    'relative',
    'resolve',
    'toNamespacedPath',
  ] as const;
  return names.map((name) => [`path.${flavour}.${name}`, functions[name] as Native]);
}
