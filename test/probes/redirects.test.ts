import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nextHop } from '../../src/probes/_redirects.ts';
import { http } from '../../src/probes/http.ts';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { httpServer, httpsServer, pem } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

/** Serves answers by path, and keeps what was asked. */
async function site(pages: Record<string, { status?: number; to?: string }>) {
  const asked: IncomingMessage[] = [];
  const port = await httpServer((request, response) => {
    asked.push(request);
    const { status = 302, to } = pages[request.url ?? ''] ?? { status: 200 };
    response.writeHead(status, to === undefined ? {} : { location: to }).end('page');
  });
  return { origin: `http://127.0.0.1:${port}`, asked };
}

describe('redirects', () => {
  test('are followed, counted, and what is at their end is judged', async () => {
    const { origin, asked } = await site({ '/': { to: '/a' }, '/a': { to: 'b?c=d' } });
    const { unmet, gauges } = await look(http, { http: `${origin}/` });
    expect(unmet).toEqual([]);
    expect(asked.map(({ url }) => url)).toEqual(['/', '/a', '/b?c=d']);
    expect(gauges).toMatchObject({ probe_http_redirects: 2, probe_http_status_code: 200 });
  });

  test('are answers when they are not to be followed', async () => {
    const { origin } = await site({ '/': { to: '/a' } });
    const asked = { http: `${origin}/`, follow_redirects: false };
    expect((await look(http, asked)).unmet).toMatchObject([{ reason: 'status', seen: '302' }]);
    expect((await look(http, { ...asked, expect: { status: 302 } })).unmet).toEqual([]);
  });

  test('that go in a circle are found out', async () => {
    const { origin, asked } = await site({ '/': { to: '/a' }, '/a': { to: '/' } });
    const { findings } = await look(http, { http: `${origin}/` });
    expect(findings).toMatchObject([{ reason: 'redirect', brief: 'redirect loop' }]);
    expect(asked).toHaveLength(2);
  });

  test('end after five', async () => {
    const five = Object.fromEntries([0, 1, 2, 3, 4].map((n) => [`/${n}`, { to: `/${n + 1}` }]));
    const good = await site(five);
    expect((await look(http, { http: `${good.origin}/0` })).unmet).toEqual([]);
    const six = await site({ ...five, '/5': { to: '/6' } });
    expect((await look(http, { http: `${six.origin}/0` })).findings).toMatchObject([
      { reason: 'redirect', brief: 'more than 5 redirects' },
    ]);
    expect(six.asked).toHaveLength(6);
  });

  test.each([
    [undefined, 'redirect without a location'],
    ['http://[', 'redirect to an invalid location'],
    ['ftp://a.test/', 'redirect to ftp:'],
  ])('to %j are not followed', async (to, brief) => {
    const { origin } = await site({ '/': to === undefined ? { status: 302 } : { to } });
    expect((await look(http, { http: `${origin}/` })).findings).toMatchObject([
      { reason: 'redirect', brief },
    ]);
  });

  test('never lead from https to http', async () => {
    const plain = await site({});
    const port = await httpsServer('good', (_request, response) => {
      response.writeHead(301, { location: `${plain.origin}/` }).end();
    });
    const written = { http: `https://localhost:${port}/`, tls: { ca: pem('ca.pem') } };
    expect((await look(http, written)).findings).toMatchObject([
      { reason: 'redirect', brief: 'redirect from https to http' },
    ]);
    expect(plain.asked).toEqual([]);
  });

  test('to another origin take no credentials along, whatever they are called', async () => {
    const other = await site({});
    const first = await site({ '/': { to: `${other.origin}/` }, '/here': { to: '/there' } });
    const headers = {
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-api-key': 'k',
      host: 'shop.test',
      'user-agent': 'mine',
    };
    await look(http, { http: `${first.origin}/`, headers });
    expect(other.asked[0]?.headers).toMatchObject({ 'user-agent': 'mine' });
    expect(other.asked[0]?.headers.host).toBe(new URL(other.origin).host);
    for (const name of ['authorization', 'cookie', 'x-api-key']) {
      expect(other.asked[0]?.headers).not.toHaveProperty(name);
    }
    await look(http, { http: `${first.origin}/here`, headers });
    expect(first.asked.at(-1)?.headers).toMatchObject({ authorization: 'Bearer x' });
  });
});

