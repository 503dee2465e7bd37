import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, type Clock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { Connected, NetworkFailure, StartTls } from '../../src/system/transport.ts';
import { pem, serve, tcpServer, upgraded } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** Of RFC 4511: messageID 1, extendedReq, requestName 1.3.6.1.4.1.1466.20037. */
const LDAP_REQUEST = Buffer.from(
  '301d02010177188016312e332e362e312e342e312e313436362e3230303337',
  'hex',
);
const LDAP_SUCCESS = Buffer.from('300c02010178070a010004000400', 'hex');

/** What is said first, then the answer to each thing that comes; it goes on in TLS after the last. */
async function server(
  greeting: string,
  answers: readonly (readonly [heard: RegExp | Buffer, answer: string | Buffer])[],
  host?: string,
): Promise<number> {
  const onSocket = (socket: Socket): void => {
    const left = [...answers];
    socket.write(greeting);
    const answer = (data: Buffer): void => {
      const [wanted, reply] = left.shift() ?? [/^$/, ''];
      if (wanted instanceof RegExp) expect(String(data)).toMatch(wanted);
      else expect(data).toEqual(wanted);
      if (left.length > 0) {
        socket.write(reply);
        return;
      }
      socket.off('data', answer).pause();
      socket.write(reply, () => upgraded(socket).write('secret'));
    };
    socket.on('data', answer);
  };
  return serve(createServer(onSocket), host);
}

function connect(
  port: number,
  starttls: StartTls,
  { clock = systemClock(), host = '127.0.0.1' }: { clock?: Clock; host?: string } = {},
): Promise<Connected | NetworkFailure> {
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  onTestFinished(() => transport.close());
  const tls = { verify: true, ca: pem('ca.pem'), serverName: null };
  const { signal } = new AbortController();
  const secure = { tls, starttls, alpn: [], withChain: true };
  return transport.connect({ host, port, timeoutMs: 5_000, signal, secure });
}

async function secret(outcome: Connected | NetworkFailure): Promise<string> {
  if ('failure' in outcome) expect.fail(`${outcome.failure}: ${outcome.detail}`);
  const { socket, tls } = outcome;
  expect(tls).toMatchObject({ protocol: 'TLSv1.3', chain: [{ subject: 'good.test' }] });
  for await (const chunk of socket) return String(chunk);
  return '';
}

describe('after the dialogue of its protocol', () => {
  test.each<[StartTls, string, [RegExp | Buffer, string | Buffer][]]>([
    [
      'smtp',
      '220-mail.test ESMTP\r\n220 at your service\r\n',
      [
        [/^EHLO \[127\.0\.0\.1\]\r\n$/, '250-mail.test\r\n250-STARTTLS\r\n250 HELP\r\n'],
        [/^STARTTLS\r\n$/, '220 2.0.0 go ahead\r\n'],
      ],
    ],
    [
      'imap',
      '* OK [CAPABILITY IMAP4rev2 STARTTLS] ready\r\n',
      [[/^a STARTTLS\r\n$/, '* OK still here\r\na OK begin\r\n']],
    ],
    ['pop3', '+OK POP3\r\n', [[/^STLS\r\n$/, '+OK begin\r\n']]],
    ['postgres', '', [[SSL_REQUEST, 'S']]],
    ['ldap', '', [[LDAP_REQUEST, LDAP_SUCCESS]]],
  ])('%s goes on in TLS', async (protocol, greeting, answers) => {
    const port = await server(greeting, answers);
    expect(await secret(await connect(port, protocol))).toBe('secret');
  });

  test('of an IPv6 address, which SMTP writes in its own way', async () => {
    const greets = /^EHLO \[IPv6:::1\]\r\n$/;
    const answers = [
      [greets, '250 STARTTLS\r\n'],
      [/^STARTTLS/, '220 go\r\n'],
    ] as const;
    const port = await server('220 mail.test\r\n', answers, '::1');
    expect(await secret(await connect(port, 'smtp', { host: '::1' }))).toBe('secret');
  });
});

