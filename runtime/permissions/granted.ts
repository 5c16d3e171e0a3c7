import type { Grant } from './grant.ts';
import { parseHostPlace } from './host.ts';
import { isBelow } from './path-match.ts';

/** What a permission was given by. */
export type GrantedBy = 'own folder' | 'named root' | 'flag' | 'remembered' | 'prompt' | '-A';

export interface Granted {
  readonly grant: Grant;
  readonly by: GrantedBy;
}

/** True when the one allows the other. Both as resolved: real paths, hosts in their one spelling. */
export function covers(grant: Grant, wanted: Grant): boolean {
  if (grant.kind !== wanted.kind) return false;
  switch (grant.kind) {
    case 'read':
    case 'write':
      return isBelow(wanted.value, grant.value);
    case 'run':
      return isBelow(wanted.value, grant.value) && isBelow(grant.value, wanted.value);
    case 'net':
      return coversPlace(grant.value, wanted.value);
    case 'env':
      return wanted.value === grant.value || (process.platform === 'win32' && isSameVariable(wanted.value, grant.value));
    case 'secret':
      return wanted.value === grant.value;
  }
}

/** `HOST` covers all ports, no subdomains. */
function coversPlace(granted: string, wanted: string): boolean {
  const outer = parseHostPlace(granted);
  const inner = parseHostPlace(wanted);
  if (outer === undefined || inner === undefined || outer.host !== inner.host) return false;
  return outer.port === undefined || outer.port === inner.port;
}

/** Names of variables do not tell case on Windows. */
function isSameVariable(one: string, other: string): boolean {
  return one.length === other.length && one.toUpperCase() === other.toUpperCase();
}
