/**
 * Certificates that are bad in every way, and handshakes that come to nothing. Whoever only wants to
 * know whether anybody answers says `verify: false`, and then no certificate is too bad.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { SOON, drip, raw } from './target.ts';
import type { Case } from './target.ts';

const bytes = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const pem = (name: string): string => bytes(`${name}.pem`).toString();
const packed = (name: string): string => gunzipSync(bytes(`${name}.pem.gz`)).toString();
const AUTHORITIES = `${pem('ca')}${pem('authority')}`;

interface Https extends TlsOptions {
  readonly sends?: readonly string[];
}

/** Answers `ok` with the leaf's key; `sends` are the certificates, leaf first. */
const https =
  ({ sends = ['good'], ...more }: Https = {}) =>
  (): Server =>
    createHttpsServer(
      { key: bytes('leaf.key'), cert: sends.map(pem).join(''), ...more },
      (_request, response) => response.end('ok'),
    ).on('tlsClientError', () => {});

/** Ends in a handshake that was finished, and the socket inside it. */
const inside = (onSocket: (socket: Socket) => void) => (): Server =>
  createServer({ key: bytes('leaf.key'), cert: pem('good') }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });

const at =
  (tls: object = {}, more: object = {}) =>
  (port: number): object => ({
    http: `https://127.0.0.1:${port}/`,
    tls: { ca: AUTHORITIES, ...tls },
    ...more,
  });
const named = (server_name: string) => at({ server_name });

const refused: readonly Omit<Case, 'expected'>[] = [
  { name: 'expired', server: https({ sends: ['expired'] }) },
  { name: 'not yet valid', server: https({ sends: ['future'] }) },
  { name: 'for another name', server: https({ sends: ['wrong-host'] }) },
  { name: 'self-signed', server: https({ sends: ['self-signed'] }) },
  {
    name: 'its own authority beside it',
    server: https({ sends: ['good', 'ca'] }),
    at: at({ ca: pem('authority') }),
  },
  { name: 'unknown authority', server: https(), at: at({ ca: pem('self-signed') }) },
  {
    name: 'not of the system',
    server: https(),
    at: (port) => ({ http: `https://127.0.0.1:${port}/` }),
  },
  { name: 'missing intermediate', server: https({ sends: ['below'] }) },
  { name: 'intermediate expired', server: https({ sends: ['below-ended', 'ended'] }) },
  { name: 'signed by a leaf', server: https({ sends: ['by-a-leaf', 'below', 'intermediate'] }) },
  {
    name: 'wildcard one level too deep',
    server: https({ sends: ['wildcard'] }),
    at: named('a.b.shop.test'),
  },
  {
    name: 'wildcard for the bare domain',
    server: https({ sends: ['wildcard'] }),
    at: named('shop.test'),
  },
  {
    name: 'no names, only a common one',
    server: https({ sends: ['no-names'] }),
    at: named('no-names.test'),
  },
  { name: 'for clients only', server: https({ sends: ['for-clients'] }) },
  { name: 'SHA-1', server: https({ sends: ['sha-1'], ciphers: 'DEFAULT@SECLEVEL=0' }) },
  {
    name: '1024 bits',
    server: () =>
      https({ key: bytes('weak.key'), cert: pem('weak'), ciphers: 'DEFAULT@SECLEVEL=0' })(),
  },
];

const accepted: readonly Case[] = [
  { name: 'good', server: https(), expected: 'up' },
  {
    name: 'with its intermediate',
    server: https({ sends: ['below', 'intermediate'] }),
    expected: 'up',
  },
  {
    name: 'wildcard',
    server: https({ sends: ['wildcard'] }),
    at: named('a.shop.test'),
    expected: 'up',
  },
  {
    name: 'intermediate in front of strangers',
    server: https({ sends: ['below', 'wrong-host', 'intermediate'] }),
    expected: 'up',
  },
  // Nobody asks whether it was: the page says so.
  { name: 'revoked', server: https({ sends: ['revoked'] }), expected: 'up' },
  { name: '1,000 names', server: () => https({ cert: packed('names-1000') })(), expected: 'up' },
  {
    name: 'client certificate welcome',
    server: https({ requestCert: true, rejectUnauthorized: false }),
    expected: 'up',
  },
  {
    name: 'expired, which nobody minds',
    server: https({ sends: ['expired'] }),
    at: at({ verify: false }),
    expected: 'up',
  },
  {
    name: 'expired, of which a warning was asked',
    server: https({ sends: ['expired'] }),
    at: at({ verify: false }, { warn: { certificate: '14d' } }),
    expected: 'degraded certificate',
  },
  {
    name: 'too little of its life left',
    server: https(),
    at: at({}, { warn: { certificate: '99%' } }),
    expected: 'degraded certificate',
  },
  {
    name: 'intermediate with too little left',
    server: https({ sends: ['below-ended', 'ended'] }),
    at: at({ verify: false }, { warn: { certificate: '1d' } }),
    expected: 'degraded certificate',
  },
];

