import type { WireThrown } from '../../../sdk/protocol.ts';
import type { Receive, Transport } from '../../../sdk/transport.ts';

/** What a copy of the SDK in plain Node offers to the host of its process. */
export interface ScriptWays {
  /** Sets the way to the host and returns what takes the host's messages. */
  connect(to: Transport): Receive;
  /** Runs the script's default export, unless the script has decided itself what is run. */
  runDefault(exported: unknown, file: string): Promise<void>;
  reportNeverAwaited(): void;
  thrownOf(value: unknown): WireThrown;
}

/** Takes the ways of each copy of the SDK that is loaded while a script runs in this process. */
export type Attach = (ways: ScriptWays) => void;

/** Under a symbol of the registry, since each script gets a copy of the SDK of its own. */
const ATTACH = Symbol.for('sxrun: the host of this process');
type Holder = { [ATTACH]?: Attach | undefined };

export function setAttach(attach: Attach | undefined): void {
  (globalThis as Holder)[ATTACH] = attach;
}

/** undefined: this process is no run of `sxrun`; the SDK is a library. */
export function attachOfProcess(): Attach | undefined {
  return (globalThis as Holder)[ATTACH];
}
