import * as z from 'zod/mini';
import type { FetchMethods, FetchRequest, WireResponse } from '../../../sdk/fetch-protocol.ts';
import { PermissionError } from '../../permissions/permission-error.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { firstRequest, HttpRequestError, needOf, redirected, shownUrl, type HttpRequest } from './http-request.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { HeldShare } from './held-bytes.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
import { sendRequest, TooLargeError } from './send-request.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const DEFAULT_MAX_BYTES = 10_000_000;
/** What is handed to the script must fit into its memory several times over. */
const MOST_BYTES = 64_000_000;
const MOST_REDIRECTS = 20;

const header = z.tuple([z.string({ error: 'a text' }), z.string({ error: 'a text' })], { error: 'name and value' });

/** `fetch`: HTTP for web hooks. */
export const fetchFunctions: HostFunctions<keyof FetchMethods> = {
  fetch: {
    request: z.strictObject({
      url: z.string({ error: 'a URL' }),
      method: z
        .string({ error: 'a method such as GET' })
        .check(z.regex(/^(?!(?:connect|trace|track)$)[a-z]{1,20}$/i, { error: 'a method such as GET or POST' })),
      headers: z.array(header, { error: 'header fields, a text each' }),
      body: z.optional(z.string({ error: 'a text' })),
      timeoutMs: z.optional(
        z.number({ error: 'a time' }).check(z.minimum(1, { error: 'a time' }), z.maximum(LONGEST_TIMEOUT_MS, { error: 'at most 24 days' })),
      ),
      maxBytes: z.optional(
        z
          .int({ error: 'a number of bytes' })
          .check(z.minimum(0, { error: 'a number of bytes' }), z.maximum(MOST_BYTES, { error: 'at most 64000000 bytes' })),
      ),
      redirect: z.optional(z.enum(['follow', 'error', 'manual'], { error: '"follow", "error" or "manual"' })),
    }) as z.ZodMiniType<FetchRequest>,
    run: fetchAnswer,
  },
};

async function fetchAnswer(request: FetchRequest, context: HostContext): Promise<WireResponse> {
  try {
    const { password, ...first } = firstRequest({ ...request, body: request.body });
    if (password !== undefined) context.command.secrets.add(password);
    const isReading = first.method === 'GET' || first.method === 'HEAD';
    if (isReading && first.body !== undefined) throw new HttpRequestError(`${first.method} has no body; use POST`);
    if (!context.simulation || isReading) return await inSlot(() => follow(first, request, context));
    context.suppress(`send ${first.method} ${shownUrl(first.url)}`);
    return { status: 200, statusText: 'simulated', url: first.url.href, headers: [], body: '' };
  } catch (error) {
    if (error instanceof HttpRequestError) throw failure('options', error.message);
    throw error;
  }
}

/** More connections at once than any server likes; the others wait, and their time has not begun. */
const inSlot = fewAtOnce(64);

async function follow(first: HttpRequest, request: FetchRequest, context: HostContext): Promise<WireResponse> {
  const share = context.held.share();
  try {
    return await followWith(first, { ...request, share }, context);
  } finally {
    share.end();
  }
}

async function followWith(
  first: HttpRequest,
  { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, redirect, share }: FetchRequest & { readonly share: HeldShare },
  context: HostContext,
): Promise<WireResponse> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.signal, late]);
  let request = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    await context.broker.require([needOf(request)]);
    const answer = await sendRequest(request, { maxBytes, signal, share, permit: permitFor(request, context) }).catch((error: unknown) => {
      throw networkError(error, { request, context, late, timeoutMs });
    });
    const next = redirect === 'manual' ? undefined : redirected(request, answer.status, answer.headers.find(([name]) => name === 'location')?.[1]);
    if (next === undefined) return answer;
    if (redirect === 'error') throw failure('network', `${shownUrl(request.url)} redirects to ${shownUrl(next.url)}`);
    request = next;
  }
  throw failure('network', `${shownUrl(first.url)} redirects more than ${MOST_REDIRECTS} times`);
}

/** A name that leads to this machine takes a grant of the address, too. */
function permitFor(request: HttpRequest, { broker }: HostContext): (address: string) => Promise<unknown> {
  const need = needOf(request);
  return (address) => broker.require([{ ...need, host: address, words: `connects to ${need.host}, which leads to` }]);
}

interface Attempt {
  readonly request: HttpRequest;
  readonly context: HostContext;
  readonly late: AbortSignal;
  readonly timeoutMs: number;
}

function networkError(error: unknown, { request, context, late, timeoutMs }: Attempt): unknown {
  const where = shownUrl(request.url);
  const causes = causesOf(error);
  const refused = causes.find((cause) => cause instanceof PermissionError);
  if (refused !== undefined) return refused;
  if (context.signal.aborted) return failure('interrupted', `fetch of ${where} was interrupted`);
  if (late.aborted) return failure('network', `${where} did not answer in full within ${timeoutMs} ms`);
  if (error instanceof TooLargeError) return failure('network', `${where} sends more than ${error.maxBytes} bytes`);
  // What undici meets has a code, or is the cause of a TypeError that only says so.
  if (!(error instanceof Error) || (error.cause === undefined && !('code' in error))) return error;
  const reasons = causes.filter((cause) => cause instanceof Error && cause.message !== '' && cause.message !== 'fetch failed');
  const reason = reasons.at(-1);
  return failure('network', `${where} cannot be reached: ${printable(reason instanceof Error ? reason.message : error.message)}`);
}

/** From the outside to the inside. Node tries several addresses of a host, and gives the errors of all. */
function causesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? (error.errors as readonly unknown[]).slice(0, 1) : [error.cause];
  return [error, ...inner.flatMap(causesOf)];
}

function failure(code: 'options' | 'network' | 'interrupted', message: string): ScriptCallError {
  return new ScriptCallError({ code, message });
}
