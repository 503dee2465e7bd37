/** Looks through a proxy: what it is asked, what it is not told, and what is its own fault. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { http } from '../../src/probes/http.ts';
import {
  blackHole,
  closedPort,
  httpServer,
  httpsServer,
  pem,
  rawServer,
  tcpServer,
} from '../loopback.ts';
import { proxyServer } from '../proxy-server.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const GOOD = { ca: pem('ca.pem'), server_name: 'localhost' };

describe('through a proxy', () => {
  test('a URL without TLS is asked for as a whole, and the proxy finds the name', async () => {
    const heard: unknown[] = [];
    const port = await httpServer((request, response) => {
      heard.push(request.headers);
      response.end(request.url);
    });
    const proxy = await proxyServer();
    const { unmet, facts } = await look(http, {
      http: `http://shop.test:${port}/a?b=c`,
      proxy: `http://127.0.0.1:${proxy.port}`,
      expect: { body: { contains: '/a' } },
    });
    expect(unmet).toEqual([]);
    expect(proxy.asked).toEqual([`GET http://shop.test:${port}/a?b=c`]);
    expect(heard).toMatchObject([{ host: `shop.test:${port}` }]);
    expect(facts).toMatchObject({ ip: '127.0.0.1' });
  });

  test('one with TLS is asked for in a tunnel, and its certificate is that of the target', async () => {
    const port = await httpsServer('good', (_request, response) => response.end('ok'));
    const proxy = await proxyServer();
    const { unmet, gauges } = await look(http, {
      http: `https://shop.test:${port}/`,
      proxy: `http://127.0.0.1:${proxy.port}`,
      tls: GOOD,
      warn: { certificate: '1d' },
    });
    expect(unmet).toEqual([]);
    expect(proxy.asked).toEqual([`CONNECT shop.test:${port}`]);
    expect(gauges).toMatchObject({ probe_http_ssl: 1, probe_ip_protocol: 4 });
  });

  test('that is spoken to over TLS is verified, whatever is said about the target', async () => {
    const port = await httpsServer('expired', (_request, response) => response.end('ok'));
    const proxy = await proxyServer({ isTls: true });
    const by = (host: string, tls: object) => {
      const through = `https://${host}:${proxy.port}`;
      return look(http, { http: `https://shop.test:${port}/`, proxy: through, tls });
    };
    const tls = { ca: pem('ca.pem'), verify: false };
    expect((await by('localhost', tls)).unmet).toEqual([]);
    expect((await by('127.0.0.1', tls)).unmet).toEqual([]);
    expect(proxy.asked).toEqual(Array(2).fill(`CONNECT shop.test:${port}`));
    const [unmet] = (await by('localhost', { verify: false })).unmet;
    expect(unmet).toMatchObject({ reason: 'certificate', seen: expect.stringMatching(/^proxy: /) });
  });

  test.each(['http', 'https'] as const)('%s: credentials are for it alone', async (scheme) => {
    const heard: object[] = [];
    const answer: Parameters<typeof httpServer>[0] = (request, response) => {
      heard.push(request.headers);
      response.end('ok');
    };
    const port = await (scheme === 'http' ? httpServer(answer) : httpsServer('good', answer));
    const proxy = await proxyServer({ credentials: 'ana:p@ss w%rd' });
    const written = { http: `${scheme}://shop.test:${port}/`, tls: GOOD };
    const by = (credentials: string) =>
      look(http, { ...written, proxy: `http://${credentials}127.0.0.1:${proxy.port}/` });
    expect((await by('ana:p%40ss%20w%25rd@')).unmet).toEqual([]);
    expect(JSON.stringify(heard)).not.toContain('proxy-authorization');
    for (const credentials of ['', 'ana:wrong-one@']) {
      const { findings } = await by(credentials);
      expect(findings).toMatchObject([
        { reason: 'refused', brief: 'proxy: HTTP 407, wants credentials, or other ones' },
      ]);
      expect(JSON.stringify(findings)).not.toContain('wrong-one');
    }
  });

  test('the one that the environment names is left alone', async () => {
    const port = await httpServer((_request, response) => response.end('ok'));
    const proxy = await proxyServer();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await look(http, { http: `http://127.0.0.1:${port}/` })).unmet).toEqual([]);
    expect(proxy.asked).toEqual([]);
  });
});

describe('a proxy that', () => {
  const through = async (port: number, scheme = 'https') => {
    const { unmet } = await look(http, {
      http: `${scheme}://shop.test:1/`,
      proxy: `http://ana:secret-word@127.0.0.1:${port}`,
    });
    expect(JSON.stringify(unmet)).not.toContain('secret-word');
    return unmet;
  };

  test.each(['http', 'https'])('does not reach the target by %s says so', async (scheme) => {
    const { port } = await proxyServer();
    expect(await through(port, scheme)).toMatchObject([
      {
        reason: 'unreachable',
        brief: 'proxy: HTTP 502, did not reach the target',
        seen: `proxy: HTTP 502, did not reach the target (shop.test:1 through the proxy 127.0.0.1:${port})`,
      },
    ]);
  });

  test('is not there is not the target’s fault', async () => {
    const port = await closedPort();
    expect(await through(port)).toMatchObject([
      { reason: 'refused', brief: 'proxy: connection refused' },
    ]);
  });

  test.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'refused', 'proxy: HTTP 403, refused'],
    ['SSH-2.0-x\r\n\r\n', 'protocol', 'proxy: not a valid HTTP answer'],
    ['HTTP/1.1 200 OK\r\n\r\nmore', 'protocol', 'proxy: spoke for the target'],
    ['HTTP/1.1 200 OK\r\n', 'reset', 'proxy: connection closed before there was a tunnel'],
    [
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`,
      'too_large',
      'proxy: more than 16 KiB of headers',
    ],
  ])('says %j is told as such', async (answer, reason, brief) => {
    expect(await through(await rawServer(answer))).toMatchObject([{ reason, brief }]);
  });

  test('says nothing is told when the time is over', async () => {
    const clock = new VirtualClock(NOON);
    const asked = Promise.withResolvers<undefined>();
    const port = await tcpServer((socket) => {
      socket.on('data', () => asked.resolve(undefined));
    });
    const written = { http: 'https://shop.test/', proxy: `http://127.0.0.1:${port}` };
    const looked = look(http, written, { clock });
    await asked.promise;
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([
      { reason: 'timeout', brief: 'proxy: no tunnel in 5s' },
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('swallows packets is told as such', async () => {
    const clock = new VirtualClock(NOON);
    const port = await blackHole();
    const written = { http: 'https://shop.test/', proxy: `http://127.0.0.1:${port}` };
    const looked = look(http, written, { clock });
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([
      { reason: 'connect_timeout', brief: 'proxy: no connection in 5s' },
    ]);
  });
});
