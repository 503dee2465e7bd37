import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { tls } from '../../src/probes/tls.ts';
import type { Transport } from '../../src/system/transport.ts';
import { closedPort, httpServer, pem, tcpServer, tlsServer, upgraded } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const CA = { ca: pem('ca.pem') };
const at = (port: number) => `127.0.0.1:${port}`;
const ML_KEM = { ecdhCurve: 'X25519MLKEM768' };
const silent = (socket: Socket) => void socket.resume();

describe('a handshake', () => {
  test('with a server that takes post-quantum key exchange only wants key_share: ml-kem', async () => {
    const written = { tls: at(await tlsServer('good', silent, ML_KEM)), ...CA };
    expect((await look(tls, written)).unmet).toMatchObject([{ reason: 'tls' }]);
    expect((await look(tls, { ...written, key_share: 'ml-kem' })).unmet).toEqual([]);
  });

  test('with a valid certificate is up, and its facts are shown', async () => {
    const port = await tlsServer('good', silent);
    const clock = new VirtualClock(NOON);
    const { findings, unmet, gauges, facts } = await look(tls, { tls: at(port), ...CA }, { clock });
    expect(unmet).toEqual([]);
    expect(findings).toMatchObject([
      { expectation: 'connect', seen: 'TLS 1.3 with 127.0.0.1 in 0ms' },
      {
        expectation: 'certificate',
        seen: expect.stringMatching(
          /^26907d left, by Tocsin test authority, 1 certificate, for localhost, 127\.0\.0\.1, /,
        ),
      },
    ]);
    expect(gauges).toMatchObject({
      probe_ip_protocol: 4,
      probe_ssl_earliest_cert_expiry: Date.UTC(2100, 0, 1) / 1_000,
      'probe_tls_version_info TLS 1.3': 1,
    });
    expect(facts['tls']).toMatchObject({ names: ['localhost', '127.0.0.1', expect.anything()] });
  });

  test('ends with a farewell', async () => {
    const opened = Promise.withResolvers<Socket>();
    const port = await tlsServer('good', (socket) => opened.resolve(socket.resume()));
    const ended = opened.promise.then((socket) => once(socket, 'end'));
    await look(tls, { tls: at(port), ...CA });
    await ended;
  });

  test.each([
    ['expired', /^certificate expired \d+d ago$/],
    ['future', /^certificate not valid yet$/],
    ['wrong-host', /^certificate is for another name$/],
    ['self-signed', /^certificate is self-signed$/],
  ] as const)('with one that is %s is certificate, its end still told', async (name, brief) => {
    const port = await tlsServer(name, silent);
    const { findings, gauges } = await look(tls, { tls: at(port), ...CA });
    expect(findings).toMatchObject([{ expectation: 'connect', met: false, reason: 'certificate' }]);
    expect(findings[0]?.brief).toMatch(brief);
    expect(gauges['probe_ssl_earliest_cert_expiry']).toBeGreaterThan(0);
  });

  test('with any certificate will do with verify: false', async () => {
    const port = await tlsServer('expired', silent);
    const { findings, unmet } = await look(tls, { tls: at(port), verify: false });
    expect(unmet).toEqual([]);
    expect(findings[1]?.seen).toMatch(/^expired \d+d ago/);
  });

  test('asks for the server_name, and checks it', async () => {
    const asked = Promise.withResolvers<string>();
    const port = await tlsServer('wrong-host', silent, {
      SNICallback: (name, done) => {
        asked.resolve(name);
        done(null);
      },
    });
    const written = { tls: at(port), ...CA, server_name: 'elsewhere.example' };
    expect((await look(tls, written)).unmet).toEqual([]);
    expect(await asked.promise).toBe('elsewhere.example');
  });

  test('that asks for a certificate of ours is a handshake all the same', async () => {
    const port = await tlsServer('good', silent, { requestCert: true, rejectUnauthorized: true });
    expect((await look(tls, { tls: at(port), ...CA })).unmet).toEqual([]);
  });

  test('after STARTTLS is looked at alike', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.pause().write('S', () => upgraded(socket));
      });
    });
    const written = { tls: at(port), starttls: 'postgres', ...CA };
    expect((await look(tls, written)).findings).toHaveLength(2);
  });

  test.each([
    ['speaks HTTP', () => httpServer((_request, response) => response.end()), 'tls'],
    ['greets', () => tcpServer((socket) => socket.write('220 mail.test\r\n')), 'tls'],
    ['closes', () => tcpServer((socket) => socket.once('data', () => socket.end())), 'reset'],
    [
      'knows only TLS 1.1',
      () =>
        tlsServer('good', silent, {
          ...{ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' },
          ciphers: 'DEFAULT@SECLEVEL=0',
        }),
      'tls',
    ],
    ['is not there', closedPort, 'refused'],
  ])('with a port that %s does not come about', async (_, start, reason) => {
    const { findings } = await look(tls, { tls: at(await start()), ...CA });
    expect(findings).toMatchObject([{ expectation: 'connect', met: false, reason }]);
  });
});

