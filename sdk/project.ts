/** A folder that takes part in a synchronization. Without options its URL alone stands for it: `roots: ['texts', { url: 'backup', targetOnly: true }]`. */
export interface Root {
  /**
   * Local path (relative to the project file, `~` is the home folder), UNC path, or schemes over one: `igz:` (each file compressed), `tfs:` (names, sizes and
   * times only), `null:` (swallows everything), `ienc:` (each file through a program, see `encoders`), `xvs:`, `uxvs:`, `rcy:` (keep what is overwritten or removed); or `vol1:` (media of limited size,
   * see `volumes`).
   */
  url: string;
  /** Never a source: its changes do not count, it only receives. Default false. */
  targetOnly?: boolean;
  /** Create the root folder, and those of its shadows, when they are missing; only together with `targetOnly`. Default false. */
  autoMkdir?: boolean;
  /** How hard files are compressed that are put into an archive (`zip:`): 0 (not at all) to 9 (smallest and slowest). Default 6. */
  level?: number;
  /** One or more root URLs on which every action on this root is done first. They must exist, unless `autoMkdir` is set; a run stops when they have lost what this root tells. */
  shadow?: string | string[];
}

/** What a filter callback learns about a path. */
export interface FilterEntry {
  kind: 'file' | 'directory' | 'link';
  name: string;
  /** Bytes, of the newest holder; absent where unknown and for directories. */
  size?: number;
  /** Of the newest holder; absent where unknown. */
  modified?: Date;
  /** What each root has there, by root index; null: nothing (or it could not be read). */
  at: ({ kind: 'file' | 'directory' | 'link' | 'other'; size?: number; modified?: Date } | null)[];
}
/** `true` or `'exclude'` takes the path out, `'include'` takes it in, anything falsy lets the patterns decide. */
export type FilterVerdict = boolean | 'exclude' | 'include' | null | undefined | void;
export type FilterCallback = (path: string, entry: FilterEntry) => FilterVerdict | Promise<FilterVerdict>;

/** A path that changed on several roots, or that roots hold in ways that cannot be reconciled. */
export interface Collision {
  path: string;
  reason: string;
  /** What each root has there, by root index; null: nothing. */
  at: ({ kind: 'file' | 'directory' | 'link' | 'other'; size?: number; modified?: Date } | null)[];
  /** Set in results when a policy, a callback or a rule settled it: `'newest'`, `'keepBoth'`, `'use root 1'`. */
  resolved?: string;
}
export type CollisionChoice = 'report' | 'newest' | 'keepBoth' | 'skip' | { use: number };
export type CollisionCallback = (collision: Collision) => CollisionChoice | Promise<CollisionChoice>;

export interface Guard {
  /** Share (`'50%'`, the default) or number of the files known on a root that a run may remove. */
  maxRemove?: number | string;
  /** Likewise for known files overwritten. Default `'50%'`. */
  maxOverwrite?: number | string;
  /** The shares count from this many affected files on. Default 10. */
  minFiles?: number;
}

/** Old versions of files, as `xvs:`, `uxvs:` and `rcy:` roots keep them before they overwrite or remove anything. */
export interface Versions {
  /**
   * Name of the folder that each directory has for them; with a `/` before it (`'/old'`), of one folder at the top of the root, as `rcy:` roots have it in any case. It is
   * out of scope. Default `'XVS'`; of `rcy:` the recycle bin of the desktop, and `.recycle` at the top for what that does not take.
   */
  folder?: string;
  /** Versions that a file may have. Where there are as many, the file is not overwritten or removed, and that is a problem of the run: nothing is lost. Default 10000. */
  max?: number;
  /** Patterns of files that are overwritten and removed without a version being kept; as for `excludeFiles`. */
  exclude?: string[];
  /** Which versions stay, of files that got one in a run; the others are removed when it ends. Default: all. */
  keep?: KeepVersions;
}

/**
 * A version stays that any of the rules keeps. `daily: 7` keeps the newest version of each day until seven days had one, likewise the others; by local time, weeks from
 * Monday. While a rule has not had as many, the oldest version stays too.
 */
export interface KeepVersions {
  /** The newest ones. */
  last?: number;
  hourly?: number;
  daily?: number;
  weekly?: number;
  monthly?: number;
  /** All that were set aside within this time before the newest one of the file: `'48h'`, `'30d'`, `'2w'`. */
  within?: string;
}

