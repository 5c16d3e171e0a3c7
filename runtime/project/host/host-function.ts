import type * as z from 'zod/mini';
import type { SyncResult } from '../../../sdk/project.ts';
import type { FunctionMethod, FunctionMethods } from '../../../sdk/protocol.ts';
import type { Broker } from '../../permissions/broker.ts';
import type { openRoot } from '../../vfs/open-root.ts';
import type { CommandContext } from '../command-context.ts';
import type { KeptPlans } from '../plans/planned-runs.ts';
import type { HeldBytes } from './held-bytes.ts';

/** One function of the SDK as the host does it. */
export interface HostFunction<Method extends FunctionMethod> {
  /** What the script must send. Each `error` finishes the sentence "it wants …". */
  readonly request: z.ZodMiniType<FunctionMethods[Method]['request']>;
  /** `place`: where the script calls, as `photos.sync.ts:12:3`. Rejects with what `wireErrorOf` knows; anything else is a defect and ends the script. */
  run(request: FunctionMethods[Method]['request'], context: HostContext, place: () => string | undefined): Promise<FunctionMethods[Method]['reply']>;
}

/** Functions by the names under which scripts call them. */
export type HostFunctions<Method extends FunctionMethod = FunctionMethod> = { readonly [Name in Method]: HostFunction<Name> };

/** The script that calls, and what it may do. */
export interface HostContext {
  readonly broker: Broker;
  readonly command: CommandContext;
  /** Absolute; relative paths of the script start here. */
  readonly directory: string;
  /** Absolute; for standard input a name in the folder that does not exist. */
  readonly projectFile: string;
  /** True: nothing that the script calls may change anything. What a function would do it gives to `suppress` instead. */
  readonly simulation: boolean;
  /** A run of the script has ended with it. */
  addResult(result: SyncResult): void;
  /** The plans that the script has made. */
  readonly plans: KeptPlans;
  /** Tells the readers of the run what a simulation leaves out: `run gpg -e a.txt`. */
  suppress(step: string): void;
  /** What its calls hold. */
  readonly held: HeldBytes;
  /** Aborted when the script is to end: what waits is to stop waiting. */
  readonly signal: AbortSignal;
  /** Opens the root of an address whose local paths are real paths that were permitted. */
  readonly openRoot: typeof openRoot;
  /** Has something that a call leaves open (a lock, a program) closed when the script ends. What it returns takes that back. */
  atEnd(close: () => Promise<void>): () => void;
}
