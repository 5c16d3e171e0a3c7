import type { Collision, CollisionChoice, PlanSummary, SyncResult } from './project.ts';
import type { ExecMethods } from './exec-protocol.ts';
import type { FetchMethods } from './fetch-protocol.ts';
import type { FilterCall, FilterVerdicts } from './filter-protocol.ts';
import type { MailMethods } from './mail-protocol.ts';
import type { ValueMethods } from './values-protocol.ts';
import type { FileMethods } from './xfile-protocol.ts';
import type { LockMethods } from './lock-protocol.ts';

/**
 * Everything that crosses the wall between script and host. Each message is the JSON text of one of these, and for some there are bytes beside it, which JSON
 * cannot say: `attached`. Times are ms since 1970.
 * A `HostCall` is answered by one `HostReply` with its id, a `HookCall` by one `HookReply`; a `HostNote` is never answered.
 * Hooks are called while the `HostCall` that brought the callback is under way.
 */
export type FromScript = ({ readonly type: 'call' } & HostCall) | ({ readonly type: 'note' } & HostNote) | ({ readonly type: 'answer' } & HookReply);
export type ToScript = ({ readonly type: 'reply' } & HostReply) | ({ readonly type: 'hook' } & HookCall);

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** One option of a project as it crosses: what JSON can say, or one of the things it cannot. */
export type WireOption =
  | { readonly kind: 'data'; readonly value: Json }
  /** A Date, ms since 1970. */
  | { readonly kind: 'date'; readonly ms: number }
  /** A function that the host may call by this number until the call it came with is answered. */
  | { readonly kind: 'callback'; readonly number: number }
  /** `subSyncs`: files and projects, in order. */
  | { readonly kind: 'projects'; readonly projects: readonly WireTarget[] };
export type WireOptions = { readonly [option: string]: WireOption };

export interface WireProject {
  readonly kind: 'project';
  /** Absolute path of the module that called `defineProject`, or whose default export this is; absent: the script's own file. */
  readonly file?: string;
  /** The script's stack at `defineProject`; absent when it was written right into a call. */
  readonly definedAt?: string;
  readonly options: WireOptions;
}
/** A project file named by path, relative to `from` (the project that names it; absent: the script's own file). */
export interface WireFile {
  readonly kind: 'file';
  readonly path: string;
  readonly from?: string;
}
export type WireTarget = WireProject | WireFile;

export interface SyncRequest {
  /** Nobody looks at what was done: the result comes without its actions, which can be many. */
  readonly figuresOnly?: true;
  readonly target: WireTarget;
  readonly overrides: WireOptions;
  /** What comes after it in a list, so that what it takes is asked for in one go. */
  readonly later?: readonly WireTarget[];
}

type WireDates<Item> = Omit<Item, 'at'> & { readonly at: readonly (WireHolder | null)[] };
/** What one root has at a path. */
export interface WireHolder {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size?: number;
  readonly modified?: number;
}
export type WireCollision = WireDates<Collision>;
/** A `SyncResult`; its action list can be long and is a JSON text of its own, parsed when the script looks at it. */
export type WireSyncResult = Omit<SyncResult, 'collisions' | 'actions'> & {
  readonly collisions: readonly WireCollision[];
  /** JSON text of `ActionRecord[]`. */
  readonly actions: string;
};
export interface WirePlan {
  readonly id: string;
  readonly summary: PlanSummary;
  /** JSON text of `ActionRecord[]`. */
  readonly actions: string;
}

/** Requests that the host answers: name → what is sent and what comes back. */
export interface HostMethods extends SyncMethods, FunctionMethods {}
export interface SyncMethods {
  'sync.do': { readonly request: SyncRequest; readonly reply: WireSyncResult };
  'sync.plan': { readonly request: SyncRequest; readonly reply: WirePlan };
}
/** Plans that are kept for later. A plan of this script is known by its id. */
export interface PlanMethods {
  'plan.save': { readonly request: { readonly id: string; readonly url: string }; readonly reply: null };
  'sync.apply': { readonly request: { readonly id: string } | { readonly url: string }; readonly reply: WireSyncResult };
}
/** The functions of the SDK besides `sync`: one file a namespace. Their requests and replies are what JSON can say. */
export interface FunctionMethods extends PlanMethods, FileMethods, LockMethods, ValueMethods, ExecMethods, FetchMethods, MailMethods {}
export type HostMethod = keyof HostMethods;
export type FunctionMethod = keyof FunctionMethods;
/** Every method, to know a name that comes from the other side of the wall. */
export const HOST_METHODS: Readonly<Record<HostMethod, 'sync' | 'function'>> = {
  'sync.do': 'sync',
  'sync.plan': 'sync',
  'sync.apply': 'function',
  'plan.save': 'function',
  'xfile.exists': 'function',
  'xfile.stat': 'function',
  'xfile.list': 'function',
  'xfile.walk': 'function',
  'xfile.walkMore': 'function',
  'xfile.walkEnd': 'function',
  'xfile.readText': 'function',
  'xfile.readBytes': 'function',
  'xfile.writeText': 'function',
  'xfile.writeBytes': 'function',
  'xfile.appendText': 'function',
  'xfile.copy': 'function',
  'xfile.move': 'function',
  'xfile.remove': 'function',
  'xfile.touch': 'function',
  'xfile.mkdir': 'function',
  'xfile.rmdir': 'function',
  'xfile.removeRecursive': 'function',
  'lock.take': 'function',
  'lock.release': 'function',
  secret: 'function',
  env: 'function',
  ask: 'function',
  exec: 'function',
  fetch: 'function',
  'mail.send': 'function',
};

