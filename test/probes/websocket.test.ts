import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { websocket } from '../../src/probes/websocket.ts';
import { closedPort, httpServer, pem, rawServer, serve, tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look, sight } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const at = (port: number, scheme = 'ws') => `${scheme}://127.0.0.1:${port}/feed?key=1`;

async function feed(onPeer: (peer: WebSocket, headers: object) => void, isTls = false) {
  const keys = { key: pem('leaf.key'), cert: pem('good.pem') };
  const server = isTls ? createHttpsServer(keys) : createServer();
  new WebSocketServer({ server }).on('connection', (peer, { headers, url }) => {
    onPeer(peer, { ...headers, url });
  });
  return serve(server);
}

/** A handshake by hand, and then these bytes. */
const upgraded = (bytes: string | Buffer) =>
  tcpServer((socket) => {
    socket.once('data', (data) => {
      const key = /^sec-websocket-key: (.*)\r$/im.exec(String(data))?.[1] ?? '';
      const accept = createHash('sha1')
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      const head =
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
      socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
      socket.write(bytes);
    });
  });

describe('an upgrade', () => {
  test('that is granted is up, and ends with a farewell', async () => {
    const closed = Promise.withResolvers<number>();
    const asked = Promise.withResolvers<object>();
    const port = await feed((peer, headers) => {
      asked.resolve(headers);
      peer.on('close', closed.resolve);
    });
    const written = { websocket: at(port), headers: { Authorization: 'Bearer x' } };
    const { unmet, findings, gauges, facts } = await look(websocket, written);
    expect(unmet).toEqual([]);
    expect(findings).toMatchObject([{ expectation: 'connect' }, { expectation: 'upgrade' }]);
    expect(gauges).toMatchObject({
      probe_websocket_status_code: 101,
      probe_websocket_connection_upgraded: 1,
      probe_ip_protocol: 4,
    });
    expect(gauges['probe_websocket_duration_seconds processing']).toBeGreaterThan(0);
    expect(gauges).not.toHaveProperty('probe_websocket_failed_due_to_regex');
    expect(await asked.promise).toMatchObject({
      authorization: 'Bearer x',
      host: `127.0.0.1:${port}`,
      url: '/feed?key=1',
    });
    expect(await closed.promise).toBe(1000);
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test('over TLS is measured with its certificate', async () => {
    const port = await feed((peer) => peer.send('hi'), true);
    const written = {
      websocket: at(port, 'wss'),
      tls: { ca: pem('ca.pem') },
      expect: { message: { contains: 'hi' } },
    };
    const { unmet, gauges } = await look(websocket, written);
    expect(unmet).toEqual([]);
    expect(gauges).toMatchObject({
      probe_ssl_earliest_cert_expiry: Date.UTC(2100, 0, 1) / 1_000,
      'probe_tls_version_info TLS 1.3': 1,
    });
    const distrusted = await look(websocket, { websocket: at(port, 'wss') });
    expect(distrusted.unmet).toMatchObject([{ reason: 'certificate' }]);
  });

  test.each([200, 301, 403, 503])('answered by %i is status', async (status) => {
    const port = await httpServer((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('no');
    });
    const { unmet, gauges } = await look(websocket, { websocket: at(port) });
    expect(unmet).toMatchObject([
      { expectation: 'upgrade', reason: 'status', brief: `HTTP ${status}` },
    ]);
    expect(gauges).toMatchObject({
      probe_websocket_status_code: status,
      probe_websocket_connection_upgraded: 0,
    });
  });

  test.each([
    ['junk', 'SSH-2.0-OpenSSH\r\n', 'protocol'],
    [
      'no proof that the key was read',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'protocol',
    ],
    ['a switch to nothing', 'HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n', 'protocol'],
    ['too many headers', `HTTP/1.1 101 OK\r\nx: ${'x'.repeat(32_768)}\r\n\r\n`, 'too_large'],
  ])('answered by %s is not one', async (_, answer, reason) => {
    const { unmet } = await look(websocket, { websocket: at(await rawServer(answer)) });
    expect(unmet).toMatchObject([{ expectation: 'connect', reason }]);
  });

  test('cut short is reset', async () => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.destroy()));
    expect((await look(websocket, { websocket: at(port) })).unmet).toMatchObject([
      { reason: 'reset' },
    ]);
  });

  test('of a port where nobody is is refused', async () => {
    const { unmet } = await look(websocket, { websocket: at(await closedPort()) });
    expect(unmet).toMatchObject([{ reason: 'refused' }]);
  });

  test('without the subprotocol that was asked for is protocol', async () => {
    const written = { websocket: at(await upgraded('')), protocols: ['graphql-ws'] };
    expect((await look(websocket, written)).unmet).toMatchObject([{ reason: 'protocol' }]);
    const granting = await feed(() => {});
    const granted = { websocket: at(granting), protocols: ['graphql-ws'] };
    expect((await look(websocket, granted)).unmet).toEqual([]);
  });
});

