import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import type { MailMethods, MailRequest } from '../../../sdk/mail-protocol.ts';
import type { NetNeed, Need } from '../../permissions/need.ts';
import { printable } from '../../printable.ts';
import { secretNameFault } from '../../secret-name.ts';
import { passwordName } from '../passwords.ts';
import { fewAtOnce } from './few-at-once.ts';
import { grantedSecret } from './granted-secret.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
import { parseMailAddresses } from './mail-address.ts';
import { mailAttachments, mailFile, mailText } from './mail-content.ts';
import { type MailServer, parseMailServer } from './mail-server.ts';
import type { MailOrder } from './mail-order.ts';
import { sendMail } from './send-mail.ts';
import { placeNeeds, wrongArguments } from './xfile-places.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const MOST_RECIPIENTS = 1000;

const text = z.string({ error: 'a text' });
const addresses = z.array(z.string({ error: 'a mail address, or a list of them' }), { error: 'a mail address, or a list of them' });
const filePath = z.string({ error: 'the path of a file' }).check(z.minLength(1, { error: 'the path of a file' }));
const lines = 'a number of lines from 1';
const content = z.optional(
  z.union([z.string(), z.strictObject({ file: filePath, last: z.optional(z.int({ error: lines }).check(z.gte(1, { error: lines }))) })], {
    error: "a text, or { file: 'run.log', last: 200 }",
  }),
);
const attachment = "a path, { path: 'FILE' } or { filename: 'NAME', content: … }";
const secretName = z
  .string({ error: 'the name of a secret' })
  .check(z.refine((name) => secretNameFault(name) === undefined, { error: 'a name of letters, digits and _ . : / @ % + -' }));

/** `mail`: SMTP. */
export const mailFunctions: HostFunctions<keyof MailMethods> = {
  'mail.send': {
    request: z.strictObject({
      server: z.string({ error: 'a URL such as smtp://user@mail.example:587' }),
      from: z.string({ error: 'a mail address' }),
      to: addresses,
      cc: addresses,
      bcc: addresses,
      replyTo: addresses,
      subject: text,
      text: content,
      html: content,
      attachments: z.array(
        z
          .strictObject(
            {
              path: z.optional(filePath),
              bytes: z.optional(z.string({ error: attachment }).check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/, { error: attachment }))),
              filename: z.optional(z.string({ error: 'a file name' }).check(z.minLength(1, { error: 'a file name' }))),
              contentType: z.optional(
                z.string({ error: 'a type' }).check(z.regex(/^[\w.+-]+\/[\w.+-]+(?:; *[\w-]+=[\w.+-]+)*$/, { error: 'a type such as text/plain' })),
              ),
            },
            { error: attachment },
          )
          .check(
            z.refine(({ path, bytes, filename }) => (path === undefined) !== (bytes === undefined) && (path ?? filename) !== undefined, {
              error: attachment,
            }),
          ),
        { error: 'a list of attachments' },
      ),
      password: z.optional(z.union([z.string(), z.strictObject({ secret: secretName })], { error: "a password, or { secret: 'NAME' }" })),
      ca: z.optional(filePath),
      allowClearText: z.optional(z.boolean({ error: 'true or false' })),
      timeoutMs: z.optional(
        z.number({ error: 'a time' }).check(z.minimum(1, { error: 'a time' }), z.maximum(LONGEST_TIMEOUT_MS, { error: 'at most 24 days' })),
      ),
    }) as z.ZodMiniType<MailRequest>,
    run: (request, context) => inSlot(() => send(request, context)),
  },
};

/** Each may have attachments of 25 MB. */
const inSlot = fewAtOnce(8);

