import { createSecureServer, createServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { grpc } from '../../src/probes/grpc.ts';
import {
  closedPort,
  httpServer,
  pem,
  rawServer,
  serve,
  tcpServer,
  tlsServer,
} from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const at = (port: number) => `127.0.0.1:${port}`;
const ANSWER = { ':status': 200, 'content-type': 'application/grpc' };

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

function server(onStream: OnStream, isTls = false): Promise<number> {
  const keys = { key: pem('leaf.key'), cert: pem('good.pem') };
  const made = isTls ? createSecureServer(keys) : createServer();
  made.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      onStream(stream, headers, Buffer.concat(chunks));
    });
  });
  return serve(made);
}

/** These bytes as the answer, and OK after it. */
const answering = (hex: string, status = '0'): OnStream => {
  return (stream) => {
    stream.respond(ANSWER, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': status });
    });
    stream.end(Buffer.from(hex, 'hex'));
  };
};
const SERVING = '00000000020801';

describe('a server', () => {
  test('that serves is up, over plain HTTP/2 or TLS', async () => {
    const plain = await look(grpc, { grpc: at(await server(answering(SERVING))) });
    expect(plain.unmet).toEqual([]);
    expect(plain.gauges).toMatchObject({
      probe_grpc_status_code: 0,
      probe_grpc_ssl: 0,
      'probe_grpc_healthcheck_response SERVING': 1,
      'probe_grpc_healthcheck_response NOT_SERVING': 0,
      'probe_grpc_healthcheck_response UNKNOWN': 0,
      'probe_grpc_healthcheck_response SERVICE_UNKNOWN': 0,
    });
    expect(plain.gauges['probe_grpc_duration_seconds check']).toBeGreaterThan(0);
    const port = await server(answering(SERVING), true);
    const secured = await look(grpc, { grpc: at(port), tls: { ca: pem('ca.pem') } });
    expect(secured.unmet).toEqual([]);
    expect(secured.gauges).toMatchObject({
      probe_grpc_ssl: 1,
      probe_ssl_earliest_cert_expiry: Date.UTC(2100, 0, 1) / 1_000,
    });
    const distrusted = await look(grpc, { grpc: at(port), tls: true });
    expect(distrusted.unmet).toMatchObject([{ reason: 'certificate' }]);
  });

  test('is asked as gRPC prescribes, for one of its services', async () => {
    const asked = Promise.withResolvers<[IncomingHttpHeaders, Buffer]>();
    const port = await server((stream, headers, body) => {
      asked.resolve([headers, body]);
      answering(SERVING)(stream, headers, body);
    });
    await look(grpc, { grpc: at(port), service: 'shop.v1.Cart' });
    const [headers, body] = await asked.promise;
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':scheme': 'http',
      ':authority': at(port),
      'content-type': 'application/grpc',
      'grpc-timeout': '5000m',
      te: 'trailers',
    });
    expect(body.toString('hex')).toBe('000000000e0a0c73686f702e76312e43617274');
  });

  test('is asked as a whole with an empty message', async () => {
    const asked = Promise.withResolvers<Buffer>();
    const port = await server((stream, headers, body) => {
      asked.resolve(body);
      answering(SERVING)(stream, headers, body);
    });
    await look(grpc, { grpc: at(port) });
    expect((await asked.promise).toString('hex')).toBe('0000000000');
  });

  test.each([
    ['00000000020802', 'NOT_SERVING'],
    ['00000000020803', 'SERVICE_UNKNOWN'],
    ['00000000020800', 'UNKNOWN'],
    ['0000000000', 'UNKNOWN'],
  ])('that answers %s is %s: status', async (bytes, word) => {
    const { unmet, gauges } = await look(grpc, { grpc: at(await server(answering(bytes))) });
    expect(unmet).toMatchObject([{ expectation: 'health', reason: 'status', brief: word }]);
    expect(gauges).toMatchObject({ [`probe_grpc_healthcheck_response ${word}`]: 1 });
  });

  test('that does not know the protocol says so in its headers', async () => {
    const port = await server((stream) => {
      const status = { 'grpc-status': '12', 'grpc-message': 'unknown service' };
      stream.respond({ ...ANSWER, ...status }, { endStream: true });
    });
    const { unmet, gauges } = await look(grpc, { grpc: at(port) });
    expect(unmet).toMatchObject([
      { reason: 'status', brief: 'gRPC UNIMPLEMENTED: unknown service' },
    ]);
    expect(gauges).toMatchObject({ probe_grpc_status_code: 12 });
  });

  test.each([
    ['', 'nothing'],
    ['0000000002', 'half a message'],
    ['01000000020801', 'a compressed message'],
    ['00000000020809', 'a status that there is not'],
    ['00000000021a00', 'another message'],
  ])('that answers %j (%s) is protocol', async (bytes) => {
    const { unmet } = await look(grpc, { grpc: at(await server(answering(bytes))) });
    expect(unmet).toMatchObject([{ reason: 'protocol', brief: 'not a gRPC answer' }]);
  });
});

