/** `http2: true`; what bad servers make of it is among the hostile targets. */
import { createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { http } from '../../src/probes/http.ts';
import { httpsServer, pem, serve, tlsServer } from '../loopback.ts';
import { proxyServer } from '../proxy-server.ts';
import { again, look } from './looking.ts';

type Answering = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

async function http2Server(answering: Answering) {
  const identity = { key: pem('leaf.key'), cert: pem('good.pem') };
  const sockets: Socket[] = [];
  const server = createSecureServer(identity, answering);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('sessionError', () => {});
  return { port: await serve(server), sockets };
}

const asking = (port: number, more: object = {}) => ({
  http: `https://localhost:${port}/`,
  http2: true,
  tls: { ca: pem('ca.pem') },
  ...more,
});

describe('HTTP/2', () => {
  test('is spoken where it is asked for, with all phases and the certificate', async () => {
    const heard: unknown[] = [];
    const { port } = await http2Server((request, response) => {
      heard.push({ ...request.headers });
      request.on('data', (chunk) => heard.push(String(chunk)));
      request.on('end', () => response.end('ok'));
    });
    const { unmet, findings, gauges, facts } = await look(
      http,
      asking(port, {
        body: 'olá',
        basic: { user: 'ana', password: 'secret' },
        expect: { body: { contains: 'ok' } },
        warn: { certificate: '1d' },
      }),
    );
    expect(unmet).toEqual([]);
    expect(findings[0]?.seen).toMatch(/^HTTP 2 from /);
    expect(gauges).toMatchObject({ probe_http_version: 2, probe_http_ssl: 1 });
    for (const phase of ['connect', 'tls', 'processing']) {
      expect(gauges[`probe_http_duration_seconds ${phase}`]).toBeGreaterThan(0);
    }
    expect(facts['tls']).not.toBeNull();
    expect(heard).toMatchObject([
      {
        ':method': 'POST',
        ':scheme': 'https',
        ':authority': `localhost:${port}`,
        authorization: 'Basic YW5hOnNlY3JldA==',
        'accept-encoding': 'identity',
      },
      'olá',
    ]);
  });

  test('is not what a server that was not asked for it is looked at by', async () => {
    const port = await httpsServer('good', (_request, response) => response.end('ok'));
    const { gauges } = await look(http, asking(port, { http2: false }));
    expect(gauges).toMatchObject({ probe_http_version: 1.1 });
  });

  test.each([
    ['another', ['http/1.1']],
    ['none', undefined],
  ])('a server that agrees to %s is down, and says what it speaks', async (_what, protocols) => {
    const more = protocols && { ALPNProtocols: protocols };
    const port = await tlsServer('good', () => {}, more);
    const { findings, facts } = await look(http, asking(port));
    expect(findings).toMatchObject([
      { reason: 'protocol', brief: 'HTTP/2 was asked, the server speaks HTTP/1.1' },
    ]);
    expect(facts['tls']).not.toBeNull();
  });

  test('leaves no connection open', async () => {
    const { port, sockets } = await http2Server((_request, response) => response.end('ok'));
    await look(http, asking(port));
    const [socket] = sockets;
    if (socket?.destroyed === false) await new Promise((resolve) => socket.on('close', resolve));
    expect(sockets).toHaveLength(1);
  });

  test('over a kept connection is one connection, and one that went away is replaced', async () => {
    const { port, sockets } = await http2Server((_request, response) => response.end('ok'));
    const { next } = again(http, asking(port, { reuse: true }));
    expect([(await next()).unmet, (await next()).unmet]).toEqual([[], []]);
    expect(sockets).toHaveLength(1);
    sockets[0]!.destroy();
    expect((await next()).unmet).toEqual([]);
    expect(sockets).toHaveLength(2);
  });

  test('goes through a proxy', async () => {
    const { port } = await http2Server((_request, response) => response.end('ok'));
    const proxy = await proxyServer();
    const through = { proxy: `http://127.0.0.1:${proxy.port}` };
    expect((await look(http, asking(port, through))).unmet).toEqual([]);
  });

  test('follows redirects, and needs https', async () => {
    const { port } = await http2Server((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/next' });
      response.end('ok');
    });
    expect((await look(http, asking(port))).gauges).toMatchObject({ probe_http_redirects: 1 });
    expect(http.options.safeParse({ http: 'http://a.test/', http2: true }).success).toBe(false);
  });
});
