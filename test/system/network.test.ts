import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import type { Clock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import type { NetworkParts } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { Resolver } from '../../src/system/resolver.ts';
import type { Exchange, Exchanged, NetworkFailure } from '../../src/system/transport.ts';
import {
  blackHole,
  closedPort,
  httpServer,
  httpsServer,
  pem,
  rawServer,
  serve,
  tcpServer,
} from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

function transport(
  clock: Clock = systemClock(),
  resolver: NetworkParts['resolver'] = new OwnResolver({ clock }),
) {
  const made = createTransport({ clock, resolver });
  onTestFinished(() => made.close());
  return made;
}

function resolvesBy(resolve: Resolver['resolve']): NetworkParts['resolver'] {
  return { resolve, servers: () => Promise.resolve([]), close: () => {} };
}

function resolvesTo(...addresses: string[]): NetworkParts['resolver'] {
  return resolvesBy(() =>
    Promise.resolve({
      addresses: addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    }),
  );
}

function asking(url: string, more: Partial<Exchange> = {}): Exchange {
  return {
    url: new URL(url),
    method: 'GET',
    headers: {},
    body: null,
    maxBodyBytes: 64 * 1024,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    tls: { verify: true, ca: null, serverName: null },
    ...more,
  };
}

function answered(outcome: Exchanged | NetworkFailure): Exchanged {
  if ('failure' in outcome) expect.fail(`${outcome.failure}: ${outcome.detail}`);
  return outcome;
}

function failed(outcome: object): NetworkFailure {
  if (!('failure' in outcome)) expect.fail('there was an answer');
  return outcome as NetworkFailure;
}

async function failureOf(port: number): Promise<NetworkFailure> {
  return failed(await transport().exchange(asking(`http://127.0.0.1:${port}/`)));
}

describe('an exchange', () => {
  test('brings back status, headers, body and phases', async () => {
    const port = await httpServer((request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''}`);
    });
    const outcome = answered(await transport().exchange(asking(`http://127.0.0.1:${port}/x?y=1`)));
    expect(outcome).toMatchObject({
      status: 200,
      body: `GET /x?y=1 127.0.0.1:${port}`,
      truncated: false,
      httpVersion: '1.1',
      ip: '127.0.0.1',
      tls: null,
    });
    expect(outcome.headers['set-cookie']).toBe('a=1\nb=2');
    expect(outcome.phases.connect).toBeGreaterThan(0);
    expect(outcome.phases.processing).toBeGreaterThan(0);
    expect(outcome.phases.tls).toBe(0);
  });

  test('asks for no compression, says who it is, and lets the check say otherwise', async () => {
    const heard: unknown[] = [];
    const port = await httpServer((request, response) => {
      heard.push(request.headers);
      response.end();
    });
    const url = `http://127.0.0.1:${port}/`;
    await transport().exchange(asking(url));
    await transport().exchange(asking(url, { headers: { 'user-agent': 'mine', host: 'shop' } }));
    expect(heard[0]).toMatchObject({ 'accept-encoding': 'identity' });
    expect(heard[0]).toMatchObject({ 'user-agent': expect.stringMatching(/^tocsin\/\d/) });
    expect(heard[1]).toMatchObject({ 'user-agent': 'mine', host: 'shop' });
  });

  test('uses a fresh connection each time and leaves none open', async () => {
    const closed: Promise<unknown>[] = [];
    const port = await httpServer((request, response) => {
      closed.push(once(request.socket, 'close'));
      response.end('ok');
    });
    const { exchange } = transport();
    await exchange(asking(`http://127.0.0.1:${port}/`));
    await exchange(asking(`http://127.0.0.1:${port}/`));
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  test('tells the version of an old server', async () => {
    const port = await rawServer('HTTP/1.0 200 OK\r\n\r\nold');
    const outcome = await transport().exchange(asking(`http://127.0.0.1:${port}/`));
    expect(answered(outcome)).toMatchObject({ httpVersion: '1.0', body: 'old' });
  });

  test('takes interim answers for what they are', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n';
    const port = await rawServer(`${early}HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno`);
    const outcome = await transport().exchange(asking(`http://127.0.0.1:${port}/`));
    expect(answered(outcome)).toMatchObject({ status: 404, body: 'no' });
  });

  test('cuts an endless body and closes its connection', async () => {
    const closed = Promise.withResolvers<undefined>();
    const port = await httpServer((request, response) => {
      request.socket.on('close', () => closed.resolve(undefined));
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    const outcome = answered(await transport().exchange(asking(`http://127.0.0.1:${port}/`)));
    expect(outcome).toMatchObject({ truncated: true, bodyBytes: 65_536 });
    await closed.promise;
  });

  test('does not call a body of exactly the limit cut', async () => {
    const port = await httpServer((_request, response) => response.end('x'.repeat(100)));
    const url = `http://127.0.0.1:${port}/`;
    const whole = await transport().exchange(asking(url, { maxBodyBytes: 100 }));
    const cut = await transport().exchange(asking(url, { maxBodyBytes: 99 }));
    expect(answered(whole)).toMatchObject({ truncated: false, bodyBytes: 100 });
    expect(answered(cut)).toMatchObject({ truncated: true, bodyBytes: 99 });
  });

  test('does not inflate what was compressed unasked', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const port = await httpServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    const outcome = answered(await transport().exchange(asking(`http://127.0.0.1:${port}/`)));
    expect(outcome.bodyBytes).toBe(bomb.length);
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('ends without a body after %s answered %i', async (method, status) => {
    const port = await httpServer((_request, response) => response.writeHead(status).end());
    const outcome = await transport().exchange(asking(`http://127.0.0.1:${port}/`, { method }));
    expect(answered(outcome)).toMatchObject({ status, body: '' });
  });

  test('sends a body', async () => {
    const port = await httpServer((request, response) => request.pipe(response));
    const more = { method: 'POST', body: 'olá' };
    const outcome = await transport().exchange(asking(`http://127.0.0.1:${port}/`, more));
    expect(answered(outcome).body).toBe('olá');
  });

  test('speaks to an IPv6 address', async () => {
    const port = await serve(
      createServer((socket) => socket.end('HTTP/1.1 204 N\r\n\r\n')),
      '::1',
    );
    const outcome = answered(await transport().exchange(asking(`http://[::1]:${port}/`)));
    expect(outcome).toMatchObject({ status: 204, ip: '::1' });
  });
});

describe('what went wrong', () => {
  test('refused: nothing listens', async () => {
    const port = await closedPort();
    const failure = await failureOf(port);
    expect(failure).toMatchObject({ failure: 'refused', sent: false });
    expect(failure.detail).toBe(`connection refused (127.0.0.1:${port})`);
  });

  test('dns: the name does not exist', async () => {
    const outcome = failed(await transport().exchange(asking('http://nowhere.invalid/')));
    expect(outcome).toMatchObject({ failure: 'dns', sent: false, ip: null });
  });

  test('reset: closed without an answer', async () => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
    expect(await failureOf(port)).toMatchObject({ failure: 'reset', sent: true });
  });

  test('reset: closed as soon as it was opened', async () => {
    const port = await tcpServer((socket) => socket.destroy());
    expect(await failureOf(port)).toMatchObject({ failure: 'reset' });
  });

  test('reset: RST in the middle of the body', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () =>
          socket.resetAndDestroy(),
        );
      });
    });
    expect(await failureOf(port)).toMatchObject({ failure: 'reset', sent: true });
  });

  test.each([
    'content-length: 100\r\n\r\nhalf',
    'transfer-encoding: chunked\r\n\r\n64\r\nhalf',
    'connection: close\r\ncontent-length: 100\r\n\r\nhalf',
    'connection: close\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhalf',
    'content-length: 100\r\n',
  ])('reset: closed in the middle of the body (%j)', async (rest) => {
    const port = await rawServer(`HTTP/1.1 200 OK\r\n${rest}`);
    expect(await failureOf(port)).toMatchObject({ failure: 'reset' });
  });

  test.each([
    'SSH-2.0-OpenSSH_9.2p1\r\n',
    'HTTP/1.1 200 OK\r\nbroken header\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ])('protocol: %j', async (answer) => {
    expect(await failureOf(await rawServer(answer))).toMatchObject({ failure: 'protocol' });
  });

  test('too_large: more than 16 KiB of headers', async () => {
    const port = await rawServer(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await failureOf(port)).toMatchObject({ failure: 'too_large' });
  });

  test('dns: a resolver that never answers ends at the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const silent = resolvesBy(
      (_host, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ failure: 'timeout' }));
        }),
    );
    const outcome = transport(clock, silent).exchange(asking('http://shop.test/'));
    await clock.advance(5_000);
    expect(failed(await outcome)).toMatchObject({ failure: 'dns', sent: false });
  });

  test('timeout: connected, and no answer within the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const asked = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => socket.once('data', () => asked.resolve(socket)));
    const outcome = transport(clock).exchange(asking(`http://127.0.0.1:${port}/`));
    const closed = once(await asked.promise, 'close');
    await clock.advance(5_000);
    const failure = failed(await outcome);
    expect(failure).toMatchObject({ failure: 'timeout', sent: true });
    expect(failure.detail).toBe(`no answer in 5s (127.0.0.1:${port})`);
    expect(failure.phases.processing).toBe(5_000);
    await closed;
    expect(clock.pending()).toBe(0);
  });

  test('timeout: a body that drips for ever', async () => {
    const clock = new VirtualClock(NOON);
    const asked = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n');
        asked.resolve(socket);
      });
    });
    const outcome = transport(clock).exchange(asking(`http://127.0.0.1:${port}/`));
    const socket = await asked.promise;
    for (let second = 0; second < 5; second++) {
      socket.write('x');
      await clock.advance(1_000);
    }
    expect(failed(await outcome).failure).toBe('timeout');
  });

  test('timeout: a TLS handshake that is never finished', async () => {
    const clock = new VirtualClock(NOON);
    const hello = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => socket.once('data', () => hello.resolve(socket)));
    const outcome = transport(clock).exchange(asking(`https://127.0.0.1:${port}/`));
    await hello.promise;
    await clock.advance(5_000);
    expect(failed(await outcome)).toMatchObject({ failure: 'timeout', sent: false });
  });

  test('a signal that aborts ends it at once, and one that has aborted sends nothing', async () => {
    const asked = Promise.withResolvers<unknown>();
    const port = await tcpServer((socket) => socket.once('data', asked.resolve));
    const stop = new AbortController();
    const more = { signal: stop.signal };
    const outcome = transport().exchange(asking(`http://127.0.0.1:${port}/`, more));
    await asked.promise;
    stop.abort();
    expect(failed(await outcome).failure).toBe('timeout');
    const late = await transport().exchange(asking(`http://127.0.0.1:${port}/`, more));
    expect(failed(late)).toMatchObject({ failure: 'connect_timeout', sent: false });
  });

  test('details hold neither the query nor a header', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/?token=hunter2`;
    const outcome = await transport().exchange(
      asking(url, { headers: { authorization: 'hunter2' } }),
    );
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });
});

describe('several addresses', () => {
  test('a refused first family does not hide a second that answers', async () => {
    const port = await httpServer((_request, response) => response.end('ok'));
    const both = transport(systemClock(), resolvesTo('::1', '127.0.0.1'));
    const outcome = await both.exchange(asking(`http://shop.test:${port}/`));
    expect(answered(outcome)).toMatchObject({ body: 'ok', ip: '127.0.0.1' });
  });

  test('refused by all is refused', async () => {
    const both = transport(systemClock(), resolvesTo('::1', '127.0.0.1'));
    const outcome = await both.exchange(asking(`http://shop.test:${await closedPort()}/`));
    expect(failed(outcome).failure).toBe('refused');
  });

  test('a black hole in the first costs a pause, not the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const port = await httpServer((_request, response) => response.end('ok'));
    await blackHole('::1', port);
    const outcome = transport(clock, resolvesTo('::1', '127.0.0.1')).exchange(
      asking(`http://shop.test:${port}/`),
    );
    await clock.advance(250);
    const { ip, phases } = answered(await outcome);
    expect(ip).toBe('127.0.0.1');
    expect(phases.connect).toBe(250);
    expect(clock.pending()).toBe(0);
  });

  test('a name without an address is a failure of DNS', async () => {
    const outcome = await transport(systemClock(), resolvesTo()).exchange(
      asking('http://shop.test/'),
    );
    expect(failed(outcome).failure).toBe('dns');
  });
});

