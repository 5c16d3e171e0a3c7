import { type Change, itemsOf, type Plan, type Step } from './plan.ts';
import type { Findings } from './findings.ts';
import type { EngineRoot, GuardLimit, GuardLimits } from './sync-run.ts';

/**
 * Section 4 of semantics.md: why this plan must not be carried out unless someone approves exactly it; empty when nothing speaks against it, or nobody asked (`guard: false`).
 * Known files are those of the database. For removals, also what `killFiles` names, and on a root that the database does not know all files that were found.
 */
export function guardAgainst(plan: Plan, findings: Findings, limits: GuardLimits | undefined, roots: readonly EngineRoot[]): string[] {
  if (limits === undefined) return [];
  const reasons: string[] = [];
  const affected = countAffected(plan, findings);
  for (const [root, census] of findings.census.entries()) {
    const name = `root ${root} (${roots[root]?.vfs.label})`;
    if (!roots[root]?.alwaysEmpty && census.knownEntries >= 2 && census.entries === 0) {
      reasons.push(`${name} had ${census.knownEntries} entries at the last run and now has none`);
    }
    const { removed, overwritten } = affected[root] ?? { removed: 0, overwritten: 0 };
    const known = (census.knownFiles > 0 ? census.knownFiles : census.files) + census.strangersToKill;
    if (exceeds(removed, known, limits.maxRemove, limits.minFiles)) {
      reasons.push(`${removed} of ${known} files on ${name} would be removed (the limit is ${limitText(limits.maxRemove)})`);
    }
    if (exceeds(overwritten, census.knownFiles, limits.maxOverwrite, limits.minFiles)) {
      reasons.push(
        `${overwritten} of ${census.knownFiles} known files on ${name} would be overwritten (the limit is ${limitText(limits.maxOverwrite)})`,
      );
    }
  }
  return reasons;
}

function countAffected(plan: Plan, findings: Findings): { removed: number; overwritten: number }[] {
  const affected = findings.census.map(() => ({ removed: 0, overwritten: 0 }));
  for (const change of itemsOf(plan)) {
    // Nothing is lost where a file is new.
    if (change.kind === 'new-files') continue;
    if (change.kind === 'directory' && change.from === undefined) continue;
    for (const step of change.steps) {
      const figures = affected[step.to];
      if (figures === undefined || step.movedBy !== undefined) continue;
      const isKnown = change.row.baseline?.at[step.to] !== undefined;
      if (step.op === 'replace') figures.removed += filesBelow(change, step);
      if (step.op === 'remove') figures.removed++;
      else if ((step.op === 'copy' || step.op === 'replace') && isKnown && step.expected.kind !== 'nothing' && step.expected.kind !== 'directory')
        figures.overwritten++;
    }
  }
  return affected;
}

/** Files and links that go with a directory. */
function filesBelow({ below }: Change, { to }: Step): number {
  let files = 0;
  for (const { kind } of below?.get(to)?.values() ?? []) if (kind !== 'directory') files++;
  return files;
}

function exceeds(count: number, known: number, limit: GuardLimit, minFiles: number): boolean {
  if (count === 0 || count < minFiles || known === 0) return false;
  return 'files' in limit ? count > limit.files : count > known * limit.share;
}

function limitText(limit: GuardLimit): string {
  return 'files' in limit ? `${limit.files} files` : `${Math.round(limit.share * 1000) / 10}%`;
}
