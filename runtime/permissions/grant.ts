import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { printable } from '../printable.ts';
import { formatHostPlace, parseHostPlace } from './host.ts';
import { isPath } from './program.ts';

export const GRANT_KINDS = ['read', 'write', 'net', 'run', 'env', 'secret'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/**
 * One permission beyond the project's own folder, written `kind:value`:
 *
 * | kind | value |
 * |---|---|
 * | `read` | absolute path: its files and folders may be listed and read |
 * | `write` | absolute path: files and folders may be made, overwritten and removed there. Neither of the two includes the other |
 * | `net` | `host` (all ports, no subdomains) or `host:port`, in the spelling of `normalHost`; IPv6 in brackets |
 * | `run` | a program: its real path once it is granted (`withRealPath`), a name or an absolute path before |
 * | `env`, `secret` | a name |
 */
export interface Grant {
  readonly kind: GrantKind;
  readonly value: string;
}

/** A grant that cannot be understood; the message says what to write instead. A user's mistake, exit code 2. */
export class GrantError extends Error {
  override readonly name = 'GrantError';
}

/** Reads `kind:value`. Relative paths start at `directory`, `~` is the home folder. Links are not resolved. Throws GrantError. */
export function parseGrant(text: string, directory: string): Grant {
  const colon = text.indexOf(':');
  const kind = GRANT_KINDS.find((known) => known === text.slice(0, Math.max(colon, 0)));
  if (kind === undefined) {
    const drive = /^[a-z]:[\\/]/i.test(text) || colon < 0 ? ` For a path write read:${printable(text)} or write:${printable(text)}.` : '';
    throw new GrantError(
      `"${printable(text)}" is no grant. Write read:PATH, write:PATH, net:HOST[:PORT], run:PROGRAM, env:NAME or secret:NAME.${drive}`,
    );
  }
  return grantOf(kind, text.slice(colon + 1), directory);
}

/** A grant of a known kind, as after `--allow-read=`. Relative paths start at `directory`. Throws GrantError. */
export function grantOf(kind: GrantKind, value: string, directory: string): Grant {
  if (value === '') throw new GrantError(`"${kind}:" grants nothing. Write ${EXAMPLES[kind]}.`);
  if (value.includes('\0')) throw new GrantError(`"${kind}:${printable(value)}" holds a NUL character. Write ${EXAMPLES[kind]}.`);
  return { kind, value: NORMALIZE[kind](value, directory) };
}

export function formatGrant(grant: Grant): string {
  return `${grant.kind}:${grant.value}`;
}

const EXAMPLES: Record<GrantKind, string> = {
  read: 'read:/path/to/folder',
  write: 'write:/path/to/folder',
  net: 'net:host.example or net:host.example:22',
  run: 'run:gpg or run:/usr/bin/gpg',
  env: 'env:NAME',
  secret: 'secret:NAME',
};

const NORMALIZE: Record<GrantKind, (value: string, directory: string) => string> = {
  read: absolutePath,
  write: absolutePath,
  net: normalPlace,
  run: (value, directory) => (isPath(value) ? absolutePath(value, directory) : value),
  env: (value) => plainName('env', value),
  secret: (value) => plainName('secret', value),
};

function absolutePath(value: string, directory: string): string {
  const path = value === '~' || value.startsWith('~/') || value.startsWith('~\\') ? join(homedir(), value.slice(1)) : value;
  return isAbsolute(path) ? resolve(path) : resolve(directory, path);
}

function normalPlace(value: string): string {
  const place = parseHostPlace(value);
  if (place !== undefined) return formatHostPlace(place);
  throw new GrantError(`"net:${printable(value)}" is no host. Write ${EXAMPLES.net}: no scheme, user or path, one host, port 1 to 65535.`);
}

function plainName(kind: 'env' | 'secret', value: string): string {
  if (!isPlainName(value)) throw new GrantError(`"${kind}:${printable(value)}" is no name. Write ${EXAMPLES[kind]}, one grant a name.`);
  return value;
}

/** Of a variable or a secret. */
export function isPlainName(value: string): boolean {
  return value !== '' && !/[\s=,*]|\p{C}/u.test(value);
}
