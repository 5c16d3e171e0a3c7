/** A place in a network, as grants compare it. */
export interface HostPlace {
  /** One spelling a host, see `normalHost`. */
  readonly host: string;
  /** undefined (grants): all ports. */
  readonly port: number | undefined;
}

const LAST_PORT = 65535;

/**
 * The one spelling of a host that is compared and connected to: that of the URL standard (lower case, punycode, IPv4 in four decimal numbers, IPv6
 * shortened in brackets), and besides: an IPv4 address inside of an IPv6 one (`[::ffff:127.0.0.1]`) is the IPv4 address, and a dot at the end is
 * dropped. IPv6 may come without brackets. undefined: no host; that includes user names, ports, zones (`%eth0`) and percent signs.
 */
export function normalHost(text: string): string | undefined {
  const bracketed = /^[0-9a-f]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
  if (!/^(\[[0-9a-f:.]+\]|[^\s\p{C}:/\\?#@[\]*%]+)$/iu.test(bracketed)) return undefined;
  const url = `http://${bracketed}/`;
  if (!URL.canParse(url)) return undefined;
  const host = withoutMapping(new URL(url).hostname).replace(/\.$/, '');
  return host === '' || host.startsWith('.') || host.includes('..') || host.endsWith('.') ? undefined : host;
}

/** Reads `host` or `host:port`; IPv6 with a port in brackets. undefined: neither. */
export function parseHostPlace(text: string): HostPlace | undefined {
  const [, name, digits] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const host = name === undefined ? undefined : normalHost(name);
  if (host === undefined) return undefined;
  if (digits === undefined) return { host, port: undefined };
  return isPort(Number(digits)) ? { host, port: Number(digits) } : undefined;
}

/** As a grant has it after `net:`. */
export function formatHostPlace({ host, port }: HostPlace): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** What a socket takes: IPv6 without brackets. */
export function socketHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= LAST_PORT;
}

/** `[::ffff:7f00:1]` reaches what 127.0.0.1 reaches. */
function withoutMapping(host: string): string {
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  return [high, low]
    .map((part) => Number.parseInt(part, 16))
    .flatMap((part) => [part >> 8, part & 255])
    .join('.');
}
