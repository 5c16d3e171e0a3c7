import { keepRulesOf } from '../project/options/version-options.ts';
import { OptionError } from '../project/options/option-error.ts';
import { UsageError } from './usage-error.ts';

/** `--keep-last N` … as they were given. */
export interface KeepFlags {
  readonly keepLast?: string;
  readonly keepHourly?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly keepWithin?: string;
}

export function hasKeepFlags(flags: KeepFlags): boolean {
  return [flags.keepLast, flags.keepHourly, flags.keepDaily, flags.keepWeekly, flags.keepMonthly, flags.keepWithin].some(
    (flag) => flag !== undefined,
  );
}

/** The rules that flags say. Throws `UsageError`, also where they say none. */
export function keepRulesFrom(flags: KeepFlags): ReturnType<typeof keepRulesOf> {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepWithin } = flags;
  const counts = {
    last: count('--keep-last', keepLast),
    hourly: count('--keep-hourly', keepHourly),
    daily: count('--keep-daily', keepDaily),
    weekly: count('--keep-weekly', keepWeekly),
    monthly: count('--keep-monthly', keepMonthly),
  };
  if (!hasKeepFlags(flags)) throw new UsageError('sxrun versions prune: say what stays, for instance --keep-last 3 --keep-daily 7 --keep-within 48h');
  try {
    return keepRulesOf({ ...counts, within: keepWithin }, '--keep');
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(`--keep-within ${keepWithin ?? ''} is no age such as 48h, 30d or 2w`);
    throw error;
  }
}

function count(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${flag} ${text} is no whole number from 1 on`);
  return Number(text);
}
