import { dirname } from 'node:path';
import { ownFolders } from '../../machine/own-folders.ts';
import type { PermissionEntry } from '../../permissions/audit.ts';
import { createBroker } from '../../permissions/broker.ts';
import { formatGrant, type Grant } from '../../permissions/grant.ts';
import { allowLine } from '../../permissions/missing-grants.ts';
import { type Need, NeedError } from '../../permissions/need.ts';
import { createPathRules } from '../../permissions/path-rules.ts';
import { PermissionError } from '../../permissions/permission-error.ts';
import { rememberedGrants } from '../remembered-grants.ts';
import type { Finding } from './finding.ts';

export interface WantedGrants {
  /** `read:/mnt/usb`; what is allowed already is not in it. */
  readonly grants: readonly string[];
  /** The command that allows them. */
  readonly allowLine: string | undefined;
  /** What does not exist on this machine. */
  readonly warnings: readonly Finding[];
  /** What nobody can allow. */
  readonly refused: readonly Finding[];
}

export interface PlacedNeed {
  readonly need: Need;
  /** Where the source wants it. */
  readonly place: Omit<Finding, 'message'>;
}

/** What a run would ask for to have these needs. Nobody is asked. */
export async function wantedGrants(projectFile: string, sourcesHash: string, needs: readonly PlacedNeed[]): Promise<WantedGrants> {
  const missing = new Map<string, Grant>();
  const warnings: Finding[] = [];
  const refused: Finding[] = [];
  const broker = await createBroker({
    projectFile,
    projectDir: dirname(projectFile),
    sourcesHash,
    flags: { all: false, read: [], write: [], net: [], run: [], env: [], secret: [] },
    currentDir: dirname(projectFile),
    namedRoots: [],
    remembered: rememberedGrants(),
    rules: createPathRules(ownFolders().protected),
    ask: undefined,
    audit: (entry) => entry.what === 'permission' && note(entry),
  });
  function note({ kind, value, refused: code }: PermissionEntry): void {
    if (code === 'missing' || code === 'denied') missing.set(formatGrant({ kind, value }), { kind, value });
  }
  for (const { need, place } of needs) {
    try {
      await broker.require([need]);
    } catch (error) {
      if (error instanceof NeedError) warnings.push({ ...place, message: error.message });
      else if (!(error instanceof PermissionError)) throw error;
      else if (error.code !== 'missing' && error.code !== 'denied') refused.push({ ...place, message: error.message });
    }
  }
  const grants = [...missing.values()].sort((a, b) => (formatGrant(a) < formatGrant(b) ? -1 : 1));
  return {
    grants: grants.map(formatGrant),
    allowLine: grants.length === 0 ? undefined : allowLine({ projectFile, subProjects: [], grants }),
    warnings,
    refused,
  };
}