describe('a message', () => {
  const expecting = (port: number, message: object, more = {}) => ({
    websocket: at(port),
    expect: { message },
    ...more,
  });

  test('answers what is sent', async () => {
    const port = await feed((peer) => {
      peer.on('message', (data: Buffer, isBinary) => {
        expect(isBinary).toBe(false);
        peer.send(`pong ${String(data)}`);
      });
    });
    const written = expecting(port, { matches: '^pong olá$' }, { send: 'olá' });
    const { unmet, gauges } = await look(websocket, written);
    expect(unmet).toEqual([]);
    expect(gauges).toMatchObject({ probe_websocket_failed_due_to_regex: 0 });
  });

  test('may come after others', async () => {
    const port = await feed((peer) => {
      for (const text of ['welcome', 'soon', 'ready']) peer.send(text);
    });
    expect((await look(websocket, expecting(port, { contains: 'ready' }))).unmet).toEqual([]);
  });

  test('is inspected beside the loop, in its turn, also when the peer has gone meanwhile', async () => {
    const port = await feed((peer) => {
      for (const text of ['welcome', 'ready', 'later']) peer.send(text);
      peer.close(1001);
    });
    const gone = Promise.withResolvers<boolean>();
    const { inspect, transport } = sight();
    const asked: string[] = [];
    const { unmet, facts } = await look(websocket, expecting(port, { contains: 'ready' }), {
      transport: {
        ...transport,
        async connect(to) {
          const connected = await transport.connect(to);
          if ('socket' in connected) connected.socket.once('close', () => gone.resolve(true));
          return connected;
        },
      },
      async inspect(text, ...more) {
        asked.push(text);
        await gone.promise;
        return inspect(text, ...more);
      },
    });
    expect(unmet).toEqual([]);
    expect(asked).toEqual(['welcome', 'ready']);
    expect(facts).toMatchObject({ held: { excerpt: 'ready' } });
  });

  test('that is never the right one is body at the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const sent = Promise.withResolvers<WebSocket>();
    const port = await feed((peer) => peer.send('welcome', () => sent.resolve(peer)));
    const looked = look(websocket, expecting(port, { contains: 'ready' }), { clock });
    const peer = await sent.promise;
    peer.ping();
    // The answer to the ping shows that what was sent before it has been read.
    await once(peer, 'pong');
    await clock.advance(5_000);
    const { unmet, gauges } = await looked;
    expect(unmet).toMatchObject([
      { expectation: 'message', reason: 'body', seen: 'welcome', brief: 'message lacks "ready"' },
    ]);
    expect(gauges).toMatchObject({ probe_websocket_failed_due_to_regex: 1 });
    expect(clock.pending()).toBe(0);
  });

  test('that never comes is body, too', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<WebSocket>();
    const port = await feed(opened.resolve);
    const looked = look(websocket, expecting(port, { not_contains: 'busy' }), { clock });
    const peer = await opened.promise;
    peer.ping();
    await once(peer, 'pong');
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([{ reason: 'body', brief: 'no message in 5s' }]);
  });

  test('that must not hold something is the first', async () => {
    const port = await feed((peer) => {
      peer.send('busy');
      peer.send('ready');
    });
    expect((await look(websocket, expecting(port, { not_contains: 'busy' }))).unmet).toMatchObject([
      { brief: 'message has "busy"' },
    ]);
  });

  test('that the server closes before is told with its code', async () => {
    const port = await feed((peer) => peer.close(1013, 'later'));
    expect((await look(websocket, expecting(port, { contains: 'x' }))).unmet).toMatchObject([
      { reason: 'body', brief: 'no message before it closed (1013)' },
    ]);
  });

  test.each([
    ['longer than 64 KiB', Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 1]), 'too_large'],
    ['with a mask that only clients have', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5]), 'protocol'],
    ['compressed without being asked', Buffer.from([0xc1, 1, 65]), 'protocol'],
    ['that is not UTF-8', Buffer.from([0x81, 1, 0xff]), 'protocol'],
  ])('%s is not read', async (_, bytes, reason) => {
    const port = await upgraded(bytes);
    const { unmet, gauges } = await look(websocket, expecting(port, { contains: 'x' }));
    expect(unmet).toMatchObject([{ expectation: 'connect', reason }]);
    expect(gauges).toMatchObject({ probe_websocket_connection_upgraded: 1 });
  });

  test('after message is not listened to without end', async () => {
    const closed = Promise.withResolvers<unknown>();
    const port = await feed((peer) => {
      const pour = () => {
        if (peer.readyState === peer.OPEN) peer.send('', () => setImmediate(pour));
      };
      peer.on('close', closed.resolve);
      pour();
    });
    const { unmet } = await look(websocket, expecting(port, { contains: 'x' }));
    expect(unmet).toMatchObject([{ expectation: 'message', reason: 'body' }]);
    await closed.promise;
  });
});

test('slow is degraded', async () => {
  const clock = new VirtualClock(NOON);
  const opened = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => opened.resolve(socket));
  const looked = look(websocket, { websocket: at(port), warn: { time: '1s' } }, { clock });
  const socket = await opened.promise;
  await clock.advance(1_500);
  socket.end('HTTP/1.1 503 No\r\n\r\n');
  expect((await looked).unmet).toMatchObject([
    { reason: 'status' },
    { level: 'warn', brief: 'took 1.5s' },
  ]);
});

test.each([
  { websocket: 'https://a.test/' },
  { websocket: 'wss://user:secret@a.test/' },
  { websocket: 'wss://a.test/#x' },
  { websocket: 'wss://a.test/', headers: { 'Sec-WebSocket-Protocol': 'x' } },
  { websocket: 'wss://a.test/', headers: { Upgrade: 'x' } },
  { websocket: 'wss://a.test/', protocols: ['a b'] },
  { websocket: 'wss://a.test/', expect: { message: {} } },
])('%j is refused at load, without repeating it', (written) => {
  const { error } = websocket.options.safeParse(written);
  expect(error?.issues).toHaveLength(1);
  expect(JSON.stringify(error?.issues)).not.toContain('secret');
});
