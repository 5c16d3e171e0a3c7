import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { socketHost } from '../../permissions/host.ts';
import type { HostContext } from './host-function.ts';
import { mailFailure, refusedRecipients } from './mail-failure.ts';
import type { MailOrder, RefusedRecipient } from './mail-order.ts';
import { guardedLookup } from './own-machine.ts';

/** Rejects with ScriptCallError `mail` or `interrupted`, and with what `permit` rejects with. */
export async function sendMail(order: MailOrder, context: Pick<HostContext, 'signal' | 'atEnd' | 'command'>): Promise<void> {
  const late = AbortSignal.timeout(order.timeoutMs);
  const ended = new AbortController();
  const takeBack = context.atEnd(async () => ended.abort());
  try {
    const rejected = await handIn(order, AbortSignal.any([context.signal, late, ended.signal]));
    if (rejected.length > 0) throw refusedRecipients(order, rejected, true);
  } catch (error) {
    const isInterrupted = context.signal.aborted || ended.signal.aborted;
    throw mailFailure(error, order, { redact: context.command.secrets.redact, isLate: late.aborted, isInterrupted });
  } finally {
    takeBack();
  }
}

/** Resolves to the recipients that were refused, when the mail was taken for others. */
async function handIn(order: MailOrder, signal: AbortSignal): Promise<readonly RefusedRecipient[]> {
  const { createTransport } = await import('nodemailer');
  const { server, login, ca, allowClearText, timeoutMs } = order;
  const gone = new AbortController();
  let socket: Socket | undefined;
  const transport = createTransport({
    host: socketHost(server.host),
    port: server.port,
    secure: server.scheme === 'smtps',
    requireTLS: !allowClearText,
    getSocket: (_, callback) => {
      connected(order, signal).then((open) => {
        socket = open;
        callback(null, { connection: open });
        // nodemailer listens from the next turn on; it does not hear of an end before that.
        setImmediate(() => open.closed && gone.abort());
      }, callback);
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: 0,
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password }, forceAuth: true }),
  });
  try {
    const info = await transport.sendMail({ ...messageOf(order), signal: AbortSignal.any([signal, gone.signal]) });
    return (info.rejectedErrors ?? []).map((error) => ({ recipient: error.recipient ?? '', response: error.response ?? '' }));
  } finally {
    socket?.destroy();
  }
}

/** By way of a socket of our own, since the address is looked at in the look-up that it comes from. */
async function connected({ server, permit }: MailOrder, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: socketHost(server.host), port: server.port, lookup: guardedLookup(permit), signal });
  // Whoever uses it hears of errors, but not all the time: TLS takes it over, and an abort may come at the end.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function messageOf({ from, to, cc, bcc, replyTo, subject, text, html, attachments }: MailOrder) {
  return {
    from: { ...from },
    to: [...to],
    cc: [...cc],
    replyTo: [...replyTo],
    envelope: { from: from.address, to: [...to, ...cc, ...bcc].map(({ address }) => address) },
    subject,
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    attachments: [...attachments],
  };
}
