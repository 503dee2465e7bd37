/**
 * Mail by a relay of one's own (RFC 5321), with nodemailer to write and speak it over our socket.
 * TLS is made by our transport before nodemailer sees the connection, always verified, so nothing
 * is ever said in the clear unless `tls: none` says so. 250 means that the relay has it, no more.
 * https://nodemailer.com/smtp/
 */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { NodemailerError } from 'nodemailer';
import { z } from 'zod';
import type { FailReason, Outcome } from '../incident/notification.ts';
import { mail, type Mail } from '../message/mail.ts';
import { hostPort, isLegible, mailbox, secretText } from '../system/values.ts';
import { outcomeOfFailure, type Trouble } from './_outcome.ts';
import { AUTOMATIC, threadOf, type Thread } from './_thread.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z
  .strictObject({
    server: hostPort(),
    tls: z.enum(['starttls', 'implicit', 'none']).optional(),
    ca: z
      .string()
      .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'holds no PEM certificate')
      .optional(),
    user: z.string().min(1).optional(),
    password: secretText().optional(),
    from: mailbox(),
    to: mailbox().optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'needs "user" and "password" together',
    when: isLegible,
  })
  .refine(({ user, tls }) => user === undefined || tls !== 'none', {
    error: '"tls: none" would show the password to everybody on the way',
    when: isLegible,
  });
type Options = z.infer<typeof options>;

interface Addressed extends Mail, Thread {
  readonly to: string;
}

const IMPLICIT_TLS_PORT = 465;
/** The attempt's own deadline comes first: it aborts the signal. */
const NEVER_MS = 600_000;

const load = () =>
  Promise.all([import('nodemailer/lib/mail-composer'), import('nodemailer/lib/smtp-connection')]);

export const smtp: Channel<Options, Addressed> = {
  type: 'smtp',
  options,
  address: 'email',
  room: 'to',
  reaches: ({ server: { host, port } }) => [
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  ],
  load,
  render({ notification, to, reader }: Letter, { from, to: room }): Addressed {
    return {
      to: to ?? room ?? '',
      ...mail(notification.facts, notification.kind, reader),
      ...threadOf(notification, from),
    };
  },
  async send(letter, given, line): Promise<Outcome> {
    const message = await written(letter, given.from);
    if (message === null) return refused('refused', 'not a mail that can be sent');
    return speak(given, line, { message, to: letter.to });
  },
  /** The relay greets us, TLS and the password are right: nodemailer calls it `verify`. */
  check: (given, line) => speak(given, line, null),
};

/** null: nothing is said but who we are. */
async function speak(given: Options, line: Line, mail: Handed | null): Promise<Outcome> {
  const opened = await open(given, line);
  if ('failure' in opened) return outcomeOfFailure(opened);
  const hangUp = () => opened.socket.destroy();
  line.signal.addEventListener('abort', hangUp, { once: true });
  try {
    return await hand(mail, given, opened.socket, line.signal);
  } finally {
    line.signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

interface Handed {
  readonly message: Buffer;
  readonly to: string;
}

/** null: what cannot be written; the reason may quote anything. */
async function written(letter: Addressed, from: string): Promise<Buffer | null> {
  const [{ default: MailComposer }] = await load();
  const { messageId, references, to, subject, text, html } = letter;
  const thread = references === null ? {} : { references, inReplyTo: references };
  const composed = { from, to, subject, text, html, messageId, ...thread };
  try {
    return await new MailComposer({ ...composed, headers: AUTOMATIC, newline: '\r\n' })
      .compile()
      .build();
  } catch {
    return null;
  }
}

async function open({ server: { host, port }, tls, ca }: Options, { transport, signal }: Line) {
  const how = tls ?? (port === IMPLICIT_TLS_PORT ? 'implicit' : 'starttls');
  const dial = { host, port, timeoutMs: NEVER_MS, signal };
  if (how === 'none') return transport.connect(dial);
  const opened = await transport.connect({
    ...dial,
    secure: {
      tls: { verify: true, ca: ca ?? null, serverName: null },
      starttls: how === 'starttls' ? 'smtp' : null,
      alpn: [],
      withChain: false,
    },
  });
  // The server has greeted before TLS and does not again, but nodemailer waits for it.
  if (!('failure' in opened) && how === 'starttls') opened.socket.unshift('220 secured\r\n');
  return opened;
}

async function hand(
  mail: Handed | null,
  { server, tls, from, user, password }: Options,
  socket: Socket,
  signal: AbortSignal,
): Promise<Outcome> {
  const [, { default: SMTPConnection }] = await load();
  const connection = new SMTPConnection({
    ...server,
    connection: socket,
    secure: tls !== 'none',
    secured: tls !== 'none',
    ignoreTLS: true,
    connectionTimeout: NEVER_MS,
    greetingTimeout: NEVER_MS,
    socketTimeout: NEVER_MS,
  });
  let isOffered = false;
  /** Asked for when the relay has said that it takes the message. */
  function* offered(message: Buffer) {
    isOffered = true;
    yield message;
  }
  return new Promise((resolve) => {
    const fail = (error: Error) => {
      resolve(troubleOf(error, isOffered, signal.aborted));
    };
    const succeed = () => {
      resolve({ outcome: 'accepted', reference: null });
    };
    const send = () => {
      if (mail === null) {
        succeed();
        connection.quit();
        return;
      }
      const { message, to } = mail;
      const envelope = { from, to: [to], size: message.length };
      const stream = Readable.from(offered(message), { objectMode: false });
      connection.send(envelope, stream, (error) => {
        if (error) fail(error);
        else succeed();
        connection.quit();
      });
    };
    connection.on('error', fail);
    connection.connect((error) => {
      if (error) fail(error);
      else if (user === undefined) send();
      else {
        connection.login({ user, credentials: { user, pass: password ?? '' } }, (refusal) => {
          if (refusal) fail(refusal);
          else send();
        });
      }
    });
  });
}

/** RFC 5321 §4.2.1: 4yz may be tried again, 5yz may not. What the relay wrote is not repeated. */
function troubleOf(error: Error, isOffered: boolean, isLate: boolean): Trouble {
  const { code: word, responseCode: code, command = '' } = error as NodemailerError;
  if (word === 'EPROTOCOL' && code === undefined) {
    return { outcome: 'deferred', reason: 'server', detail: 'no SMTP' };
  }
  if (code === undefined) {
    const reason = isLate ? 'timeout' : 'network';
    const detail = isOffered ? 'the relay did not say that it has it' : 'the relay hung up';
    return { outcome: isOffered ? 'unconfirmed' : 'deferred', reason, detail };
  }
  const detail = `SMTP ${String(code)}${command === '' ? '' : ` (${command})`}`;
  if (code < 500) return { outcome: 'deferred', reason: 'server', detail };
  if (command.startsWith('AUTH') || code === 530) return refused('auth', detail);
  return refused(command === 'RCPT TO' ? 'address' : 'refused', detail);
}

function refused(reason: FailReason, detail: string): Trouble {
  return { outcome: 'refused', reason, detail };
}