/** A record of TLS 1.2 with this content. */
const record = (type: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([type, 3, 3, content.length >> 8, content.length & 255]), content]);
const alert = (code: number): Uint8Array => record(21, Buffer.from([2, code]));
const hello = (answer: Uint8Array | null) =>
  raw((socket) => {
    void once(socket, 'data').then(() => {
      if (answer === null) socket.resetAndDestroy();
      else socket.end(answer);
    });
  });

/** Takes only who says which name it came for. */
const sni: TlsOptions = {
  SNICallback(name, done) {
    if (name === 'shop.test') done(null);
    else done(new Error('unknown name'));
  },
};

const handshakes: readonly Case[] = [
  {
    name: 'TLS 1.0 only',
    server: https({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    expected: 'down tls',
  },
  {
    name: 'TLS 1.1 only',
    server: https({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    expected: 'down tls',
  },
  { name: 'TLS 1.2 only', server: https({ maxVersion: 'TLSv1.2' }), expected: 'up' },
  { name: 'HTTP/2 only', server: https({ ALPNProtocols: ['h2'] }), expected: 'down tls' },
  {
    name: 'client certificate demanded',
    server: https({ requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
    expected: 'down tls',
  },
  {
    name: 'client certificate demanded, by TLS 1.3',
    server: https({ requestCert: true, rejectUnauthorized: true }),
    expected: 'down tls',
  },
  {
    name: 'a name that it does not know',
    server: https(sni),
    at: named('other.test'),
    expected: 'down reset',
  },
  {
    name: '10,000 names',
    server: () => https({ cert: packed('names-10000') })(),
    expected: 'down tls',
  },
  {
    name: 'speaks HTTP',
    server: hello(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    expected: 'down tls',
  },
  {
    name: 'speaks SSH',
    server: raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')),
    expected: 'down tls',
  },
  { name: 'alert handshake_failure', server: hello(alert(40)), expected: 'down tls' },
  { name: 'alert unrecognized_name', server: hello(alert(112)), expected: 'down tls' },
  {
    name: 'alert close_notify',
    server: hello(record(21, Buffer.from([1, 0]))),
    expected: 'down reset',
  },
  {
    name: 'record of junk',
    server: hello(record(22, Buffer.alloc(1_000, 0xa5))),
    expected: 'down tls',
  },
  {
    name: 'record longer than allowed',
    server: hello(record(22, Buffer.alloc(20_000))),
    expected: 'down tls',
  },
  {
    name: 'record of data before the handshake',
    server: hello(record(23, Buffer.alloc(100))),
    expected: 'down tls',
  },
  { name: 'closes for a handshake', server: hello(Buffer.alloc(0)), expected: 'down reset' },
  { name: 'resets in the handshake', server: hello(null), expected: 'down reset' },
  {
    name: 'never answers',
    server: raw((socket) => socket.resume()),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'drips a record',
    server: raw((socket) => {
      void drip(socket, record(22, Buffer.alloc(10_000, 2)));
    }),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'closes after the handshake',
    server: inside((socket) => socket.end()),
    expected: 'down reset',
  },
  {
    name: 'goes away after the handshake',
    server: inside((socket) => socket.destroy()),
    expected: 'down reset',
  },
  {
    name: 'silent after the handshake',
    server: inside((socket) => socket.resume()),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'closes in the body',
    server: inside((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
    }),
    expected: 'down reset',
  },
  {
    name: 'an SSH banner inside',
    server: inside((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')),
    expected: 'down protocol',
  },
  {
    name: 'sends us from https to http',
    server: () =>
      createHttpsServer({ key: bytes('leaf.key'), cert: pem('good') }, (request, response) => {
        response.writeHead(302, { location: `http://${request.headers.host ?? ''}/` }).end();
      }),
    expected: 'down redirect',
  },
];

export const tls: readonly Case[] = [
  ...refused.map((each) => ({ ...each, expected: 'down certificate' }) as const),
  ...accepted,
  ...handshakes,
].map((each) => ({ at: at(), ...each, name: `TLS ${each.name}` }));
