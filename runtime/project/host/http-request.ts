import { normalHost } from '../../permissions/host.ts';
import type { NetNeed } from '../../permissions/need.ts';
import { printable } from '../../printable.ts';

/** One request as it goes to one server. */
export interface HttpRequest {
  /** http or https, the host in its one spelling, without login and fragment. */
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

/** A URL, redirect or header that is not sent. The message says why. */
export class HttpRequestError extends Error {
  override readonly name = 'HttpRequestError';
}

/** A URL as a script gives it; a login in it becomes a header. Throws HttpRequestError. */
export function firstRequest(request: { readonly url: string } & Omit<HttpRequest, 'url'>): HttpRequest & { readonly password: string | undefined } {
  const { url, login } = placeOf(request.url, undefined);
  const method = request.method.toUpperCase();
  for (const [name, value] of request.headers) checkHeader(name, value);
  const hasOwn = request.headers.some(([name]) => name.toLowerCase() === 'authorization');
  const authorization: readonly (readonly [string, string])[] =
    login === undefined || hasOwn ? [] : [['authorization', `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`]];
  return { url, method, headers: [...request.headers, ...authorization], body: request.body, password: login?.password };
}

/** What a redirect makes of a request (RFC 9110 section 15.4, Fetch standard). undefined: the answer is no redirect. Throws HttpRequestError. */
export function redirected(request: HttpRequest, status: number, location: string | undefined): HttpRequest | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const { url } = placeOf(location, request.url);
  const becomesGet = (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST');
  const next = becomesGet ? { method: 'GET', body: undefined, headers: request.headers.filter(([name]) => !/^content-/i.test(name)) } : request;
  if (url.origin === request.url.origin) return { ...next, url };
  if (request.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new HttpRequestError(`${shownUrl(request.url)} redirects to ${shownUrl(url)}, which anybody on the way could read and change`);
  }
  if (next.body !== undefined) {
    throw new HttpRequestError(`${shownUrl(request.url)} redirects what is sent to another server: fetch ${shownUrl(url)} yourself if that is meant`);
  }
  return { ...next, url, headers: next.headers.filter(([name]) => HARMLESS.test(name)) };
}

/** Logins go by many names (`X-Api-Key`, `Private-Token`): what another origin may see is named, not what it may not. */
const HARMLESS = /^(?:accept|accept-language|user-agent)$/i;

/** What connecting takes. */
export function needOf({ url }: Pick<HttpRequest, 'url'>): NetNeed {
  return { kind: 'net', host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}

/** For messages and logs: without query, where tokens are. */
export function shownUrl(url: URL): string {
  return printable(`${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`);
}

function placeOf(text: string, base: URL | undefined): { url: URL; login: { user: string; password: string } | undefined } {
  const shown = printable(text.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i, '$1//…@').replace(/[?#].*$/s, ''));
  if (!URL.canParse(text, base?.href)) throw new HttpRequestError(`"${shown}" is no URL; write it like https://host.example/path`);
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new HttpRequestError(`"${shown}": fetch speaks http: and https: only`);
  const host = normalHost(url.hostname);
  if (host === undefined) throw new HttpRequestError(`"${shown}" has no host that can be connected to`);
  url.hostname = host;
  if (url.port === '0') throw new HttpRequestError(`"${shown}": there is no port 0`);
  const login = url.username === '' && url.password === '' ? undefined : { user: decoded(url.username), password: decoded(url.password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url, login };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Fields of the connection (RFC 9110 section 7.6, Fetch standard "forbidden request-header"): with them a script could name another host than the one it was granted. */
const OF_THE_CONNECTION =
  /^(?:host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|date|via|accept-encoding|cookie2|origin|referer|http2-settings|(?:proxy|sec)-.*|x-http-method(?:-override)?|x-method-override)$/i;

function checkHeader(name: string, value: string): void {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name)) throw new HttpRequestError(`"${printable(name)}" is no name of a header field`);
  if (OF_THE_CONNECTION.test(name)) throw new HttpRequestError(`the header field ${name} is the connection's own and cannot be set`);
  if (/[\0\r\n]|[^\x20-\x7e\x80-\xff\t]/.test(value)) throw new HttpRequestError(`the header field ${name} can hold Latin letters only, on one line`);
}