describe('certificates', () => {
  const tls = { verify: true, ca: pem('ca.pem'), serverName: null };

  test('a good one from the given authority is accepted, its dates are told', async () => {
    const port = await httpsServer('good', (_request, response) => response.end('ok'));
    for (const host of ['localhost', '127.0.0.1']) {
      const outcome = await transport().exchange(asking(`https://${host}:${port}/`, { tls }));
      expect(answered(outcome)).toMatchObject({
        body: 'ok',
        tls: {
          protocol: 'TLSv1.3',
          leafNotBefore: Date.UTC(2025, 0, 1),
          leafNotAfter: Date.UTC(2100, 0, 1),
          chainNotAfter: Date.UTC(2100, 0, 1),
        },
      });
    }
  });

  test('the earliest end is that of the chain that was sent', async () => {
    const port = await httpsServer('chain', (_request, response) => response.end('ok'));
    const outcome = await transport().exchange(asking(`https://localhost:${port}/`, { tls }));
    expect(answered(outcome).tls?.chainNotAfter).toBe(Date.UTC(2099, 0, 1));
  });

  test.each([
    ['expired', 'certificate expired'],
    ['future', 'certificate not valid yet'],
    ['wrong-host', 'certificate is for another name'],
    ['self-signed', 'certificate is self-signed'],
  ] as const)('%s is refused before anything is sent', async (name, what) => {
    let requests = 0;
    const port = await httpsServer(name, (_request, response) => {
      requests++;
      response.end();
    });
    const url = `https://localhost:${port}/`;
    const failure = failed(await transport().exchange(asking(url, { tls })));
    expect(failure).toMatchObject({ failure: 'certificate', sent: false });
    expect(failure.detail).toContain(what);
    expect(failure.tls?.leafNotAfter).toBeGreaterThan(0);
    expect(requests).toBe(0);
    const lax = { ...tls, verify: false };
    const outcome = answered(await transport().exchange(asking(url, { tls: lax })));
    expect(outcome.tls).toEqual(failure.tls);
  });

  test('one from an authority that is not known here is refused', async () => {
    const port = await httpsServer('good', (_request, response) => response.end());
    const outcome = await transport().exchange(asking(`https://localhost:${port}/`));
    expect(failed(outcome).failure).toBe('certificate');
  });

  test('server_name decides which name is checked', async () => {
    const port = await httpsServer('wrong-host', (_request, response) => response.end('ok'));
    const named = { ...tls, serverName: 'elsewhere.example' };
    const outcome = await transport().exchange(
      asking(`https://127.0.0.1:${port}/`, { tls: named }),
    );
    expect(answered(outcome).body).toBe('ok');
  });

  test('plain HTTP where TLS was expected is tls', async () => {
    const port = await httpServer((_request, response) => response.end('ok'));
    const outcome = await transport().exchange(asking(`https://127.0.0.1:${port}/`));
    expect(failed(outcome)).toMatchObject({ failure: 'tls', sent: false });
    expect(failed(outcome).detail).toMatch(/^TLS handshake failed \([A-Z_]+\) \(127/);
  });

  test('a connection closed during the handshake is reset', async () => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
    const outcome = await transport().exchange(asking(`https://127.0.0.1:${port}/`));
    expect(failed(outcome)).toMatchObject({ failure: 'reset', sent: false });
  });

  test('a ca that is not PEM is our own fault', async () => {
    const port = await httpsServer('good', (_request, response) => response.end());
    const broken = { ...tls, ca: 'nonsense' };
    const outcome = await transport().exchange(
      asking(`https://127.0.0.1:${port}/`, { tls: broken }),
    );
    expect(failed(outcome).failure).toBe('internal');
  });
});

