import { answerHook } from './callbacks.ts';
import { HostPromise } from './host-promise.ts';
import type { Facts, FromScript, HostCall, HostMethod, HostMethods, HostNote, HostReply, ToScript } from './protocol.ts';
import { syncErrorOf } from './sync-error.ts';

/** The way to the host. In the sandbox it leads through the wall, in plain Node to the same functions in process. */
export interface Transport {
  readonly facts: Facts;
  /** Takes the JSON text of a `FromScript`, and the bytes that belong to it; they are copied at once. */
  send(text: string, bytes?: Uint8Array): void;
}

/** Takes the JSON text of a `ToScript`, and the bytes that belong to it. */
export type Receive = (text: string, bytes?: Uint8Array) => void;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}
interface Watched {
  readonly promise: HostPromise<unknown>;
  readonly method: HostMethod;
  readonly stack: string;
}

let transport: Transport | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();
const notAwaited = new Set<Watched>();

/** Sets the way to the host and returns what takes the host's messages. */
export function connect(to: Transport): Receive {
  transport = to;
  return receive;
}

/** Asks the host. Rejects with SyncError. `stack` is the script's own at the call. */
export function callHost<Method extends HostMethod>(
  method: Method,
  request: HostMethods[Method]['request'],
  stack: string,
): Promise<HostMethods[Method]['reply']> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    try {
      sendCall({ id, method, request, stack });
    } catch (error) {
      // What was not sent is not waited for: a message can be too long.
      waiting.delete(id);
      throw error;
    }
  });
}

export function tellHost(note: HostNote): void {
  send({ type: 'note', ...note });
}

export function facts(): Facts {
  return connected().facts;
}

let simulating = false;

/** Whether nothing that the script calls changes anything. */
export function simulates(): boolean {
  return simulating || facts().simulation;
}

/** From now on nothing that the script calls changes anything; there is no way back. */
export function simulate(): void {
  if (simulates()) return;
  simulating = true;
  tellHost({ note: 'simulation' });
}

/** What a public function of the SDK returns: the host is told when the script never awaits it. `run` gets the stack of the script's call. */
export function watched<Value>(method: HostMethod, run: (stack: string) => Promise<Value>): Promise<Value> {
  const stack = new Error().stack ?? '';
  const promise = new HostPromise<Value>((resolve, reject) => run(stack).then(resolve, reject));
  const entry: Watched = { promise, method, stack };
  notAwaited.add(entry);
  promise.onAwaited = () => {
    promise.onAwaited = undefined;
    notAwaited.delete(entry);
  };
  return promise;
}

/** How many calls the host has not answered yet. */
export function pendingCalls(): number {
  return waiting.size;
}

/** Tells the host which calls nobody awaited. To be called when all calls are answered. */
export function reportNeverAwaited(): void {
  for (const { method, stack } of notAwaited) tellHost({ note: 'never-awaited', method, stack });
  notAwaited.clear();
}

function receive(text: string, bytes?: Uint8Array): void {
  const message = JSON.parse(text) as ToScript;
  if (message.type === 'reply') settle(message, bytes);
  else void answerHook(message, bytes).then((answer) => send({ type: 'answer', ...answer }));
}

function settle(reply: HostReply, bytes: Uint8Array | undefined): void {
  const call = waiting.get(reply.id);
  waiting.delete(reply.id);
  if (reply.ok) call?.resolve('attached' in reply ? bytes : reply.value);
  else call?.reject(syncErrorOf(reply.error, reply.id));
}

/** Bytes in a request go beside the text. */
function sendCall(call: HostCall): void {
  const [name, bytes] = Object.entries(call.request).find(([, value]) => value instanceof Uint8Array) ?? [];
  if (name === undefined) send({ type: 'call', ...call });
  else connected().send(JSON.stringify({ type: 'call', ...call, request: { ...call.request, [name]: null }, attached: name }), bytes as Uint8Array);
}

function send(message: FromScript): void {
  connected().send(JSON.stringify(message));
}

function connected(): Transport {
  if (!transport) throw new Error('a project file is run by the sxrun command: sxrun FILE');
  return transport;
}
