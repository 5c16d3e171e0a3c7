import { isAbsolute, sep } from 'node:path';
import { printable } from '../printable.ts';
import { isPlainName } from './grant.ts';
import { formatHostPlace, isPort, normalHost, socketHost } from './host.ts';
import type { MissingGrant } from './missing-grants.ts';
import { NeedError, type Need, type NetNeed } from './need.ts';
import type { PathRules } from './path-rules.ts';
import { findProgram } from './program.ts';

/** A need with the grant that it takes. */
export interface ResolvedNeed extends MissingGrant {
  /** What is to be used: the real path to open or run, the host to connect to (IPv6 without brackets), the name. */
  readonly use: string;
}

/**
 * Finds what a need is really about. Rejects with PermissionError `refused` for what is out of reach whatever is granted, with NeedError for what does not
 * exist or cannot be understood.
 */
export async function resolveNeed(
  need: Need,
  { projectDir, rules }: { readonly projectDir: string; readonly rules: PathRules },
): Promise<ResolvedNeed> {
  switch (need.kind) {
    case 'read':
    case 'write': {
      // Joined as text: `..` after a link is for the rules to follow.
      const value = await rules.resolve(isAbsolute(need.path) ? need.path : projectDir + sep + need.path, { itself: need.itself === true });
      return { grant: { kind: need.kind, value }, words: need.words ?? (need.kind === 'read' ? 'reads' : 'writes and removes in'), use: value };
    }
    case 'net':
      return resolveHost(need);
    case 'run': {
      const value = await findProgram(need.program, { directory: projectDir, rules, environment: process.env });
      return { grant: { kind: 'run', value }, words: need.words ?? 'runs', use: value };
    }
    case 'env':
    case 'secret': {
      const what = need.kind === 'env' ? 'a variable' : 'a secret';
      if (!isPlainName(need.name)) throw new NeedError(`"${printable(need.name)}" is no name of ${what}`);
      const words = need.words ?? (need.kind === 'env' ? 'reads the variable' : 'uses the secret');
      return { grant: { kind: need.kind, value: need.name }, words, use: need.name };
    }
  }
}

function resolveHost({ host: text, port, words }: NetNeed): ResolvedNeed {
  const host = normalHost(text);
  if (host === undefined) throw new NeedError(`"${printable(text)}" is no host name or address`);
  if (!isPort(port)) throw new NeedError(`${printable(text)}: ${port} is no port; ports go from 1 to 65535`);
  return { grant: { kind: 'net', value: formatHostPlace({ host, port }) }, words: words ?? 'connects to', use: socketHost(host) };
}
