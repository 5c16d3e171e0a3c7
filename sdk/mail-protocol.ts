/** What `mail` asks of the host. */
export interface MailMethods {
  readonly 'mail.send': { readonly request: MailRequest; readonly reply: null };
}

export interface MailRequest {
  readonly server: string;
  readonly from: string;
  /** Each may hold several addresses, with commas. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text?: WireMailText;
  readonly html?: WireMailText;
  readonly attachments: readonly WireAttachment[];
  readonly password?: string | { readonly secret: string };
  readonly ca?: string;
  readonly allowClearText?: boolean;
  readonly timeoutMs?: number;
}

/** The text itself, or a file that has it. */
export type WireMailText = string | { readonly file: string; readonly last?: number };

export interface WireAttachment {
  /** Of the file; absent: `bytes` has the content. */
  readonly path?: string;
  /** Base64. */
  readonly bytes?: string;
  /** Absent: the name of the file. */
  readonly filename?: string;
  readonly contentType?: string;
}