/** A program that content goes through: what it reads on its standard input is what it writes, in another form, on its standard output. */
export interface Encoder {
  /**
   * Program and arguments that encode, one text each: `['gpg', '--encrypt', '-r', 'me@example.org']`. No shell is involved. The program is a name, looked up on
   * the PATH, or a path; it may not lie where the script can write. A root that receives files needs it.
   */
  encode?: [string, ...string[]];
  /** Program and arguments that decode: `['gpg', '--decrypt']`. A source needs it. */
  decode?: [string, ...string[]];
  /** What the names of encoded files end in. Default `'.sx.enc'`. */
  extension?: string;
  /**
   * Name of a kept secret (`sxrun secret set NAME`; asked for when there is none) that is given, as a line, to each of the two that has `%PASSPHRASE_FD%` in an
   * argument, such as `'--passphrase-fd', '%PASSPHRASE_FD%'`. It is neither in an argument nor in a variable nor on disk.
   */
  passphrase?: string;
  /**
   * File descriptor that takes the place of `%PASSPHRASE_FD%`. Default 3, which has nothing but the passphrase. With 0 it is the first line of standard input: only for
   * programs that then read on behind that line, such as gpg, and needed for gpg on Windows.
   */
  passphraseFd?: 0 | 3;
  /** How long it may do nothing while it has input and its output is waited for, before it is ended: ms or a text such as `'30s'`. Default `'10m'`. */
  timeout?: number | string;
  /**
   * Of which files what `encode` makes is decoded at the same time, so that the file is only in place when the same has come back. `'some'`: all until one has passed, then one in 100, and
   * all again after a failure. `'none'`: for programs that do not give back the same (a sound or picture format), or where the key to decode is not at hand. Default `'some'` where there is `decode`.
   */
  verify?: 'some' | 'all' | 'none';
}

/** A set of media of limited size that is one root, `volX:`. A file is whole on one medium; which one is in a catalogue, so that media need not be in reach to be compared with. */
export interface Volume {
  /**
   * Where the media are: a folder whose path has `%INDEX%` where their numbers (1, 2, 3 …) are, such as `'/media/backup%INDEX%'`. Without `%INDEX%` all are put in at one place, one
   * after another, and `waitMedia` is needed. `igz:` may stand before it.
   */
  media: string;
  /** What a medium takes: bytes, or a size such as `'4.7GB'` (powers of 1000) or `'700MiB'` (of 1024). Default: what its file system has free. */
  limit?: number | string;
  /** Bytes that files, folders and links are rounded up to when they are counted. Default 2048, that of CDs and DVDs. */
  sectorSize?: number;
  /** On how many media each file is. One that cannot be read is read from another. Default 1. */
  copies?: number;
  /** Make the folder of a new medium when it is missing. Default false. */
  autoMkdir?: boolean;
  /** Empty a new medium that holds something, after asking for just this. Never one of this or another set, never when nobody can be asked. Default false: it is refused. */
  initialRemove?: boolean;
  /** Ask for a medium that is needed, and wait until it is put in. Default false: it is an error of the file. */
  waitMedia?: boolean;
  /** Numbers of media that are gone for good: what was only on them is brought again, to others. */
  lost?: number[];
  /** Path of the catalogue; it ends in `.syncvol`. Default: `<project file>.volX.syncvol`. */
  catalogue?: string;
}

/** A project file that exists on disk (`'photos.sync.ts'`), or a project. */
export type SubSync = string | Project;