describe('a call', () => {
  const calling = (url: string, signal: AbortSignal = new AbortController().signal) =>
    ({ url, method: 'POST', headers: { 'content-type': 'x/y' }, body: 'b', signal }) as const;

  test('keeps its connection for the next', async () => {
    const sockets = new Set<Socket>();
    const port = await httpServer((request, response) => {
      sockets.add(request.socket);
      request.resume().on('end', () => response.writeHead(201).end('made'));
    });
    const { call } = transport();
    const first = await call(calling(`http://127.0.0.1:${port}/a`));
    // undici lets go of a connection one turn of the loop after its answer.
    await setImmediate();
    await call(calling(`http://127.0.0.1:${port}/b`));
    expect(first).toMatchObject({ status: 201, body: 'made' });
    expect(sockets.size).toBe(1);
  });

  test('that was refused, or whose name is unknown, has surely sent nothing', async () => {
    const refused = await transport().call(calling(`http://127.0.0.1:${await closedPort()}/`));
    expect(failed(refused)).toMatchObject({ failure: 'refused', sent: false });
    const unknown = await transport().call(calling('http://nowhere.invalid/'));
    expect(failed(unknown)).toMatchObject({ failure: 'dns', sent: false });
  });

  test('that ends at its deadline may have been taken', async () => {
    const asked = Promise.withResolvers<unknown>();
    const port = await tcpServer((socket) => socket.once('data', asked.resolve));
    const stop = new AbortController();
    const outcome = transport().call(calling(`http://127.0.0.1:${port}/`, stop.signal));
    await asked.promise;
    stop.abort();
    expect(failed(await outcome)).toMatchObject({ failure: 'timeout', sent: true });
  });

  test('that ends while the name is still being asked for has sent nothing, then or later', async () => {
    const found = Promise.withResolvers<{ addresses: { address: string; family: 4 }[] }>();
    const asked = Promise.withResolvers<undefined>();
    const resolver = resolvesBy(() => {
      asked.resolve(undefined);
      return found.promise;
    });
    const heard: string[] = [];
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => {
      socket.on('data', (data) => heard.push(String(data)));
      opened.resolve(socket);
    });
    const stop = new AbortController();
    const outcome = transport(systemClock(), resolver).call(
      calling(`http://shop.test:${port}/`, stop.signal),
    );
    await asked.promise;
    stop.abort();
    expect(failed(await outcome)).toMatchObject({ failure: 'connect_timeout', sent: false });
    found.resolve({ addresses: [{ address: '127.0.0.1', family: 4 }] });
    await once(await opened.promise, 'close');
    expect(heard).toEqual([]);
  });

  test('is not answered by more than 1 MiB', async () => {
    const port = await httpServer((_request, response) => response.end('x'.repeat(1_048_577)));
    const outcome = await transport().call(calling(`http://127.0.0.1:${port}/`));
    expect(failed(outcome)).toMatchObject({ failure: 'too_large', sent: true });
  });

  test('does not trust a certificate that nobody vouches for', async () => {
    const port = await httpsServer('self-signed', (_request, response) => response.end());
    const outcome = await transport().call(calling(`https://localhost:${port}/`));
    expect(failed(outcome)).toMatchObject({ failure: 'certificate', sent: false });
  });

  test('ignores a proxy that the environment names', async () => {
    process.env['http_proxy'] = `http://127.0.0.1:${await closedPort()}`;
    onTestFinished(() => {
      delete process.env['http_proxy'];
    });
    const port = await httpServer((_request, response) => response.end('direct'));
    expect(await transport().call(calling(`http://127.0.0.1:${port}/`))).toMatchObject({
      body: 'direct',
    });
  });

  test('fails at once when the transport closes', async () => {
    const asked = Promise.withResolvers<unknown>();
    const port = await tcpServer((socket) => socket.once('data', asked.resolve));
    const clock = systemClock();
    const made = createTransport({ clock, resolver: new OwnResolver({ clock }) });
    const outcome = made.call(calling(`http://127.0.0.1:${port}/`));
    await asked.promise;
    await made.close();
    expect(failed(await outcome)).toMatchObject({ sent: true });
  });
});

