import type { WireResponse } from './fetch-protocol.ts';
import { type Duration, durationMs } from './duration.ts';
import { callHost, watched } from './transport.ts';

export interface FetchOptions {
  /** Default GET, with a body POST. */
  readonly method?: string;
  /** `Host`, `Content-Length` and the like are set by the connection itself. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** Sent as the body, in JSON, with the content type for it. */
  readonly json?: unknown;
  /** For all of it, redirects and content included. Default 60 seconds. */
  readonly timeout?: Duration;
  /** Bytes that the content may have, unpacked. Default 10 MB. */
  readonly maxBytes?: number;
  /** Default `follow`, 20 times at most. With `manual` the redirect is the answer. */
  readonly redirect?: 'follow' | 'error' | 'manual';
}

/** An answer, whole: its content has been read. */
export interface FetchResponse {
  /** The status is 200 to 299. */
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly headers: FetchHeaders;
  text(): Promise<string>;
  /** undefined for an empty content. Rejects with SyntaxError for anything but JSON. */
  json(): Promise<unknown>;
}

/** Header fields by name, in whatever case; several of one name are one text, with commas. */
export interface FetchHeaders extends Iterable<readonly [name: string, value: string]> {
  get(name: string): string | null;
  has(name: string): boolean;
}

/**
 * Asks an HTTP server, for web hooks. Takes the permission `net:HOST:PORT`, for each host that it is redirected to as well; a redirect to another origin gets neither login nor headers of the script.
 * Resolves whatever the status is. In a simulation only GET and HEAD go out; anything else is shown, and answered by status 200 without content.
 * Rejects with SyncError: code `network` when there is no answer, it takes too long or is too large.
 */
export function fetch(url: string | { readonly href: string }, options: FetchOptions = {}): Promise<FetchResponse> {
  return watched('fetch', async (stack) => {
    const { method, headers, body, json, timeout, ...others } = options;
    if (body !== undefined && json !== undefined) throw new TypeError('fetch wants a body or json, not both');
    const content = json === undefined ? body : JSON.stringify(json);
    const fields = headersOf(headers);
    if (json !== undefined && !fields.some(([name]) => name.toLowerCase() === 'content-type')) fields.push(['content-type', 'application/json']);
    const request = {
      url: typeof url === 'string' ? url : hrefOf(url),
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      headers: fields,
      ...(content === undefined ? {} : { body: content }),
      ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout, 'fetch: timeout') }),
      ...others,
    };
    return responseOf(await callHost('fetch', request, stack));
  });
}

function hrefOf(url: unknown): string {
  const href = (url as { readonly href?: unknown } | null | undefined)?.href;
  if (typeof href !== 'string') throw new TypeError('fetch wants a URL such as https://host.example/path');
  return href;
}

function headersOf(headers: FetchOptions['headers']): (readonly [string, string])[] {
  if (headers === undefined) return [];
  if (typeof headers !== 'object' || headers === null)
    throw new TypeError("fetch: headers wants an object such as { 'X-Key': 'value' }, or a list of pairs");
  return Symbol.iterator in headers ? [...(headers as Iterable<readonly [string, string]>)] : Object.entries(headers);
}

function responseOf({ status, statusText, url, headers, body }: WireResponse): FetchResponse {
  const valuesOf = (name: string) => headers.filter(([known]) => known === name.toLowerCase()).map(([, value]) => value);
  return {
    ok: status >= 200 && status <= 299,
    status,
    statusText,
    url,
    headers: {
      get: (name) => (valuesOf(name).length === 0 ? null : valuesOf(name).join(', ')),
      has: (name) => valuesOf(name).length > 0,
      [Symbol.iterator]: () => headers[Symbol.iterator](),
    },
    text: async () => body,
    json: async () => (body === '' ? undefined : (JSON.parse(body) as unknown)),
  };
}
