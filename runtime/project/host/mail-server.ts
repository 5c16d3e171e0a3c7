import { normalHost, isPort } from '../../permissions/host.ts';
import { printable } from '../../printable.ts';

/** Where a mail is handed in. */
export interface MailServer {
  /** `smtp`: STARTTLS; `smtps`: TLS from the first byte. */
  readonly scheme: 'smtp' | 'smtps';
  /** In its one spelling. */
  readonly host: string;
  readonly port: number;
  /** The port as it was written; part of the name of a kept password. */
  readonly writtenPort: number | undefined;
  /** undefined: no login. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Submission with STARTTLS (RFC 6409) and with TLS (RFC 8314). */
const PORTS = { smtp: 587, smtps: 465 } as const;

/** Reads `smtp://USER@HOST:PORT`. Throws RangeError that says what is wrong, without the password. */
export function parseMailServer(url: string): MailServer {
  const [, scheme, login, place] = /^(smtps?):\/\/(?:(.*)@)?([^@]*?)\/?$/is.exec(url.replaceAll('\\@', '%40')) ?? [];
  if (scheme === undefined || place === undefined)
    throw new RangeError(`server ${shownServer(url)} is no mail server; write it like smtp://user@mail.example:587, or smtps://…`);
  const [, name = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(place) ?? [];
  const host = normalHost(name);
  if (host === undefined)
    throw new RangeError(`server ${shownServer(url)} has no host that can be connected to; write it like smtp://user@mail.example:587`);
  const writtenPort = digits === undefined ? undefined : Number(digits);
  if (writtenPort !== undefined && !isPort(writtenPort)) throw new RangeError(`server ${shownServer(url)}: there is no port ${digits}`);
  const known = scheme.toLowerCase() === 'smtps' ? 'smtps' : 'smtp';
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(login ?? '') ?? [];
  return {
    scheme: known,
    host,
    port: writtenPort ?? PORTS[known],
    writtenPort,
    user: user === undefined || user === '' ? undefined : decoded(user),
    password: password === undefined ? undefined : decoded(password),
  };
}

/** Without the login. */
function shownServer(url: string): string {
  return `"${printable(url.replace(/^([a-z]*:\/\/)?.*@/is, '$1…@'))}"`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
