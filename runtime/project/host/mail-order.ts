import type { MailAddress } from './mail-address.ts';
import type { MailFile } from './mail-content.ts';
import type { MailServer } from './mail-server.ts';

/** A mail, complete, and where it is handed in. */
export interface MailOrder {
  readonly server: MailServer;
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly MailFile[];
  /** PEM; undefined: the authorities that are known. */
  readonly ca: string | undefined;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly allowClearText: boolean;
  readonly timeoutMs: number;
  /** Asked for each address of this machine that the host's name leads to; see `guardedLookup`. */
  permit(address: string): Promise<unknown>;
}

export interface RefusedRecipient {
  readonly recipient: string;
  /** What the server said. */
  readonly response: string;
}