export interface HostCall<Method extends HostMethod = HostMethod> {
  readonly id: number;
  readonly method: Method;
  readonly request: HostMethods[Method]['request'];
  /** The script's stack at the call, as its engine words it. */
  readonly stack: string;
  /** The part of the request that stands beside the text, as bytes. */
  readonly attached?: string;
}
export type HostReply<Method extends HostMethod = HostMethod> =
  | { readonly id: number; readonly ok: true; readonly value: Exclude<HostMethods[Method]['reply'], Uint8Array> }
  /** The answer is the bytes that stand beside the text. */
  | { readonly id: number; readonly ok: true; readonly attached: true }
  | { readonly id: number; readonly ok: false; readonly error: WireError };

/** Things the host is told without answering. */
export type HostNote =
  | { readonly note: 'log'; readonly level: LogLevel; readonly message: string }
  /** A project of the script is a simulation: from now on nothing that the script calls changes anything. */
  | { readonly note: 'simulation' }
  /** A call that nobody awaited; sent when all is done. */
  | { readonly note: 'never-awaited'; readonly method: HostMethod; readonly stack: string };
export type LogLevel = 'info' | 'warn' | 'error';

/**
 * - `options`: the project is not what `sync.do` takes; nothing was done.
 * - `permission`: a grant is missing; nothing was done. Final, even if the script catches it.
 * - `guard`: the plan would remove or overwrite too much; nothing was done.
 * - `locked`: another run holds the database.
 * - `database`: the database is damaged or of a newer version.
 * - `root`: a root cannot be reached or is not a folder.
 * - `stopped`: a file problem ended the run (`onError: 'stop'`).
 * - `callback`: a callback of the project threw, or gave an answer that it cannot give.
 * - `script`: a project file that was to run as sub-project has an error.
 * - `interrupted`: Ctrl-C or a signal.
 * - `plan`: a plan that is not known (any more), or a file that is no plan.
 * - `secret`: there is no secret of that name, or it cannot be read.
 * - `no-answer`: nobody can be asked.
 * - `program`: a program could not be started, took too long, wrote too much, or failed (`reject`).
 * - `network`: a server could not be reached, did not answer in time, or sent too much.
 * - `mail`: a mail was not sent, or not to all.
 * - `not-found`, `exists`, `not-empty`, `wrong-kind`, `changed`, `denied`, `read-only`, `no-space`, `too-large`, `file`: what `xfile` and all else that handles
 *   files meets; `file` is anything without a code of its own.
 */
export type SyncErrorCode =
  | 'options'
  | 'permission'
  | 'guard'
  | 'locked'
  | 'database'
  | 'root'
  | 'stopped'
  | 'callback'
  | 'script'
  | 'interrupted'
  | 'plan'
  | 'secret'
  | 'no-answer'
  | 'program'
  | 'network'
  | 'mail'
  | FileErrorCode;
export type FileErrorCode =
  | 'not-found'
  | 'exists'
  | 'not-empty'
  | 'wrong-kind'
  | 'changed'
  | 'denied'
  | 'read-only'
  | 'no-space'
  | 'too-large'
  | 'file';

/** What becomes a `SyncError` in the script. */
export interface WireError {
  readonly code: SyncErrorCode;
  readonly message: string;
  readonly path?: string;
  readonly root?: number;
  /** What was done until then. */
  readonly result?: WireSyncResult;
  /** Where the script made the call: `photos.sync.ts:12:3`. */
  readonly line?: string;
  /** `sync.do` of a list goes on with the next project, and rejects at the end (`onError: 'continue-syncs'`). */
  readonly goOn?: boolean;
}

export interface CollisionCall {
  readonly hook: 'collision';
  readonly callback: number;
  readonly collision: WireCollision;
}
export type HookCall = { readonly id: number } & (FilterCall | CollisionCall);
/** `definedAt`: where the callback is, worded as a stack, for errors that have no line of the script. */
export type HookReply =
  | { readonly id: number; readonly hook: 'filter'; readonly verdicts: FilterVerdicts }
  | { readonly id: number; readonly hook: 'collision'; readonly choice: CollisionChoice }
  | { readonly id: number; readonly hook: 'failed'; readonly error: WireThrown; readonly definedAt: string };

/** Something thrown in the script. */
export interface WireThrown {
  /** The name of an Error; empty for anything else. */
  readonly name: string;
  /** As people read it: `TypeError: x is not a function`. */
  readonly message: string;
  /** As the script's engine words it; empty when what was thrown is no Error. */
  readonly stack: string;
  /** Set for a `SyncError`: the id of the call that it answered. */
  readonly call?: number;
}

/** Facts of the run, known before the script starts. */
export interface Facts {
  /** `-s` was given. */
  readonly simulation: boolean;
  /** What stood after `--` on the command line. */
  readonly args: readonly string[];
  /** Absolute path; for a project from standard input a name in its folder that does not exist. */
  readonly projectFile: string;
  readonly projectDir: string;
  readonly sandboxed: boolean;
}
