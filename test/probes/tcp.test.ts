import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { tcp } from '../../src/probes/tcp.ts';
import { blackHole, closedPort, pem, tcpServer, tlsServer, upgraded } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const at = (port: number) => `127.0.0.1:${port}`;

describe('a port', () => {
  test('that takes a connection is up, and the connection is closed', async () => {
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket.resume()));
    const { findings, gauges } = await look(tcp, { tcp: at(port) });
    expect(findings).toMatchObject([{ expectation: 'connect', met: true }]);
    expect(gauges).toMatchObject({ probe_ip_protocol: 4 });
    const socket = await opened.promise;
    if (!socket.closed) await once(socket, 'close');
  });

  test('that refuses is refused', async () => {
    const { findings } = await look(tcp, { tcp: at(await closedPort()) });
    expect(findings).toMatchObject([
      { met: false, reason: 'refused', brief: 'connection refused' },
    ]);
  });

  test('that swallows packets is connect_timeout', async () => {
    const clock = new VirtualClock(NOON);
    const port = await blackHole();
    const looked = look(tcp, { tcp: at(port) }, { clock });
    await clock.advance(5_000);
    expect((await looked).findings).toMatchObject([
      { reason: 'connect_timeout', brief: 'no connection in 5s' },
    ]);
  });

  test('of a name that does not exist is dns', async () => {
    const { findings } = await look(tcp, { tcp: 'nowhere.invalid:80' });
    expect(findings).toMatchObject([{ reason: 'dns' }]);
  });
});

describe('a banner', () => {
  test('is asked for and matched, also when it comes in pieces', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', (data) => {
        expect(String(data)).toBe('PING\r\n');
        socket.write('+PO', () => setImmediate(() => socket.write('NG\r\n')));
      });
    });
    const written = { tcp: at(port), send: 'PING\r\n', expect: { banner: { contains: 'PONG' } } };
    const { unmet, gauges } = await look(tcp, written);
    expect(unmet).toEqual([]);
    expect(gauges).toMatchObject({ probe_failed_due_to_regex: 0 });
  });

  test('that is another is told', async () => {
    const port = await tcpServer((socket) => socket.end('-ERR auth\r\n'));
    const expected = { banner: { matches: '^\\+' } };
    const { unmet, gauges } = await look(tcp, { tcp: at(port), expect: expected });
    expect(gauges).toMatchObject({ probe_failed_due_to_regex: 1 });
    expect(unmet).toMatchObject([
      {
        expectation: 'banner',
        reason: 'banner',
        seen: '-ERR auth\\r\\n',
        brief: 'banner does not match ^\\+',
      },
    ]);
  });

  test('is inspected beside the loop, and what takes too long is not decided', async () => {
    const port = await tcpServer((socket) => socket.end('a'.repeat(4_000)));
    const asked: string[] = [];
    const written = { tcp: at(port), expect: { banner: { matches: '[ab]{900}c' } } };
    const { unmet } = await look(tcp, written, {
      inspect: (text) => {
        asked.push(text);
        return Promise.resolve({ undecided: '1s' });
      },
    });
    expect(asked.at(-1)).toHaveLength(4_000);
    expect(unmet).toMatchObject([
      { expectation: 'banner', reason: 'internal', brief: 'banner not decided in 1s' },
    ]);
  });

  test('that never comes is missing at the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket));
    const written = { tcp: at(port), expect: { banner: { contains: 'x' } } };
    const looked = look(tcp, written, { clock });
    await opened.promise;
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([
      { reason: 'banner', seen: 'nothing in 5s', brief: 'no banner in 5s' },
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('is not waited for beyond 4 KiB', async () => {
    const port = await tcpServer((socket) => {
      const pour = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    });
    const { unmet } = await look(tcp, { tcp: at(port), expect: { banner: { contains: 'y' } } });
    expect(unmet).toMatchObject([{ reason: 'banner' }]);
  });

  test('that must not hold something is judged by its first words', async () => {
    const clock = new VirtualClock(NOON);
    const port = await tcpServer((socket) => socket.write('220 ready\r\n'));
    const written = { tcp: at(port), expect: { banner: { not_contains: 'busy' } } };
    expect((await look(tcp, written, { clock })).unmet).toEqual([]);
  });

  test('cut short by a reset is reset', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const written = { tcp: at(port), send: 'x', expect: { banner: { contains: 'y' } } };
    expect((await look(tcp, written)).findings).toMatchObject([{ reason: 'reset' }]);
  });
});

