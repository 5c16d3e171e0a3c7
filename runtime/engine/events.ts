import type { PlanSummary } from '../../sdk/project.ts';
import type { RelPath } from '../vfs/path.ts';

export type ActionOp = 'copy' | 'make' | 'remove' | 'move' | 'touch' | 'replace';

/** What a run would do, did, met. Root numbers are indices into the project's roots. Readers are in report/. */
export type RunEvent =
  | {
      readonly type: 'start';
      readonly project: string;
      readonly roots: readonly string[];
      readonly simulation: boolean /** Of each root; absent: none has any. */;
      readonly shadows?: readonly (readonly string[])[];
    }
  | { readonly type: 'scan'; readonly entries: number; readonly done: boolean }
  | { readonly type: 'planned'; readonly files: number; readonly bytes: number }
  | ActionEvent
  /** Files and bytes done so far, out of what was planned. */
  | { readonly type: 'progress'; readonly files: number; readonly bytes: number; readonly totalFiles: number; readonly totalBytes: number }
  /** Left alone with a reason: `target is newer`, `stays: holds files out of scope` … `counted`: part of `SyncResult.kept`. */
  | { readonly type: 'kept'; readonly path: RelPath; readonly root: number; readonly reason: string; readonly counted: boolean }
  | { readonly type: 'collision'; readonly path: RelPath; readonly reason: string; readonly resolved: string | undefined }
  | { readonly type: 'problem'; readonly path: RelPath; readonly root: number | undefined; readonly code: string; readonly message: string }
  | { readonly type: 'guard'; readonly planId: string; readonly reasons: readonly string[]; readonly approved: boolean }
  /** The run ended before its time: which guard, which permission, which error. */
  | { readonly type: 'stopped'; readonly cause: 'guard' | 'permission' | 'lock' | 'error' | 'interrupt'; readonly message: string }
  /** What a script asked for and a simulation leaves out: `run gpg -e a.txt`. */
  | { readonly type: 'suppressed'; readonly step: string }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  /** A fact about the run. `onlyVerbose`: text shows it with `verbose` only. */
  | { readonly type: 'detail'; readonly message: string; readonly onlyVerbose?: true }
  | VersionEvent
  | ResultEvent
  | { readonly type: 'exit'; readonly code: number };

/** `op` at `path`; `from` the root it comes from (copies), `to` the root it is done on; `moved`: the path it is moved to. */
export interface ActionEvent {
  readonly type: 'action';
  readonly op: ActionOp;
  readonly path: RelPath;
  readonly from: number | undefined;
  readonly to: number;
  readonly reason: string;
  readonly moved?: RelPath;
  readonly size?: number;
  readonly kind: 'file' | 'directory' | 'link';
  /** Of a copy or replacement: the file or link that gives way; absent: none does. */
  readonly overwrites?: 'file' | 'link';
}

/**
 * A root that keeps old versions has put one `aside`, or has removed one that no rule keeps (`remove`); in a simulation, would. `stored`: where it is in the root;
 * undefined: nowhere yet. `shadow`: it is not on the root itself, but on that shadow of it.
 */
export interface VersionEvent {
  readonly type: 'version';
  readonly op: 'aside' | 'remove';
  readonly path: RelPath;
  readonly root: number;
  readonly shadow?: string;
  readonly stored: RelPath | undefined;
  readonly reason: string;
}

/** The figures are what was done until the end, in a simulation what would be; `collisions` are those that nothing resolved. */
export interface ResultEvent extends Readonly<PlanSummary> {
  readonly type: 'result';
  readonly project: string;
  readonly simulation: boolean;
  readonly seconds: number;
  /** Old versions that were put aside and removed; absent: none were. */
  readonly versions?: { readonly aside: number; readonly removed: number };
  /** `guarded`: a guard stopped it; `failed`: a problem or a root did. */
  readonly end: 'finished' | 'guarded' | 'failed' | 'interrupted';
}

export type Emit = (event: RunEvent) => void;
