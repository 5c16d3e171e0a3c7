import { judgeVersions } from '../vfs/judge-versions.ts';
import { type StoredVersion, timeOfVersion } from '../vfs/stored-versions.ts';
import type { KeepRules } from '../vfs/version-rules.ts';
import type { History } from './version-history.ts';

/** A version, and which rules keep it; none: it goes. */
export interface Judged {
  readonly version: StoredVersion;
  readonly reasons: readonly string[];
}

/** The rules applied to the versions of one path. Changes nothing. */
export function judgeHistory({ versions }: History, rules: KeepRules): readonly Judged[] {
  const verdicts = judgeVersions(
    versions.map((version) => ({ number: version.number, timeMs: timeOfVersion(version) })),
    rules,
  );
  return versions.map((version, at) => ({ version, reasons: verdicts[at] ?? [] }));
}
