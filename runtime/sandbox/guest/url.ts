import { native } from './bridge.ts';
import { URLSearchParams } from './url-search-params.ts';

interface Parts {
  href: string;
  origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

/** The platform's URL; the worker parses, this holds the parts. */
export class URL {
  #parts: Parts;
  readonly searchParams: URLSearchParams;

  constructor(url: string | URL, base?: string | URL) {
    const parts = native<Parts | null>('url.parse', String(url), base === undefined ? null : String(base));
    if (!parts) throw new TypeError(`Invalid URL: ${String(url)}`);
    this.#parts = parts;
    this.searchParams = new URLSearchParams(parts.search);
    this.searchParams.onChange = () => this.#set('search', String(this.searchParams));
  }

  static canParse(url: string | URL, base?: string | URL): boolean {
    return native('url.parse', String(url), base === undefined ? null : String(base)) !== null;
  }

  static parse(url: string | URL, base?: string | URL): URL | null {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  get href(): string {
    return this.#parts.href;
  }
  set href(value: string) {
    const parts = native<Parts | null>('url.parse', String(value), null);
    if (!parts) throw new TypeError(`Invalid URL: ${String(value)}`);
    this.#parts = parts;
    this.searchParams.replace(parts.search);
  }
  get origin(): string {
    return this.#parts.origin;
  }
  get protocol(): string {
    return this.#parts.protocol;
  }
  set protocol(value: string) {
    this.#set('protocol', value);
  }
  get username(): string {
    return this.#parts.username;
  }
  set username(value: string) {
    this.#set('username', value);
  }
  get password(): string {
    return this.#parts.password;
  }
  set password(value: string) {
    this.#set('password', value);
  }
  get host(): string {
    return this.#parts.host;
  }
  set host(value: string) {
    this.#set('host', value);
  }
  get hostname(): string {
    return this.#parts.hostname;
  }
  set hostname(value: string) {
    this.#set('hostname', value);
  }
  get port(): string {
    return this.#parts.port;
  }
  set port(value: string) {
    this.#set('port', value);
  }
  get pathname(): string {
    return this.#parts.pathname;
  }
  set pathname(value: string) {
    this.#set('pathname', value);
  }
  get search(): string {
    return this.#parts.search;
  }
  set search(value: string) {
    this.#set('search', value);
    this.searchParams.replace(this.#parts.search);
  }
  get hash(): string {
    return this.#parts.hash;
  }
  set hash(value: string) {
    this.#set('hash', value);
  }

  toString(): string {
    return this.#parts.href;
  }
  toJSON(): string {
    return this.#parts.href;
  }

  #set(part: keyof Parts, value: unknown): void {
    this.#parts = native<Parts>('url.set', this.#parts.href, part, String(value));
  }
}