describe('a connection', () => {
  const dialling = (port: number) => ({
    host: 'localhost',
    port,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });

  test('lets go of everybody once it has closed', async () => {
    const port = await tcpServer((socket) => socket.resume());
    const outcome = await transport().connect(dialling(port));
    if ('failure' in outcome) expect.fail(outcome.detail);
    const { socket } = outcome;
    socket.on('data', () => {});
    socket.destroy();
    await once(socket, 'close');
    expect(socket.eventNames()).toStrictEqual([]);
  });

  test('is handed over open', async () => {
    const port = await tcpServer((socket) => socket.end('hello'));
    const outcome = await transport().connect(dialling(port));
    if ('failure' in outcome) expect.fail(outcome.detail);
    const [data] = (await once(outcome.socket, 'data')) as [Buffer];
    outcome.socket.destroy();
    expect(String(data)).toBe('hello');
    expect(outcome.connectMs).toBeGreaterThan(0);
  });

  test('connect_timeout: nothing answers within the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const port = await blackHole();
    const outcome = transport(clock, resolvesTo('127.0.0.1')).connect(dialling(port));
    await clock.advance(4_999);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);
    const failure = failed(await outcome);
    expect(failure).toMatchObject({ failure: 'connect_timeout', sent: false });
    expect(failure.detail).toBe(`no connection in 5s (127.0.0.1:${port})`);
  });

  test('a signal that has aborted already is not followed by an attempt', async () => {
    const to = { ...dialling(await closedPort()), signal: AbortSignal.abort() };
    const outcome = await transport(systemClock(), resolvesTo('127.0.0.1')).connect(to);
    expect(failed(outcome).failure).toBe('connect_timeout');
  });
});
