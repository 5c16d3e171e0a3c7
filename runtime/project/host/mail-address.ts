import addressparser from 'nodemailer/lib/addressparser';
import { printable } from '../../printable.ts';

export interface MailAddress {
  /** Empty: none. */
  readonly name: string;
  readonly address: string;
}

/** The longest that a server takes (RFC 5321 section 4.5.3.1.3). */
const LONGEST = 254;

/** Reads `me@example.org`, `Me <me@example.org>` and several of them with commas. Throws RangeError: what is no address could be a command to the server, or somebody else's address. */
export function parseMailAddresses(texts: readonly string[], field: string): readonly MailAddress[] {
  return texts.flatMap((text) => {
    if (/\p{Cc}/u.test(text)) throw wrongAddress(text, field);
    const found = addressparser(text, { flatten: true });
    if (found.length === 0) throw wrongAddress(text, field);
    return found.map(({ name, address }) => {
      if (!/^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$/u.test(address ?? '') || (address ?? '').length > LONGEST) throw wrongAddress(text, field);
      return { name: name ?? '', address: address ?? '' };
    });
  });
}

function wrongAddress(text: string, field: string): RangeError {
  return new RangeError(
    `${field} "${printable(text).slice(0, 200)}" is no mail address; write it like me@example.org or Me <me@example.org>, several with commas`,
  );
}