/** Answers every connection with this, and then to whatever comes with `answer`. */
const says = (greeting: string | Buffer, answer: string | Buffer = '') =>
  tcpServer((socket) => {
    socket.write(greeting);
    socket.on('data', () => socket.write(answer));
  });

describe('a peer that is not ready for it', () => {
  test.each<[StartTls, string | Buffer, string | Buffer, string]>([
    ['smtp', '554 no service for you\r\n', '', 'TLS refused: 554 no service for you'],
    ['smtp', '220 mail\r\n', '502 5.5.1 what?\r\n', 'TLS refused: 502 5.5.1 what?'],
    ['imap', '* BYE too busy\r\n', '', 'TLS refused: * BYE too busy'],
    ['imap', '* OK\r\n', 'a BAD no\r\n', 'TLS refused: a BAD no'],
    ['pop3', '+OK\r\n', '-ERR no\r\n', 'TLS refused: -ERR no'],
    ['postgres', '', 'N', 'TLS refused: not offered'],
    ['postgres', '', 'EFATAL', 'TLS refused: not offered'],
    ['ldap', '', Buffer.from('300c02010178070a010204000400', 'hex'), 'TLS refused: LDAP result 2'],
  ])('in %s is tls: %j then %j', async (protocol, greeting, answer, what) => {
    const outcome = await connect(await says(greeting, answer), protocol);
    expect(outcome).toMatchObject({ failure: 'tls', sent: false, tls: null });
    expect(outcome).toHaveProperty('detail', expect.stringMatching(RegExp.escape(what)));
  });

  test.each<[StartTls, string | Buffer, string | Buffer]>([
    ['smtp', 'SSH-2.0-OpenSSH_9.2\r\n', ''],
    ['smtp', '220 mail\r\n', '220 go\r\nEHLO injected\r\n'],
    ['smtp', '220 mail\r\n', '220 go\r\nhalf a line'],
    ['smtp', `220-${'x'.repeat(9_000)}`, ''],
    ['imap', '220 mail\r\n', ''],
    ['imap', '* OK\r\n', 'a OK go\r\n* OK injected\r\n'],
    ['pop3', '* OK\r\n', ''],
    ['pop3', '+OK\r\n', '+OK go\r\n+OK injected\r\n'],
    ['postgres', '', 'Sinjected'],
    ['postgres', '', 'HTTP/1.1 400 Bad Request\r\n'],
    ['ldap', '', 'HTTP/1.1 400 Bad Request\r\n'],
    ['ldap', '', Buffer.concat([LDAP_SUCCESS, Buffer.from('injected')])],
    ['ldap', '', Buffer.from('3003020101', 'hex')],
    ['ldap', '', Buffer.from('30050201017800', 'hex')],
    ['ldap', '', Buffer.from('3005020101780a', 'hex')],
  ])('or speaks otherwise than %s is protocol: %j then %j', async (protocol, greeting, answer) => {
    const outcome = await connect(await says(greeting, answer), protocol);
    expect(outcome).toMatchObject({ failure: 'protocol', sent: false });
  });

  test('closes: reset', async () => {
    const port = await tcpServer((socket) => socket.end('220 mail\r\n'));
    expect(await connect(port, 'smtp')).toMatchObject({ failure: 'reset' });
  });

  test.each<[StartTls, string]>([
    ['smtp', '220-mail\r\n'],
    ['imap', '* OK'],
    ['ldap', '0'],
  ])('stops in the middle of %s: timeout at the deadline', async (protocol, half) => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => {
      socket.write(half);
      opened.resolve(socket.resume());
    });
    const outcome = connect(port, protocol, { clock });
    await opened.promise;
    await clock.advance(5_000);
    expect(await outcome).toMatchObject({
      failure: 'timeout',
      detail: `no answer in ${protocol} before TLS in 5s (127.0.0.1:${port})`,
    });
    expect(clock.pending()).toBe(0);
  });

  test('begins a handshake of another kind: tls', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('S');
        socket.once('data', () => socket.end('nonsense, and quite a lot of it'));
      });
    });
    expect(await connect(port, 'postgres')).toMatchObject({ failure: 'tls' });
  });
});
