import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { printable } from '../printable.ts';

export const GRANT_KINDS = ['read', 'write', 'net', 'run', 'env', 'secret'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/**
 * One permission beyond the project's own folder, written `kind:value`:
 *
 * | kind | value |
 * |---|---|
 * | `read` | absolute path: its files and folders may be listed and read |
 * | `write` | absolute path: files and folders may be made, overwritten and removed there. Neither of the two includes the other |
 * | `net` | `host` (all ports) or `host:port`, in the spelling of the URL standard; IPv6 in brackets |
 * | `run` | name or path of a program |
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
  net: normalHost,
  run: (value) => value,
  env: plainName('env'),
  secret: plainName('secret'),
};

function absolutePath(value: string, directory: string): string {
  const path = value === '~' || value.startsWith('~/') || value.startsWith('~\\') ? join(homedir(), value.slice(1)) : value;
  return isAbsolute(path) ? resolve(path) : resolve(directory, path);
}

function normalHost(value: string): string {
  const wrong = new GrantError(`"net:${printable(value)}" is no host. Write ${EXAMPLES.net}: no scheme, user or path, one host, port 1 to 65535.`);
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/\\?#@[\]*%]+)(?::([0-9]{1,5}))?$/i.exec(value);
  if (!match?.[1]) throw wrong;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > 65535)) throw wrong;
  const url = URL.canParse(`http://${match[1]}/`) ? new URL(`http://${match[1]}/`) : undefined;
  if (!url?.hostname) throw wrong;
  return port === undefined ? url.hostname : `${url.hostname}:${port}`;
}

function plainName(kind: GrantKind): (value: string) => string {
  return (value) => {
    if (/[\s=,*]|\p{C}/u.test(value)) throw new GrantError(`"${kind}:${printable(value)}" is no name. Write ${EXAMPLES[kind]}, one grant a name.`);
    return value;
  };
}
