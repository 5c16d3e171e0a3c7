import { PermissionError } from '../../permissions/permission-error.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import type { MailOrder, RefusedRecipient } from './mail-order.ts';

/** What nodemailer, the socket or TLS met. */
interface MailError extends Error {
  readonly code?: string;
  /** The code of the system or of TLS, where `code` is nodemailer's. */
  readonly originalCode?: string;
  readonly response?: string;
  readonly command?: string;
  readonly rejectedErrors?: readonly { readonly recipient?: string; readonly response?: string }[];
}

interface Circumstances {
  redact(text: string): string;
  readonly isLate: boolean;
  readonly isInterrupted: boolean;
}

const LONGEST_RESPONSE = 300;
const NO_TLS = /^ERR_SSL_|^EPROTO$/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME|CRL/;

/** What a mail that was not sent is for the script; a permission, a defect and what is said already stay as they are. */
export function mailFailure(error: unknown, order: MailOrder, { redact, isLate, isInterrupted }: Circumstances): unknown {
  if (error instanceof PermissionError || error instanceof ScriptCallError || !(error instanceof Error)) return error;
  const failure = (code: 'mail' | 'interrupted', message: string) => new ScriptCallError({ code, message: redact(`mail.send: ${message}`) });
  if (isInterrupted) return failure('interrupted', 'interrupted; the mail was not sent, or nobody knows');
  if (isLate) return failure('mail', `${placeOf(order)} did not take the mail within ${order.timeoutMs} ms`);
  const { code } = error as MailError;
  // What is met on the way has a code; anything else is our defect.
  return code === undefined ? error : failure('mail', reasonOf(error as MailError, order));
}

/** `othersGotIt`: the mail was taken for the other recipients. */
export function refusedRecipients(order: MailOrder, refused: readonly RefusedRecipient[], othersGotIt: boolean): ScriptCallError {
  const each = refused.map(({ recipient, response }) => `${printable(recipient)} (${said(response)})`).join(', ');
  const others = othersGotIt ? '; the other recipients got the mail' : '';
  return new ScriptCallError({ code: 'mail', message: `mail.send: ${placeOf(order)} refuses the recipient ${each}${others}` });
}

function reasonOf(error: MailError, order: MailOrder): string {
  const place = placeOf(order);
  const { code, originalCode = code ?? '', response, command, rejectedErrors } = error;
  const answer = response === undefined || response === '' ? '' : `: ${said(response)}`;
  if (originalCode === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${place} is not for ${order.server.host} (${said(error.message)}); nothing was sent. Write the server by a name that its certificate has`;
  if (CERTIFICATE.test(originalCode))
    return `the certificate of ${place} is not to be trusted (${said(error.message)}); nothing was sent. For a server with a certificate of its own making name the file with it: ca: 'server.pem'`;
  if (NO_TLS.test(originalCode)) return `${place} does not speak TLS from the first byte; nothing was sent. For STARTTLS write smtp://`;
  switch (code) {
    case 'ETLS':
      return command === 'STARTTLS'
        ? `${place} does not encrypt (STARTTLS${answer}); nothing was sent. Use smtps:// where the server has it, or allowClearText: true if anybody on the way may read the mail and the login`
        : `no encrypted connection to ${place}: ${said(error.message)}${order.server.scheme === 'smtps' ? '; for STARTTLS write smtp://' : ''}`;
    case 'EAUTH':
    case 'ENOAUTH':
      return `${place} refuses the login of ${printable(order.login?.user ?? '')}${answer || `: ${said(error.message)}`}`;
    case 'EENVELOPE':
      if (rejectedErrors !== undefined && rejectedErrors.length > 0)
        return refusedRecipients(
          order,
          rejectedErrors.map(({ recipient = '', response: why = '' }) => ({ recipient, response: why })),
          false,
        ).message.replace('mail.send: ', '');
      return `${place} refuses the sender ${printable(order.from.address)}${answer || `: ${said(error.message)}`}`;
    case 'EMESSAGE':
      return `${place} refuses the mail${answer || `: ${said(error.message)}`}`;
    case 'EPROTOCOL':
      return `${place} does not speak SMTP as it should: ${said(error.message)}`;
    case 'EABORT':
      return `the connection to ${place} ended before the mail was taken`;
    case 'ECONNECTION':
    case 'ESOCKET':
      return `the connection to ${place} ended before the mail was taken: ${said(error.message)}`;
    default:
      return `${place} cannot be reached: ${said(error.message)}`;
  }
}

function placeOf({ server }: MailOrder): string {
  return `${server.scheme}://${server.host}:${server.port}`;
}

/** In one line, as it may be shown. */
function said(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' ')).slice(0, LONGEST_RESPONSE);
}