describe('expected', () => {
  test('at least a protocol', async () => {
    const port = await tlsServer('good', silent, { maxVersion: 'TLSv1.2' });
    const written = { tls: at(port), ...CA, expect: { protocol: 'TLS 1.3' } };
    expect((await look(tls, written)).unmet).toMatchObject([
      { expectation: 'protocol', reason: 'protocol', brief: 'only TLS 1.2' },
    ]);
    const lower = { ...written, expect: { protocol: 'TLS 1.2' } };
    expect((await look(tls, lower)).unmet).toEqual([]);
  });

  test('names, in any case, that the certificate must be for', async () => {
    const port = await tlsServer('good', silent);
    const names = ['LOCALHOST', 'shop.example'];
    const { unmet } = await look(tls, { tls: at(port), ...CA, expect: { names } });
    expect(unmet).toMatchObject([
      { expectation: 'names', reason: 'certificate', brief: 'certificate is not for shop.example' },
    ]);
  });

  test.each([
    ['a.example.com', true],
    ['example.com', false],
    ['a.b.example.com', false],
  ])('%s of *.example.com: %s', async (name, met) => {
    const chain = [{ subject: '', issuer: '', notAfter: NOON, names: ['*.Example.com'] }];
    const facts = {
      ...{ protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
      ...{ leafNotBefore: 0, leafNotAfter: NOON, chainNotAfter: NOON, verifiedNotAfter: NOON },
      leaf: { fingerprint: 'aa', subject: '', issuer: '', names: '*.Example.com', serial: '01' },
    };
    const connect = async () => ({
      ...{ ip: '127.0.0.1', resolveMs: 0, connectMs: 0, tlsMs: 0, socket: new PassThrough() },
      tls: { ...facts, chain },
    });
    const { findings } = await look(
      tls,
      { tls: 'a.test:443', expect: { names: [name] } },
      { transport: { connect } as unknown as Transport },
    );
    expect(findings.find(({ expectation }) => expectation === 'names')?.met).toBe(met);
  });

  test('a certificate that is not about to end: else degraded', async () => {
    const port = await tlsServer('good', silent);
    const written = { tls: at(port), ...CA, warn: { certificate: '90%' } };
    const clock = new VirtualClock(Date.UTC(2090, 0, 1));
    expect((await look(tls, written, { clock })).unmet).toMatchObject([
      { level: 'warn', reason: 'certificate', brief: 'certificate expires in 3652d' },
    ]);
  });
});

test.each([
  { tls: 'a.test' },
  { tls: 'a.test:1', starttls: 'ftp' },
  { tls: 'a.test:1', expect: { protocol: 'SSL 3' } },
  { tls: 'a.test:1', expect: { names: [] } },
  { tls: 'a.test:1', warn: { certificate: 14 } },
])('%j is refused at load', (written) => {
  expect(tls.options.safeParse(written).success).toBe(false);
});