describe('a name that a redirect leads to', () => {
  const METADATA = [
    '169.254.169.254',
    'fe80::a9fe:a9fe%eth0',
    '::FFFF:169.254.1.1',
    'fd00:ec2::254',
  ];

  /** Knows these names, and nobody else. */
  function knowing(names: Readonly<Record<string, readonly string[]>>) {
    const clock = systemClock();
    const transport = createTransport({
      clock,
      resolver: {
        resolve: (host) => {
          const addresses = names[host] ?? (isIP(host) === 0 ? [] : [host]);
          const family = (address: string) => (address.includes(':') ? 6 : 4);
          return Promise.resolve({
            addresses: addresses.map((address) => ({ address, family: family(address) })),
          });
        },
        servers: () => Promise.resolve([]),
        close() {},
      },
    });
    onTestFinished(() => transport.close());
    return { transport, clock };
  }

  test.each(METADATA)('is not gone to where it turns out to be %s', async (address) => {
    const { origin } = await site({ '/': { to: 'http://inside.test/' } });
    for (const addresses of [[address], ['127.0.0.1', address]]) {
      const { unmet } = await look(http, { http: origin }, knowing({ 'inside.test': addresses }));
      expect(unmet).toMatchObject([
        { reason: 'redirect', brief: 'redirect to a link-local address' },
      ]);
    }
  });

  test('may be any other, and its own link may be looked at by who asks for it', async () => {
    const { origin, asked } = await site({ '/': { to: '' } });
    const port = new URL(origin).port;
    const { origin: first } = await site({ '/': { to: `http://inside.test:${port}/x` } });
    const other = knowing({ 'inside.test': ['127.0.0.1'] });
    expect((await look(http, { http: first }, other)).unmet).toEqual([]);
    expect(asked).toHaveLength(1);
    const direct = await look(
      http,
      { http: 'http://inside.test:1/' },
      { ...knowing({ 'inside.test': ['::ffff:169.254.0.1'] }), timeoutMs: 50 },
    );
    expect(direct.unmet[0]?.reason).not.toBe('redirect');
  });
});

test('a timeout after a redirect tells the time of the whole look', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 4, 1, 12));
  const arrived: PromiseWithResolvers<undefined>[] = [0, 1].map(() => Promise.withResolvers());
  const port = await httpServer((request, response) => {
    if (request.url !== '/') {
      arrived[1]?.resolve(undefined);
      return;
    }
    arrived[0]?.resolve(undefined);
    goOn = () => response.writeHead(302, { location: '/slow' }).end();
  });
  let goOn = (): unknown => null;
  const looked = look(http, { http: `http://127.0.0.1:${port}/` }, { clock });
  await arrived[0]?.promise;
  await clock.advance(2_000);
  goOn();
  await arrived[1]?.promise;
  await clock.advance(3_000);
  expect((await looked).unmet).toMatchObject([{ reason: 'timeout', brief: 'no answer in 5s' }]);
});

describe('the method after a redirect', () => {
  const from = {
    isOwn: true,
    url: new URL('http://a.test/'),
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-a': 'b' },
    body: 'b',
  };

  test.each([
    [301, 'POST', 'GET', null],
    [302, 'POST', 'GET', null],
    [303, 'PUT', 'GET', null],
    [303, 'HEAD', 'HEAD', 'b'],
    [302, 'PUT', 'PUT', 'b'],
    [307, 'POST', 'POST', 'b'],
    [308, 'POST', 'POST', 'b'],
  ])('%i to a %s is a %s', (status, before, method, body) => {
    const hop = nextHop({ status, location: '/x' }, { ...from, method: before });
    expect(hop).toMatchObject({ method, body });
    expect(hop).toMatchObject({
      headers: body === null ? { 'x-a': 'b' } : { 'content-type': 'text/plain' },
    });
  });

  test('credentials in a location are not used', () => {
    const hop = nextHop({ status: 302, location: 'http://u:p@b.test/' }, from);
    expect(hop).toMatchObject({ url: new URL('http://b.test/') });
  });

  test('a host of the link alone may send on to itself, and nobody else to it', () => {
    const camera = { ...from, url: new URL('http://169.254.7.7/') };
    const location = 'http://169.254.7.7/login';
    expect(nextHop({ status: 302, location }, camera)).toMatchObject({ url: new URL(location) });
    expect(nextHop({ status: 302, location }, from)).toBe('redirect to a link-local address');
  });

  test.each([200, 300, 304, 305, 306])('%i is not a redirect', (status) => {
    expect(nextHop({ status, location: '/x' }, from)).toBeNull();
  });
});
