import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server got it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body, as they came. */
  readonly source: string;
  /** It came through TLS. */
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

export interface TestMailServer {
  readonly port: number;
  readonly taken: TakenMail[];
  /** PEM: the certificate, made for this server alone. */
  readonly certificate: string;
}

/** Who may log in. */
export const MAIL_LOGIN = { user: 'backup', password: 'open:sesame/42' } as const;

export interface MailServerOptions extends SMTPServerOptions {
  /** Names and addresses of the certificate. Default: 127.0.0.1 and localhost. */
  readonly certificateFor?: string;
}

/**
 * A mail server on a free port of 127.0.0.1: STARTTLS with a certificate of its own, `MAIL_LOGIN` may log in and nobody has to. Recipients that begin with `nobody` are refused, senders that begin with `spam`, and
 * mails with `REFUSE ME` in them.
 */
export async function mailServer(t: TestContext, { certificateFor, ...options }: MailServerOptions = {}): Promise<TestMailServer> {
  const altNames =
    certificateFor === undefined
      ? ([
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ] as const)
      : ([{ type: 2, value: certificateFor }] as const);
  const { cert, private: key } = await generate([{ name: 'commonName', value: certificateFor ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [...altNames] }],
  });
  const taken: TakenMail[] = [];
  const server = new SMTPServer({
    key,
    cert,
    authOptional: true,
    size: 1_000_000,
    onAuth: ({ username, password }, _, done) => {
      if (username === MAIL_LOGIN.user && password === MAIL_LOGIN.password) done(null, { user: username });
      else done(failure(535, `5.7.8 not with ${password}`));
    },
    onMailFrom: ({ address }, _, done) => done(address.startsWith('spam') ? failure(550, 'no spam') : null),
    onRcptTo: ({ address }, _, done) => done(address.startsWith('nobody') ? failure(550, `5.1.1 ${address} is unknown`) : null),
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const source = Buffer.concat(pieces).toString();
        if (stream.sizeExceeded) return done(failure(552, 'it is too large'));
        if (source.includes('REFUSE ME')) return done(failure(554, 'it looks like spam'));
        const { mailFrom, rcptTo } = session.envelope;
        const user = typeof session.user === 'string' ? session.user : undefined;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source,
          encrypted: session.secure,
          user,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (listening.address() as AddressInfo).port, taken, certificate: cert };
}

/** A server that speaks by the given function instead: on a free port of 127.0.0.1. */
export async function rawServer(
  t: TestContext,
  speak: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    speak(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

function failure(responseCode: number, message: string): Error & { responseCode: number } {
  return Object.assign(new Error(message), { responseCode });
}