async function send(request: MailRequest, context: HostContext): Promise<null> {
  const { server, ...envelope } = checked(request);
  const password = server.password ?? (typeof request.password === 'string' ? request.password : undefined);
  if (password !== undefined) context.command.secrets.add(password);
  if (context.simulation) {
    const to = [...envelope.to, ...envelope.cc, ...envelope.bcc].map(({ address }) => address).join(', ');
    context.suppress(`send mail to ${printable(to)} "${printable(envelope.subject)}"`);
    return null;
  }
  const net: NetNeed = { kind: 'net', host: server.host, port: server.port };
  await context.broker.require([net, ...fileNeeds(request, context)]);
  // What the script has logged until now is in the log file that it may want to send.
  await context.command.log.written();
  const { redact } = context.command.secrets;
  const shown = (body: string | undefined) => (body === undefined ? undefined : redact(body));
  const order: MailOrder = {
    server,
    ...envelope,
    subject: redact(envelope.subject),
    text: shown(await mailText(request.text, context)),
    html: shown(await mailText(request.html, context)),
    attachments: await mailAttachments(request.attachments, context),
    ca: request.ca === undefined ? undefined : await certificates(request.ca, context),
    login:
      server.user === undefined
        ? undefined
        : { user: server.user, password: password ?? (await passwordFor(server, server.user, { request, context })) },
    allowClearText: request.allowClearText ?? false,
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    permit: (address) => context.broker.require([{ ...net, host: address, words: `connects to ${server.host}, which leads to` }]),
  };
  await sendMail(order, context);
  return null;
}

type Checked = Pick<MailOrder, 'server' | 'from' | 'to' | 'cc' | 'bcc' | 'replyTo' | 'subject'>;

/** Rejects with ScriptCallError `options`. */
function checked(request: MailRequest): Checked {
  try {
    const server = parseMailServer(request.server);
    if (request.password !== undefined && server.user === undefined)
      throw new RangeError('there is a password and no user: write the server like smtp://user@mail.example');
    if (request.password !== undefined && server.password !== undefined) throw new RangeError('the server has a password already: give it once');
    const [from, ...others] = parseMailAddresses([request.from], 'from');
    if (from === undefined || others.length > 0) throw new RangeError('from wants one address');
    const [to, cc, bcc, replyTo] = (['to', 'cc', 'bcc', 'replyTo'] as const).map((field) => parseMailAddresses(request[field], field));
    const recipients = [to, cc, bcc].flatMap((list) => list ?? []);
    if (recipients.length === 0) throw new RangeError('there is no recipient: give it one by "to"');
    if (recipients.length > MOST_RECIPIENTS) throw new RangeError(`there are more than ${MOST_RECIPIENTS} recipients`);
    return {
      server,
      from,
      to: to ?? [],
      cc: cc ?? [],
      bcc: bcc ?? [],
      replyTo: replyTo ?? [],
      subject: request.subject.replace(/\p{Cc}+/gu, ' ').trim(),
    };
  } catch (error) {
    throw error instanceof RangeError ? wrongArguments(`mail.send: ${error.message}`) : error;
  }
}

/** All that a mail reads, so that it is asked for in one question. */
function fileNeeds({ text: body, html, attachments, ca, password }: MailRequest, context: HostContext): readonly Need[] {
  const files = [
    ...[body, html].map((part) => (typeof part === 'object' ? part.file : undefined)),
    ...attachments.map(({ path }) => path),
    ca,
  ].filter((path) => path !== undefined);
  const secret: Need[] = typeof password === 'object' ? [{ kind: 'secret', name: password.secret }] : [];
  return [...placeNeeds(files.map(mailFile), context), ...secret];
}

async function certificates(file: string, context: HostContext): Promise<string | undefined> {
  const pem = await mailText({ file }, context);
  if (pem === undefined || !isCertificate(pem))
    throw wrongArguments(`mail.send: ca ${printable(file)} has no certificate in PEM ("-----BEGIN CERTIFICATE-----")`);
  return pem;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

interface Asking {
  readonly request: MailRequest;
  readonly context: HostContext;
}

/** The password that the script names, that is kept for this place, or that the user types. */
function passwordFor({ scheme, host, writtenPort }: MailServer, user: string, { request, context }: Asking): Promise<string> {
  if (typeof request.password === 'object') return grantedSecret(request.password.secret, context);
  const name = passwordName({ scheme, user, host, port: writtenPort });
  return context.command.passwords.get({ name, question: `Password of ${printable(user)}@${host}` });
}
