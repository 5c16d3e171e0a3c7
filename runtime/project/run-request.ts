import type { Overrides } from '../../sdk/project.ts';
import type { Emit } from '../engine/events.ts';
import type { Redactor } from './redact.ts';

/** What the command line (or any other front) asks the runtime to do. */
export interface RunRequest {
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    /** A project read from standard input; `directory` is its project folder. */
    | { readonly kind: 'text'; readonly text: string; readonly directory: string }
    /** `-z`: only what `overrides` says. */
    | { readonly kind: 'none'; readonly directory: string }
    /** `sxrun apply`: a plan that was saved. */
    | { readonly kind: 'plan'; readonly path: string };
  /** `sxrun plan`: absolute path of the file that gets what the (simulated) run would do. */
  readonly planFile: string | undefined;
  /** Options of the command line: they win over the project and reach its sub-projects. Lists are added to the project's. */
  readonly overrides: Overrides;
  /** `-r`: appended to the project's roots, and granted by being named. With one alone the current folder is root 0. */
  readonly extraRoots: readonly string[];
  /** `-n`: indices of target-only roots. */
  readonly targetOnly: readonly number[];
  readonly scriptArguments: readonly string[];
  readonly grants: GrantFlags;
  /** undefined: never ask, fail with what would have been asked. */
  readonly ask: Ask | undefined;
  readonly approve: string | undefined;
  /** `--audit`: absolute path of the file to append to. */
  readonly audit: string | undefined;
  readonly fsync: boolean;
  /** The script runs in this process, with all of Node's API; then `grants.all` says that nothing is asked. */
  readonly unsandboxed: boolean;
  readonly scriptTimeoutMs: number;
  readonly scriptMemoryBytes: number;
  readonly emit: Emit;
  /** Learns the secrets of the command, so that the front can hide them in what it says itself. Absent: it says nothing. */
  readonly secrets?: Redactor;
  /** First interrupt: finish the files in flight. */
  readonly signal: AbortSignal;
  /** Second interrupt: drop them. */
  readonly killSignal: AbortSignal;
}

/** The `--allow-…` flags, comma lists split; paths as typed, relative to the current folder. */
export interface GrantFlags {
  readonly all: boolean;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly net: readonly string[];
  readonly run: readonly string[];
  readonly env: readonly string[];
  readonly secret: readonly string[];
}

export interface Ask {
  /** All that is missing, in one go. */
  permission(question: PermissionQuestion): Promise<'once' | 'always' | 'no'>;
  /**
   * What a script asks; it can be seen that it is the script's. undefined: left open, and the run with it; or `dropped` has taken the question away.
   */
  answer(question: ScriptQuestion, dropped: AbortSignal): Promise<string | undefined>;
  /** A password that sxrun itself needs; what is typed is hidden and never empty. undefined as above. */
  secret(question: SecretQuestion): Promise<{ readonly value: string; readonly keep: boolean } | undefined>;
  /** Something that sxrun itself wants done, or allowed. A question that is left open is a no. */
  confirm(question: ConfirmQuestion): Promise<boolean>;
}
export interface ConfirmQuestion {
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  /** Which of the two stands for itself when nothing is chosen. */
  readonly isYesFirst: boolean;
}
export interface ScriptQuestion {
  /** Who asks: `photos.sync.ts`. */
  readonly script: string;
  /** As the script has it: anything may be in it. */
  readonly text: string;
  /** What is typed is not shown. */
  readonly hidden: boolean;
}
export interface SecretQuestion {
  /** Under which it would be kept. */
  readonly name: string;
  /** `Password of me@nas.local`. */
  readonly text: string;
  /** Until the same was typed twice, one after the other. */
  readonly isTypedTwice: boolean;
}
export interface PermissionQuestion {
  readonly projectFile: string;
  /** In words, one a line: `reads /home/me/texts`, `writes and removes in /mnt/usb/texts`. */
  readonly needs: readonly string[];
  /** True when remembered grants exist but the script has changed since. */
  readonly changedSinceAllowed: boolean;
  /** False when the project has no file: then `always` means `once`. */
  readonly canRemember: boolean;
}

/** `runProject(request)` in run.ts resolves to one of these and never rejects for what a user can cause. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;
