/**
 * A stand-in of a mail relay, strict where relays are lax: lines end with CR LF and have at most
 * 998 octets, commands come in order, nothing but STARTTLS is taken in the clear where TLS is
 * offered, and nothing without a login where there is one. RFC 5321, RFC 3207, RFC 4954.
 */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { pem } from '../loopback.ts';

export interface SmtpSettings {
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login?: { readonly user: string; readonly password: string };
}

/** What it says instead, at this verb (`.` is the end of the message), once. */
export type SmtpWhim = 'hang' | 'reset' | (string & {});

export interface MailRecord {
  readonly from: string;
  readonly to: string;
  /** As written, dots unstuffed. */
  readonly raw: string;
  readonly isSecure: boolean;
}

export interface SmtpStandin {
  readonly port: number;
  readonly mails: readonly MailRecord[];
  /** Verbs in the order in which they came. */
  readonly verbs: readonly string[];
  script(verb: string, whim: SmtpWhim): void;
  waitFor(verb: string): Promise<void>;
  close(): Promise<void>;
}

const LINE_MAX = 998;

export async function startSmtp(settings: SmtpSettings): Promise<SmtpStandin> {
  const mails: MailRecord[] = [];
  const verbs: string[] = [];
  const whims = new Map<string, SmtpWhim>();
  const waiting = new Map<string, () => void>();
  const open = new Set<Socket>();
  const heard = (verb: string): SmtpWhim | undefined => {
    verbs.push(verb);
    waiting.get(verb)?.();
    const whim = whims.get(verb);
    whims.delete(verb);
    return whim;
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    const talk = (over: Socket, isSecure: boolean, greets: boolean) => {
      converse(over, { isSecure, greets, settings, heard, take: (mail) => mails.push(mail), talk });
    };
    if (settings.tls === 'implicit') talk(secured(socket), true, true);
    else talk(socket, false, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    verbs,
    script: (verb, whim) => void whims.set(verb, whim),
    waitFor: (verb) =>
      verbs.includes(verb)
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.set(verb, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

interface Conversation {
  readonly isSecure: boolean;
  readonly greets: boolean;
  readonly settings: SmtpSettings;
  heard(verb: string): SmtpWhim | undefined;
  take(mail: MailRecord): void;
  talk(over: Socket, isSecure: boolean, greets: boolean): void;
}

function secured(socket: Socket): Socket {
  const tls = new TLSSocket(socket, {
    isServer: true,
    key: pem('leaf.key'),
    cert: pem('good.pem'),
  });
  return tls.on('error', () => undefined);
}

function converse(socket: Socket, conversation: Conversation): void {
  const { isSecure, greets, settings, heard, take } = conversation;
  let said = { hello: false, login: settings.login === undefined, from: '', to: '' };
  let data: string[] | null = null;
  let rest = '';
  const say = (verb: string, reply: string): boolean => {
    const whim = heard(verb);
    if (whim === 'reset') (socket as Socket & { _parent?: Socket }).destroy();
    else if (whim !== 'hang') socket.write(`${whim ?? reply}\r\n`);
    return whim === undefined;
  };
  const command = (line: string): void => {
    const verb = /^(?:MAIL FROM|RCPT TO|[A-Z]+)/i.exec(line)?.[0].toUpperCase() ?? '';
    const isOpen = isSecure || settings.tls === 'none';
    if (verb === 'QUIT') {
      socket.end('221 bye\r\n');
    } else if (verb === 'EHLO') {
      said = { ...said, hello: true };
      const offers = isOpen ? (settings.login ? ['AUTH PLAIN'] : []) : ['STARTTLS'];
      const lines = ['stand-in', ...offers];
      say(
        verb,
        lines.map((offer, i) => `250${i < lines.length - 1 ? '-' : ' '}${offer}`).join('\r\n'),
      );
    } else if (!said.hello) {
      say(verb, '503 EHLO first');
    } else if (verb === 'STARTTLS' && !isOpen) {
      if (!say(verb, '220 go ahead')) return;
      socket.removeAllListeners('data');
      conversation.talk(secured(socket), true, false);
    } else if (!isOpen) {
      say(verb, '530 5.7.0 Must issue a STARTTLS command first');
    } else if (verb === 'AUTH') {
      const wanted = `\0${settings.login?.user ?? ''}\0${settings.login?.password ?? ''}`;
      const isRight = line === `AUTH PLAIN ${Buffer.from(wanted).toString('base64')}`;
      if (say(verb, isRight ? '235 well' : '535 5.7.8 no')) said.login = isRight;
    } else if (!said.login) {
      say(verb, '530 5.7.0 Authentication required');
    } else if (verb === 'MAIL FROM') {
      const [, from] = /^MAIL FROM:<([^<>\s]+@[^<>\s]+)>$/.exec(line) ?? [];
      if (say(verb, from === undefined ? '501 sender' : '250 well')) said.from = from ?? '';
    } else if (verb === 'RCPT TO') {
      const [, to] = /^RCPT TO:<([^<>\s]+@[^<>\s]+)>$/.exec(line) ?? [];
      const isRight = to !== undefined && said.from !== '';
      if (say(verb, isRight ? '250 well' : '501 recipient')) said.to = to ?? '';
    } else if (verb === 'DATA' && said.to !== '') {
      if (say(verb, '354 go ahead')) data = [];
    } else {
      say(verb, '500 what?');
    }
  };
  const line = (text: string): void => {
    if (data === null) {
      command(text);
      return;
    }
    if (text !== '.') {
      data.push(text.replace(/^\./, ''));
      return;
    }
    const raw = data.join('\r\n');
    const isBroken = /[\r\n]/.test(data.join('')) || data.some(({ length }) => length > LINE_MAX);
    data = null;
    if (!isBroken) take({ from: said.from, to: said.to, raw, isSecure });
    say('.', isBroken ? '554 5.6.0 lines' : '250 2.0.0 queued as 4XyZ');
  };
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
  });
  if (greets) say('', '220 stand-in ESMTP');
}