describe('something else', () => {
  test('HTTP/2 without gRPC is protocol, another status is status', async () => {
    const web = await server((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<h1>hello</h1>');
    });
    expect((await look(grpc, { grpc: at(web) })).unmet).toMatchObject([{ reason: 'protocol' }]);
    const busy = await server((stream) => {
      stream.respond({ ':status': 503 }, { endStream: true });
    });
    expect((await look(grpc, { grpc: at(busy) })).unmet).toMatchObject([
      { reason: 'status', brief: 'HTTP 503' },
    ]);
  });

  test.each([
    ['HTTP/1.1', () => httpServer((_request, response) => response.end())],
    ['junk', () => rawServer('SSH-2.0-OpenSSH\r\n')],
  ])('%s is protocol', async (_, start) => {
    const { unmet, gauges } = await look(grpc, { grpc: at(await start()) });
    expect(unmet).toMatchObject([{ expectation: 'connect', reason: 'protocol' }]);
    expect(gauges).toMatchObject({ probe_grpc_status_code: 14 });
  });

  test('TLS without HTTP/2 is told', async () => {
    const port = await tlsServer('good', (socket) => socket.end('hello'), {
      ALPNProtocols: ['http/1.1'],
    });
    const { unmet } = await look(grpc, { grpc: at(port), tls: { ca: pem('ca.pem') } });
    expect(unmet).toMatchObject([{ reason: 'tls' }]);
  });

  test('closing is reset, before the answer or in it', async () => {
    const early = await tcpServer((socket) => socket.once('data', () => socket.end()));
    expect((await look(grpc, { grpc: at(early) })).unmet).toMatchObject([{ reason: 'reset' }]);
    const late = await server((stream) => {
      stream.respond(ANSWER);
      stream.session?.destroy();
    });
    expect((await look(grpc, { grpc: at(late) })).unmet).toMatchObject([
      { expectation: 'connect' },
    ]);
    const refusing = await server((stream) => {
      stream.close(7);
    });
    expect((await look(grpc, { grpc: at(refusing) })).unmet).toMatchObject([{ reason: 'reset' }]);
  });

  test('a flood is too_large', async () => {
    const port = await server((stream) => {
      stream.respond(ANSWER);
      stream.end(Buffer.alloc(65_536));
    });
    expect((await look(grpc, { grpc: at(port) })).unmet).toMatchObject([{ reason: 'too_large' }]);
  });

  test('nobody there is refused', async () => {
    const { unmet, gauges } = await look(grpc, { grpc: at(await closedPort()) });
    expect(unmet).toMatchObject([{ reason: 'refused' }]);
    expect(gauges).toMatchObject({ probe_grpc_status_code: 14 });
  });

  test('no answer in time is timeout', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket.resume()));
    const looked = look(grpc, { grpc: at(port) }, { clock });
    await opened.promise;
    await clock.advance(5_000);
    const { unmet, gauges } = await looked;
    expect(unmet).toMatchObject([{ reason: 'timeout', brief: 'no answer in 5s' }]);
    expect(gauges).toMatchObject({ probe_grpc_status_code: 4 });
  });
});

test.each([
  { grpc: 'https://a.test' },
  { grpc: 'a.test:1', service: 'a b' },
  { grpc: 'a.test:1', service: 'x'.repeat(101) },
  { grpc: 'a.test:1', warn: { certificate: '14d' } },
])('%j is refused at load', (written) => {
  expect(grpc.options.safeParse(written).success).toBe(false);
});
