import type { KeepRules } from './version-rules.ts';

/** An old version as the rules see it. */
export interface JudgedVersion {
  readonly number: number;
  /** ms since 1970: when it was set aside, or of its content where that is not known; undefined: neither is known. */
  readonly timeMs: number | undefined;
}

/** Why each version stays, in the order given; empty: it goes. */
export type Verdicts = readonly (readonly string[])[];

/**
 * Judges the versions of one file as restic and borg judge snapshots: from the newest on, a rule such as `daily: 7` keeps the newest version of each day until seven
 * days had one; while it has not had that many, it keeps the oldest of all as well. Rules are joined by "or". What has no known time stays.
 */
export function judgeVersions(versions: readonly JudgedVersion[], rules: KeepRules): Verdicts {
  const reasons = versions.map((): string[] => []);
  const keep = (version: Dated, reason: string) => reasons[version.index]?.push(reason);
  const dated: Dated[] = [];
  for (const [index, { number, timeMs }] of versions.entries()) {
    if (timeMs === undefined) reasons[index]?.push('its time is not known');
    else dated.push({ index, number, timeMs });
  }
  dated.sort((a, b) => b.timeMs - a.timeMs || b.number - a.number);
  const [newest] = dated;
  if (newest === undefined) return reasons;
  for (const version of dated.slice(0, rules.last ?? 0)) keep(version, 'last');
  for (const [rule, periodOf] of PERIODS) keepByPeriod(dated, { rule, periodOf, count: rules[rule] ?? 0 }, keep);
  const { withinMs } = rules;
  if (withinMs !== undefined) for (const version of dated) if (newest.timeMs - version.timeMs <= withinMs) keep(version, 'within');
  if (hasNoRule(rules)) for (const version of dated) keep(version, 'no rule');
  return reasons;
}

interface Dated extends JudgedVersion {
  readonly index: number;
  readonly timeMs: number;
}

type PeriodRule = 'hourly' | 'daily' | 'weekly' | 'monthly';

/** The start of the period that a time lies in; local, since people think of their own days. */
const PERIODS: readonly (readonly [PeriodRule, (time: Date) => number])[] = [
  // An hour of the clock that comes twice (end of summer time) is two hours.
  ['hourly', (time) => time.getTime() - time.getMinutes() * 60_000 - time.getSeconds() * 1000 - time.getMilliseconds()],
  ['daily', (time) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime()],
  ['weekly', (time) => new Date(time.getFullYear(), time.getMonth(), time.getDate() - ((time.getDay() + 6) % 7)).getTime()],
  ['monthly', (time) => new Date(time.getFullYear(), time.getMonth(), 1).getTime()],
];

interface PeriodCount {
  readonly rule: PeriodRule;
  readonly periodOf: (time: Date) => number;
  readonly count: number;
}

function keepByPeriod(newestFirst: readonly Dated[], { rule, periodOf, count }: PeriodCount, keep: (version: Dated, reason: string) => void): void {
  let left = count;
  let period: number | undefined;
  for (const version of newestFirst) {
    if (left === 0) return;
    const its = periodOf(new Date(version.timeMs));
    if (its === period) continue;
    period = its;
    left--;
    keep(version, rule);
    if (version === newestFirst.at(-1)) return;
  }
  const oldest = newestFirst.at(-1);
  if (left > 0 && oldest !== undefined) keep(oldest, `oldest, while ${rule} is not full`);
}

function hasNoRule({ last, hourly, daily, weekly, monthly, withinMs }: KeepRules): boolean {
  return [last, hourly, daily, weekly, monthly, withinMs].every((rule) => rule === undefined);
}