export interface Project {
  /** Shown in logs. Default: the file name. */
  name?: string;
  /** Two or more; may be missing in a project that only runs `subSyncs`. */
  roots?: (string | Root)[];
  /** Run after this one; they inherit the options set here. */
  subSyncs?: SubSync[];
  /** Patterns: `*` (`/` included), `?`, `[seq]`, `[!seq]`; rooted with a leading `/`, else at any depth. */
  excludeFiles?: string[];
  /** Files that take part although they are excluded. First match wins: callback, rooted include, rooted exclude, unrooted include, unrooted exclude; else in. */
  includeFiles?: string[];
  /** Directories that stay out, with all that is below. Patterns as for files. */
  excludeDirs?: string[];
  /** Directories that take part although they are excluded. What is below an excluded directory is only reached when the way down is included, too. */
  includeDirs?: string[];
  /** Files removed in every root at each run. */
  killFiles?: string[];
  /**
   * Asked once for each file and link, whatever root has it: `true` or `'exclude'` takes it out, `'include'` takes it in, nothing lets the patterns decide.
   * May be async.
   */
  isExclude?: FilterCallback;
  /** The same for directories; an excluded one takes all below along. */
  isExcludeDir?: FilterCallback;
  /** Older files are not copied: a Date, ms since 1970, an ISO string, `'31.01.2003/15:00'`, or an age such as `'24h'`. */
  newerThan?: Date | number | string;
  /** true: `<project file>.syncdb`; a string: its path. Default false. */
  syncDb?: boolean | string;
  /** Removals travel too; implies `syncDb`. Default false. */
  syncRemove?: boolean;
  /** Target-only roots become exact copies. Default false. */
  mirror?: boolean;
  /** Default `'report'`. */
  onCollision?: 'report' | 'newest' | 'keepBoth' | CollisionCallback;
  /** Default `'time'`: time and size. */
  compare?: 'time' | 'size' | 'content';
  /** Times within 2 s are equal. Default false. */
  evenTime?: boolean;
  /** Minutes by which times may differ exactly, sizes being equal. Default none. */
  ignoreTimeShifts?: number[];
  /** Decide and show, change nothing; nor does anything else that the script calls, see `sync.simulation`. Default false. */
  simulation?: boolean;
  /** Make directories only when a file needs them. Default false. */
  lazyMkdir?: boolean;
  /**
   * `'ignore'` (default): links take no part. `'copy'`: the link itself is copied. `'follow'`: what a link leads to takes its place, as long as that lies in the root;
   * nothing is ever read or written through a link that leads out of it.
   */
  symlinks?: 'ignore' | 'copy' | 'follow';
  /**
   * What a file problem means (something cannot be read, copied or removed). `'stop'` (default): the run ends. `'continue-files'`: it goes on with the other files and
   * reports what is left. `'continue-syncs'`: also, a list of projects or `subSyncs` goes on after one that such a problem stopped. `'continue-subsyncs'`: also after one
   * that failed for another reason. Missing permissions and interrupts always stop.
   */
  onError?: 'stop' | 'continue-files' | 'continue-syncs' | 'continue-subsyncs';
  /** Limits that stop a run before it changes anything, with a way through for exactly that plan (`--approve`). `false` turns it off. Default: half of the known files. */
  guard?: Guard | false;
  /** Error unless the project file lies in a root. Default false. */
  checkCwd?: boolean;
  /** Everything shown goes to this file too; a string appends. */
  logFile?: string | { path: string; mode: 'append' | 'overwrite' };
  /** A line a path: as copied, or `remove PATH`; a string overwrites. */
  sourceList?: string | { path: string; mode: 'append' | 'overwrite' };
  /** More in the log: sizes, counts, what was left alone. Default false. */
  verbose?: boolean;
  /** File operations at once, per root. */
  parallel?: number;
  /** The programs behind `ienc(NAME):` roots, by name; with only one, `ienc:` is enough. */
  encoders?: Record<string, Encoder>;
  /** What `xvs:`, `uxvs:` and `rcy:` roots do with old versions. Default: all are kept. */
  versions?: Versions;
  /** The media behind `volX:` roots, by the character that stands for the X: `{ 1: { media: '/media/backup%INDEX%' } }` is `vol1:`. */
  volumes?: Record<string, Volume>;
}

/** Options that `sync.do` may override for one run. */
export type Overrides = Partial<Project>;

export interface ActionRecord {
  op: 'copy' | 'make' | 'remove' | 'move' | 'touch' | 'replace';
  kind: 'file' | 'directory' | 'link';
  path: string;
  /** Index of the root it comes from; absent for what has no source. */
  from?: number;
  /** Index of the root it is done on. */
  to: number;
  /** In words: `missing`, `older`, `removed on root 0`, `orphan` … */
  reason: string;
  /** For moves: where to. */
  moved?: string;
  size?: number;
}
export interface Problem {
  path: string;
  /** Index of the root; absent when it is about no single root. */
  root?: number;
  code: string;
  message: string;
}

/** Figures count paths: a file brought to two roots counts once; `bytes` counts what was written. */
export interface SyncResult {
  project: string;
  simulation: boolean;
  copied: number;
  removed: number;
  made: number;
  moved: number;
  /** Target is newer. */
  kept: number;
  bytes: number;
  collisions: Collision[];
  problems: Problem[];
  /** What was done (in a simulation: would be), in plan order. */
  actions: ActionRecord[];
  seconds: number;
}

export interface PlanSummary {
  copied: number;
  removed: number;
  made: number;
  moved: number;
  kept: number;
  bytes: number;
  collisions: number;
  problems: number;
}
