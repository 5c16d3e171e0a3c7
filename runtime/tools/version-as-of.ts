import type { History, HistoryVersion } from './version-history.ts';

/** What was at a path at some time. */
export type PastState =
  | { readonly kind: 'version'; readonly version: HistoryVersion; readonly certain: boolean }
  /** What is there now was there then. */
  | { readonly kind: 'present'; readonly certain: boolean }
  | { readonly kind: 'nothing' };

/** A version with the time until which it was the present one. */
interface Ended {
  readonly version: HistoryVersion;
  readonly endMs: number;
  /** False: nobody noted the end, and it is taken from the time of the content that came next. */
  readonly certain: boolean;
}

/**
 * What a path held at `atMs`: the first version that was set aside after it, else what is there now. Whether that was there already is told by the one before it
 * (it took its place at once, when that was overwritten), else by the time of its content. Versions of which nobody noted when they were set aside are taken to
 * have ended when the next content was made; without a next one, never. A content with a time later than its own end, or than `nowMs`, may have been there at any
 * time: it is taken to have been there.
 */
export function stateAt({ versions, present }: History, atMs: number, nowMs: number = Date.now()): PastState {
  const ended = endsOf(versions, present?.kind === 'file' || present?.kind === 'link' ? present.modifiedMs : undefined);
  const index = ended.findIndex(({ endMs }) => endMs > atMs);
  const before = ended[(index < 0 ? ended.length : index) - 1];
  const found = ended[index];
  // A gap in the numbers is one that was pruned.
  const isNext = found === undefined || found.version.number === (before?.version.number ?? 0) + 1;
  const followedAtOnce = isNext && before?.version.setAside?.by === 'overwritten';
  const wasThere = (modifiedMs: number | undefined, endMs: number) =>
    followedAtOnce || modifiedMs === undefined || modifiedMs <= atMs || modifiedMs > endMs;
  if (found !== undefined) {
    const { version, certain, endMs } = found;
    const { modifiedMs = atMs } = version.entry;
    return wasThere(modifiedMs, certain ? endMs : nowMs)
      ? { kind: 'version', version, certain: certain && (followedAtOnce || (before === undefined && isNext && modifiedMs <= atMs)) }
      : NOTHING_THEN;
  }
  if (present?.kind !== 'file' && present?.kind !== 'link') return NOTHING_THEN;
  return wasThere(present.modifiedMs, nowMs) ? { kind: 'present', certain: followedAtOnce } : NOTHING_THEN;
}

const NOTHING_THEN: PastState = { kind: 'nothing' };

function endsOf(versions: readonly HistoryVersion[], presentMs: number | undefined): readonly Ended[] {
  const ends: Ended[] = [];
  const inOrder = versions.toSorted((a, b) => timeOf(a) - timeOf(b) || a.number - b.number);
  for (const [at, version] of inOrder.entries()) {
    const next = inOrder[at + 1];
    const guess = next === undefined ? presentMs : next.entry.modifiedMs;
    ends.push({ version, endMs: version.setAside?.atMs ?? guess ?? Number.POSITIVE_INFINITY, certain: version.setAside !== undefined });
  }
  return ends;
}

function timeOf({ setAside, entry }: HistoryVersion): number {
  return setAside?.atMs ?? entry.modifiedMs ?? 0;
}
