import { toBase64 } from './base64.ts';
import { type Duration, durationMs } from './duration.ts';
import type { MailRequest, WireAttachment } from './mail-protocol.ts';
import { callHost, watched } from './transport.ts';

export interface Mail {
  /**
   * `smtp://USER@HOST` (port 587, or `HOST:PORT`): encrypted by STARTTLS; a server that does not offer it is an error. `smtps://USER@HOST` (port 465): encrypted from the first byte. Without a user there is no login.
   * An `@` in the user is written `%40`. Takes the permission `net:HOST:PORT`.
   */
  readonly server: string;
  /** `backup@example.org` or `Backup <backup@example.org>`. */
  readonly from: string;
  /** One or several, as a list or with commas. Each recipient must be accepted by the server. */
  readonly to: string | readonly string[];
  readonly cc?: string | readonly string[];
  /** Recipients that the others do not see. */
  readonly bcc?: string | readonly string[];
  readonly replyTo?: string | readonly string[];
  /** Line breaks become spaces. */
  readonly subject?: string;
  readonly text?: MailText;
  /** Beside `text`, or instead of it. */
  readonly html?: MailText;
  /** All of them together have 25 MB at most. */
  readonly attachments?: readonly (string | MailAttachment)[];
  /**
   * The password itself, or the name of a kept secret (takes the permission `secret:NAME`). Without it the one that was kept as `password:smtp://USER@HOST[:PORT]` is used, or else the
   * user is asked for it, once.
   */
  readonly password?: string | { readonly secret: string };
  /** Path of a PEM file: the server's certificate must come from one of its certificates, instead of the known authorities. For servers with a certificate of their own making. */
  readonly ca?: string;
  /** Send mail and login unencrypted where the server offers no encryption: anybody on the way can read them. Default false. */
  readonly allowClearText?: boolean;
  /** For all of it. Default 2 minutes. */
  readonly timeout?: Duration;
}

/** A text, or a file that has it, such as the log of the run: in UTF-8, 1 MB at most. `last`: only so many lines at its end. */
export type MailText = string | { readonly file: string; readonly last?: number };

/** A file, by its path or another root URL; or a content that the script has made. A path alone can be given as a text. */
export type MailAttachment =
  | { readonly path: string; readonly filename?: string; readonly contentType?: string }
  | { readonly content: string | Uint8Array; readonly filename: string; readonly contentType?: string };

/**
 * Sends a mail and resolves when the server has taken it for every recipient. Files in it take the permission to read them. In a simulation it is shown and not sent.
 * Rejects with SyncError: code `mail` when the server cannot be reached, has a certificate that nobody vouches for, does not encrypt, or refuses the login, the sender, the mail or a recipient. Recipients that were
 * not refused get the mail all the same.
 */
function send(mail: Mail): Promise<void> {
  return watched('mail.send', async (stack) => {
    if (mail === null || typeof mail !== 'object')
      throw new TypeError('mail.send wants an object { server, from, to, subject, text }, its server written like smtp://me@mail.example');
    const { to, cc, bcc, replyTo, subject, attachments, timeout, ...others } = mail;
    const request: MailRequest = {
      ...others,
      to: listOf(to),
      cc: listOf(cc),
      bcc: listOf(bcc),
      replyTo: listOf(replyTo),
      subject: subject ?? '',
      attachments: (attachments ?? []).map(wireAttachmentOf),
      ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout, 'mail.send: timeout') }),
    };
    await callHost('mail.send', request, stack);
  });
}

function listOf(addresses: string | readonly string[] | undefined): readonly string[] {
  return typeof addresses === 'string' ? [addresses] : (addresses ?? []);
}

function wireAttachmentOf(attachment: string | MailAttachment): WireAttachment {
  if (typeof attachment === 'string') return { path: attachment };
  if (!('content' in attachment)) return attachment;
  const { content, ...others } = attachment;
  return { ...others, bytes: toBase64(typeof content === 'string' ? new TextEncoder().encode(content) : content) };
}

/** Mail by an SMTP server. */
export const mail = { send };
