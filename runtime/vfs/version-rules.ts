/** Which old versions stay; a version that any rule keeps stays. Without a rule all stay. */
export interface KeepRules {
  /** The newest ones. */
  readonly last?: number;
  /** The newest one of each of so many hours, days, weeks (from Monday), months that have any, by local time. */
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  /** ms: all that are not older than this, counted from the newest version of the file. */
  readonly withinMs?: number;
}

/** What a root with old versions does (option `versions`). */
export interface VersionRules {
  /** Name of the folder beside the files, or `/NAME`: one at the top of the root; undefined: that of the scheme. */
  readonly folder: string | undefined;
  /** Versions of one file; none is removed for a new one, which is refused instead. */
  readonly max: number;
  /** Patterns of files that are not kept, as for `excludeFiles`. */
  readonly exclude: readonly string[];
  /** Applied to the files that got versions, when the root is closed; undefined: all stay. */
  readonly keep: KeepRules | undefined;
}

/** The manual's limit ("XVS principle"). */
export const MOST_VERSIONS = 10_000;

export const DEFAULT_VERSION_RULES: VersionRules = { folder: undefined, max: MOST_VERSIONS, exclude: [], keep: undefined };
