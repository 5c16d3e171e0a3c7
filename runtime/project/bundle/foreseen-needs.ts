import type { Need } from '../../permissions/need.ts';
import { type MailServer, parseMailServer } from '../host/mail-server.ts';

/** Texts of JavaScript that begin like the address of a mail server and have nothing computed in them. */
const MAIL_SERVER = /"(smtps?:\/\/[^"\n]*)"|'(smtps?:\/\/[^'\n]*)'|`(smtps?:\/\/[^`$]*)`/gi;

/**
 * What a script (bundled, without comments) may want when its runs are over: the mail servers that it names. Mostly they are wanted when something went wrong and nobody is there to be asked any more. What is not
 * written out in one text is not seen.
 */
export function foreseenNeeds(code: string): readonly Need[] {
  return mailServersIn(code).map(({ host, port }): Need => ({ kind: 'net', host, port, words: 'sends mail by' }));
}

/** The mail servers that a script (bundled, without comments) names. */
export function mailServersIn(code: string): readonly MailServer[] {
  if (!/smtps?:\/\//i.test(code)) return [];
  return [...code.matchAll(MAIL_SERVER)].flatMap((found) => mailServer(found.slice(1).find((text) => text !== undefined) ?? ''));
}

function mailServer(server: string): readonly MailServer[] {
  try {
    return [parseMailServer(server)];
  } catch (error) {
    // It is told when a mail is sent.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