describe('over TLS', () => {
  const tls = { ca: pem('ca.pem') };

  test('it talks as without, and the certificate is measured', async () => {
    const port = await tlsServer('good', (socket) => {
      socket.once('data', (data) => socket.write(`heard ${String(data)}`));
    });
    const written = { tcp: at(port), tls, send: 'PING', expect: { banner: { contains: 'PING' } } };
    const { unmet, gauges, facts } = await look(tcp, written);
    expect(unmet).toEqual([]);
    expect(gauges).toMatchObject({
      probe_ssl_earliest_cert_expiry: Date.UTC(2100, 0, 1) / 1_000,
      'probe_tls_version_info TLS 1.3': 1,
    });
    expect(JSON.stringify(facts).length).toBeLessThan(4_096);
  });

  test('a handshake is a whole look', async () => {
    const port = await tlsServer('good', (socket) => socket.resume());
    const { findings } = await look(tcp, { tcp: at(port), tls });
    expect(findings).toMatchObject([{ met: true, seen: expect.stringContaining('by TLS 1.3') }]);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const port = await tlsServer('good', (socket) => socket.resume());
    const { findings, gauges } = await look(tcp, { tcp: at(port), tls: true });
    expect(findings).toMatchObject([{ met: false, reason: 'certificate' }]);
    expect(gauges).toHaveProperty('probe_ssl_earliest_cert_expiry');
  });

  test('STARTTLS comes first, then what is sent', async () => {
    const port = await tcpServer((socket) => {
      socket.write('+OK\r\n');
      socket.once('data', () => {
        socket.pause().write('+OK\r\n', () => {
          upgraded(socket).once('data', function (this: Socket, data) {
            this.write(`+OK ${String(data)}`);
          });
        });
      });
    });
    const expected = { banner: { contains: '+OK CAPA' } };
    const written = { tcp: at(port), starttls: 'pop3', tls, send: 'CAPA\r\n', expect: expected };
    expect((await look(tcp, written)).unmet).toEqual([]);
  });

  test('a refused STARTTLS is tls', async () => {
    const port = await tcpServer((socket) => socket.end('554 not now\r\n'));
    const { findings } = await look(tcp, { tcp: at(port), starttls: 'smtp' });
    expect(findings).toMatchObject([{ reason: 'tls', brief: 'TLS refused: 554 not now' }]);
  });

  test('a certificate that ends soon is degraded', async () => {
    const clock = new VirtualClock(Date.UTC(2099, 11, 25));
    const port = await tlsServer('good', (socket) => socket.resume());
    const written = { tcp: at(port), tls, warn: { certificate: '14d' } };
    expect((await look(tcp, written, { clock })).unmet).toMatchObject([
      { level: 'warn', reason: 'certificate', brief: 'certificate expires in 7d' },
    ]);
  });
});

test('what is sent without a banner arrives', async () => {
  const heard = Promise.withResolvers<string>();
  const port = await tcpServer((socket) => {
    socket.once('data', (data) => heard.resolve(String(data)));
  });
  await look(tcp, { tcp: at(port), send: 'olá\n' });
  expect(await heard.promise).toBe('olá\n');
});

test('slow is down or degraded', async () => {
  const clock = new VirtualClock(NOON);
  const opened = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => opened.resolve(socket));
  const written = {
    tcp: at(port),
    expect: { banner: { contains: 'hi' }, time: '2s' },
    warn: { time: '1s' },
  };
  const looked = look(tcp, written, { clock });
  const socket = await opened.promise;
  await clock.advance(1_500);
  socket.write('hi');
  expect((await looked).unmet).toMatchObject([
    { level: 'warn', reason: 'slow', brief: 'took 1.5s' },
  ]);
});

test.each([
  { tcp: 'a.test' },
  { tcp: 'a.test:0' },
  { tcp: 'tcp://a.test:80' },
  { tcp: 'a.test:80', send: 1 },
  { tcp: 'a.test:80', expect: { status: 200 } },
  { tcp: 'a.test:80', tls: { verfy: false } },
  { tcp: 'a.test:80', starttls: 'xmpp' },
  { tcp: 'a.test:80', starttls: 'smtp', tls: false },
  { tcp: 'a.test:80', warn: { certificate: '14d' } },
])('%j is refused at load', (written) => {
  expect(tcp.options.safeParse(written).success).toBe(false);
});

test('the target of an IPv6 address has its brackets', () => {
  expect(tcp.target(tcp.options.parse({ tcp: '[::1]:80' }) as never)).toBe('[::1]:80');
});
