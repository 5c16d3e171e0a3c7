import type { WireThrown } from '../../sdk/protocol.ts';
import type { ScriptLimits } from './script-host.ts';

/** What the thread of the host tells the sandbox's worker. */
export type ToWorker =
  | WorkerRun
  /** The JSON text of a `ToScript`, and the bytes that belong to it. */
  | { readonly kind: 'message'; readonly text: string; readonly bytes?: Uint8Array<ArrayBuffer> };

export interface WorkerRun {
  readonly kind: 'run';
  readonly code: string;
  readonly facts: string;
  readonly limits: ScriptLimits;
  readonly shared: SharedArrayBuffer;
  /** As `ScriptRun.checkLeaks`. */
  readonly checkLeaks: boolean;
}

/** What the worker tells. */
export type FromWorker =
  /** The JSON text of a `FromScript`, and the bytes that belong to it; not trusted. */
  | { readonly kind: 'message'; readonly text: string; readonly bytes?: Uint8Array<ArrayBuffer> }
  /** The script has been given messages of so many characters and bytes. Small ones are told of together with later ones. */
  | { readonly kind: 'taken'; readonly size: number }
  | { readonly kind: 'end'; readonly end: WorkerEnd };

export type WorkerEnd =
  | { readonly end: 'finished' }
  | { readonly end: 'thrown'; readonly thrown: WireThrown }
  /** Stacks of one or more moments; the first that shows lines of the script counts. */
  | { readonly end: 'timeout'; readonly stacks: readonly string[] }
  /** `detail` is for the developers of this program. */
  | { readonly end: 'crashed'; readonly detail: string };

/** Places in the memory that host and worker share, as indices of an Int32Array. */
export const SHARED = {
  /** Counts up when a turn of the script begins and when it ends: odd while the script runs. */
  turn: 0,
  /** Characters and bytes sent by the script that the host has not handled yet; what is to be written counts until it is. */
  unread: 1,
} as const;
export const SHARED_BYTES = 8;

/** The script waits when the host has more than this to read. */
export const MAX_UNREAD = 32_000_000;
/** The worker tells what the script has taken when it is as much. */
export const TELL_TAKEN = 65_536;
/** One message of the script may have as many characters. */
export const MAX_MESSAGE = 64_000_000;
/** The name under which the bundle is evaluated; only stack traces show it. */
export const SCRIPT_NAME = 'sandbox:script';

/** What a message counts for where messages wait. */
export function messageSize(text: string, bytes: Uint8Array | undefined): number {
  return text.length + (bytes?.length ?? 0);
}
