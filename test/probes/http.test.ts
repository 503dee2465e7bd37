import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../src/probes/_http-options.ts';
import { http } from '../../src/probes/http.ts';
import type { Finding, Sight } from '../../src/probes/probe.ts';
import { closedPort, httpServer, httpsServer, pem, rawServer, tcpServer } from '../loopback.ts';
import type { Certificate } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look, sight } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

async function answering(
  expect: object,
  answer: { status?: number; headers?: Record<string, string>; body?: string | Buffer },
): Promise<readonly Finding[]> {
  const { status = 200, headers = {}, body = '' } = answer;
  const port = await httpServer((_request, response) => {
    response.writeHead(status, headers).end(body);
  });
  return (await look(http, { http: `http://127.0.0.1:${port}/`, expect })).unmet;
}

describe('alone', () => {
  test('a check is a whole one: any 2xx is up', async () => {
    expect(await answering({}, { status: 204 })).toEqual([]);
    expect(await answering({}, { status: 503 })).toMatchObject([
      { expectation: 'status', level: 'expect', expected: '2xx', seen: '503', reason: 'status' },
    ]);
  });

  test('the few words for a phone are the status', async () => {
    expect((await answering({}, { status: 503 }))[0]?.brief).toBe('HTTP 503');
  });
});

describe('status', () => {
  test.each([
    [200, 200, true],
    [200, 201, false],
    ['200', 200, true],
    [[200, 204], 204, true],
    [[200, 204], 202, false],
    ['2xx', 299, true],
    ['4XX', 404, true],
    ['200-299', 300, false],
    [[200, '300-304', '5xx'], 503, true],
    [[200, '300-304', '5xx'], 305, false],
  ])('%j met by %i: %s', async (status, given, met) => {
    expect((await answering({ status }, { status: given })).length === 0).toBe(met);
  });

  test.each([99, 600, '6xx', '299-200', 'ok', [], [[200]], 200.5, '20x', null])(
    '%j is refused at load',
    (status) => {
      const parsed = http.options.safeParse({ http: 'http://a.test', expect: { status } });
      expect(parsed.success).toBe(false);
    },
  );
});

describe('body', () => {
  test.each([
    [{ contains: 'cart' }, 'Add to cart', true, ''],
    [{ contains: 'Cart' }, 'Add to cart', false, 'body lacks "Cart"'],
    [{ not_contains: 'Error' }, 'an Error', false, 'body has "Error"'],
    [{ matches: 'A.*t$' }, 'Add to cart', true, ''],
    [{ matches: '^cart' }, 'Add to cart', false, 'body does not match ^cart'],
    [{ contains: 'a', not_contains: 'z' }, 'a to z', false, 'body has "z"'],
    [{ contains: 'x' }, '', false, 'body lacks "x"'],
  ])('%j in %j: %s', async (body, given, met, brief) => {
    const unmet = await answering({ body }, { body: given });
    expect(unmet.length === 0).toBe(met);
    if (!met) expect(unmet[0]).toMatchObject({ expectation: 'body', reason: 'body', brief });
  });

  test('what was seen is cut, on one line, and cannot move a cursor', async () => {
    const hostile = `\u001B[2J\r\n\u202E${'x'.repeat(500)}`;
    const [unmet] = await answering({ body: { contains: 'no' } }, { body: hostile });
    expect(unmet?.seen).toMatch(/^\\u\{1b\}\[2J\\r\\n\\u\{202e\}x+\.\.\.$/);
    expect(unmet?.seen.length).toBeLessThanOrEqual(200);
  });

  test('a needle beyond 64 KiB is not found, and it is said where it was looked for', async () => {
    const body = `${'x'.repeat(65_536)}needle`;
    const [unmet] = await answering({ body: { contains: 'needle' } }, { body });
    expect(unmet?.seen).toMatch(/^in the first 64 KiB: x/);
  });

  test('a compressed answer that nobody asked for is undone, as far as the limit goes', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const text = `ok${'x'.repeat(1_000_000)}far`;
    const body = gzipSync(text);
    expect(await answering({ body: { contains: 'ok' } }, { headers, body })).toEqual([]);
    const [unmet] = await answering({ body: { contains: 'far' } }, { headers, body });
    expect(unmet?.seen).toMatch(/^in the first 64 KiB: okxx/);
  });

  test.each([
    ['gzip', gzipSync('ok ok ok').subarray(0, 20)],
    ['gzip', Buffer.from('ok, and not compressed at all')],
    ['gzip, gzip', gzipSync(gzipSync('ok'))],
    ['x-none', Buffer.from('?')],
  ])('one that cannot be undone is named as such: %s', async (encoding, body) => {
    const headers = { 'content-encoding': encoding };
    const [unmet] = await answering({ body: { contains: 'lacks' } }, { headers, body });
    expect(unmet?.seen).toContain(`encoded as ${encoding}`);
  });

  test('a pattern that would hang others does not hang here', async () => {
    const startedAt = performance.now();
    const body = `${'a'.repeat(60_000)}!`;
    await answering({ body: { matches: '^(a+)+$' } }, { body });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test.each([{ matches: '(?=x)' }, { matches: '(' }, {}, { contains: '' }, { contain: 'x' }])(
    '%j is refused at load',
    (body) => {
      const parsed = http.options.safeParse({ http: 'http://a.test', expect: { body } });
      expect(parsed.success).toBe(false);
    },
  );
});

describe('json', () => {
  const body = JSON.stringify({
    status: 'UP',
    n: 1,
    list: [{ ok: true }, { ok: true }],
    o: { a: [1] },
  });

  test.each([
    [{ '$.status': 'UP' }, ''],
    [{ '$.n': 1, '$.list[*].ok': true, '$.o': { a: [1] } }, ''],
    [{ '$.status': 'DOWN' }, '$.status is "UP"'],
    [{ '$.n': '1' }, '$.n is 1'],
    [{ '$.none': null }, '$.none is missing'],
    [{ '$.o': { a: [1], b: 2 } }, '$.o is {"a":[1]}'],
  ])('%j', async (json, brief) => {
    const unmet = await answering({ json }, { body });
    expect(unmet.map((finding) => finding.brief).join()).toBe(brief);
  });

  test('each path is a finding of its own', async () => {
    const unmet = await answering({ json: { '$.status': 'DOWN', '$.n': 2 } }, { body });
    expect(unmet).toMatchObject([{ reason: 'json' }, { reason: 'json' }]);
  });

  test('a body that is not JSON, or was cut, is told so', async () => {
    const json = { '$.status': 'UP' };
    expect((await answering({ json }, { body: '<html>' }))[0]?.brief).toBe('body is not JSON');
    const long = JSON.stringify('x'.repeat(70_000));
    expect((await answering({ json }, { body: long }))[0]?.brief).toContain('longer than 64 KiB');
  });

  test('a document nested too deep to be searched is missing what it should have', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const unmet = await answering({ json: { '$..status': 'UP' } }, { body: deep });
    expect(unmet).toMatchObject([{ reason: 'json' }]);
  });

  test.each(['status', '$.', "$[?match(@.a, '(a+)+')]", '$.a[?search(@, "x")]'])(
    'the path %j is refused at load',
    (path) => {
      const written = { http: 'http://a.test', expect: { json: { [path]: 1 } } };
      expect(http.options.safeParse(written).success).toBe(false);
    },
  );
});

describe('header', () => {
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'X-Empty': '' };

  test.each([
    [{ 'content-type': { contains: 'html' } }, ''],
    [{ 'Content-Type': 'text/html; charset=utf-8' }, ''],
    [{ 'content-type': 'text/html' }, 'content-type is "text/html; charset=utf-8"'],
    [{ 'content-type': { matches: 'json' } }, 'content-type is "text/html; charset=utf-8"'],
    [{ 'x-cache': 'HIT' }, 'no header x-cache'],
    [{ 'x-empty': '' }, ''],
  ])('%j', async (header, brief) => {
    const unmet = await answering({ header }, { headers });
    expect(unmet.map((finding) => finding.brief).join()).toBe(brief);
    for (const finding of unmet) expect(finding.reason).toBe('header');
  });
});

describe('time', () => {
  async function taking(ms: number, written: object): Promise<readonly Finding[]> {
    const clock = new VirtualClock(NOON);
    const asked = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => socket.once('data', () => asked.resolve(socket)));
    const looked = look(http, { http: `http://127.0.0.1:${port}/`, ...written }, { clock });
    const socket = await asked.promise;
    await clock.advance(ms);
    socket.end('HTTP/1.1 200 OK\r\n\r\n');
    return (await looked).unmet;
  }

  test('slower than expected is down, slower than the warning is degraded', async () => {
    const written = { expect: { time: '3s' }, warn: { time: '800ms' } };
    expect(await taking(800, written)).toEqual([]);
    expect(await taking(801, written)).toMatchObject([{ level: 'warn', reason: 'slow' }]);
    expect(await taking(3_200, written)).toMatchObject([
      { level: 'expect', reason: 'slow', expected: 'at most 3s', seen: '3.2s', brief: 'took 3.2s' },
      { level: 'warn' },
    ]);
  });
});

describe('certificates', () => {
  const tls = { ca: pem('ca.pem') };

  async function over(certificate: Certificate, written: object = {}, at = NOON) {
    const port = await httpsServer(certificate, (_request, response) => response.end('ok'));
    const clock = new VirtualClock(at);
    const url = `https://localhost:${port}/`;
    return look(http, { http: url, tls, ...written }, { clock });
  }

  test('a good one is up and told in the gauges', async () => {
    const { unmet, gauges } = await over('chain');
    expect(unmet).toEqual([]);
    expect(gauges).toMatchObject({
      probe_http_ssl: 1,
      probe_ssl_earliest_cert_expiry: Date.UTC(2099, 0, 1) / 1_000,
      'probe_tls_version_info TLS 1.3': 1,
    });
  });

  test.each([
    ['expired', 'certificate expired 485d ago'],
    ['future', 'certificate not valid yet'],
    ['wrong-host', 'certificate is for another name'],
    ['self-signed', 'certificate is self-signed'],
  ] as const)('%s is down', async (certificate, brief) => {
    const { findings } = await over(certificate);
    expect(findings).toMatchObject([
      { expectation: 'connect', level: 'expect', met: false, reason: 'certificate', brief },
    ]);
  });

  test('with verify: false a bad one is up, and its warning still holds', async () => {
    const lax = { tls: { verify: false }, warn: { certificate: '14d' } };
    const { unmet } = await over('expired', lax);
    expect(unmet).toMatchObject([
      { expectation: 'certificate', level: 'warn', seen: 'expired 485d ago' },
    ]);
  });

  test('a warning counts what is left of the chain, or a share of the life of the leaf', async () => {
    const day = 86_400_000;
    const near = Date.UTC(2099, 0, 1) - 13 * day;
    const left = async (certificate: string) =>
      (await over('chain', { warn: { certificate } }, near)).unmet;
    expect(await left('13d')).toEqual([]);
    expect(await left('14d')).toMatchObject([
      { level: 'warn', expected: 'at least 14d left', brief: 'certificate expires in 13d' },
    ]);
    expect(await left('0.01%')).toEqual([]);
    expect(await left('20%')).toMatchObject([{ expected: 'at least 20% of its life left' }]);
  });

  test.each(['14', 14, '100%', '20 %', '-1d', 'soon'])('%j left is refused', (certificate) => {
    const written = { http: 'https://a.test', warn: { certificate } };
    expect(http.options.safeParse(written).success).toBe(false);
  });
});

describe('no answer', () => {
  test('hanging before the headers is a timeout with its time', async () => {
    const clock = new VirtualClock(NOON);
    const asked = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => socket.once('data', () => asked.resolve(socket)));
    const looked = look(http, { http: `http://127.0.0.1:${port}/` }, { clock });
    await asked.promise;
    await clock.advance(5_000);
    expect((await looked).findings).toMatchObject([
      { expectation: 'connect', met: false, reason: 'timeout', brief: 'no answer in 5s' },
    ]);
  });

  test('refused is refused, with the address for the log and without it for the phone', async () => {
    const port = await closedPort();
    const { findings, gauges } = await look(http, { http: `http://127.0.0.1:${port}/` });
    expect(findings).toMatchObject([
      {
        reason: 'refused',
        seen: `connection refused (127.0.0.1:${port})`,
        brief: 'connection refused',
      },
    ]);
    expect(gauges).toMatchObject({ probe_http_status_code: 0, probe_ip_protocol: 4 });
    expect(gauges).not.toHaveProperty('probe_ssl_earliest_cert_expiry');
  });

  test.each([
    ['protocol', 'SSH-2.0-x\r\n'],
    ['too_large', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['reset', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'],
  ])('%s', async (reason, answer) => {
    const port = await rawServer(answer);
    const { findings } = await look(http, { http: `http://127.0.0.1:${port}/` });
    expect(findings).toMatchObject([{ reason }]);
  });

  test('an endless body is an answer: what was read of it counts', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello');
        const pour = () => {
          while (!socket.destroyed && socket.write('x'.repeat(65_536)));
          if (!socket.destroyed) socket.once('drain', pour);
        };
        pour();
      });
    });
    const written = { http: `http://127.0.0.1:${port}/`, expect: { body: { contains: 'hello' } } };
    expect((await look(http, written)).unmet).toEqual([]);
  });

  test('our own trouble is thrown: it says nothing of the target', async () => {
    const port = await httpsServer('good', (_request, response) => response.end());
    const options = http.options.parse({ http: `https://localhost:${port}/` }) as HttpOptions;
    const broken = { ...options, tls: { ...options.tls, ca: 'nonsense' } };
    await expect(http.observe(broken, sight())).rejects.toThrow('not a PEM certificate');
  });
});

describe('what is sent', () => {
  async function sent(written: object, more: Partial<Sight> = {}) {
    const asked = Promise.withResolvers<{ method: unknown; headers: unknown; body: string }>();
    const port = await httpServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        asked.resolve({ method: request.method, headers: request.headers, body });
        response.end();
      });
    });
    await look(http, { http: `http://127.0.0.1:${port}/`, ...written }, more);
    return asked.promise;
  }

  test('is a GET by the name of Tocsin', async () => {
    const headers = { 'user-agent': expect.stringMatching(/^tocsin\/\d+\.\d+/) };
    expect(await sent({})).toMatchObject({ method: 'GET', headers, body: '' });
  });

  test('has the headers and the body that are written, as POST if nothing else is said', async () => {
    const written = { headers: { 'X-Token': 'abc', Host: 'shop.test' }, body: 'ping' };
    expect(await sent(written)).toMatchObject({
      method: 'POST',
      headers: { 'x-token': 'abc', host: 'shop.test', 'content-length': '4' },
      body: 'ping',
    });
    expect(await sent({ body: 'ping', method: 'PUT' })).toMatchObject({ method: 'PUT' });
    expect(await sent({ body: '' })).toMatchObject({ method: 'GET' });
  });

  test('has the trace in which the look is recorded, if that is asked for and it is', async () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: 0 };
    const traceparent = `00-${trace.traceId}-${trace.spanId}-01`;
    const asked = await sent({ traceparent: true }, { trace });
    expect(asked).toMatchObject({ headers: { traceparent } });
    for (const { headers } of [await sent({}, { trace }), await sent({ traceparent: true })]) {
      expect(headers).not.toHaveProperty('traceparent');
    }
    const own = await sent({ traceparent: true, headers: { traceparent: 'mine' } }, { trace });
    expect(own).toMatchObject({ headers: { traceparent: 'mine' } });
  });

  test.each([{ json: { a: [1] } }, { body: { json: { a: [1] } } }])(
    '%j is JSON',
    async (written) => {
      expect(await sent(written)).toMatchObject({
        headers: { 'content-type': 'application/json' },
        body: '{"a":[1]}',
      });
    },
  );

  test.each([
    { headers: { 'x-a': 'b\r\nx-c: d' } },
    { headers: { 'x a': 'b' } },
    { headers: { 'Content-Length': '3' } },
    { headers: { 'x-a': 5 } },
    { method: 'get' },
    { method: 'CONNECT' },
    { method: 'GTE' },
    { headers: { Accept: 'a', accept: 'b' } },
    { tls: { ca: 'nonsense' } },
    { body: 'a', json: {} },
    { method: 'HEAD', expect: { body: { contains: 'x' } } },
    { http: 'https://user:pass@a.test/' },
    { exepct: {} },
    { expect: { stauts: 200 } },
    { tls: { verfiy: false } },
    { tls: { server_name: 'a b' } },
  ])('%j is refused at load', (written) => {
    expect(http.options.safeParse({ http: 'http://a.test', ...written }).success).toBe(false);
  });
});

test('gauges tell phases, version, length and protocol', async () => {
  const port = await httpServer((_request, response) => {
    response.setHeader('last-modified', 'Mon, 05 Jan 2026 04:12:00 GMT');
    response.end('12345');
  });
  const written = { http: `http://127.0.0.1:${port}/`, expect: { body: { matches: '^5' } } };
  const { gauges } = await look(http, written);
  expect(gauges).toMatchObject({
    probe_ip_protocol: 4,
    probe_ip_addr_hash: 3_668_918_509,
    probe_failed_due_to_regex: 1,
    probe_http_uncompressed_body_length: 5,
    probe_http_last_modified_timestamp_seconds: Date.UTC(2026, 0, 5, 4, 12) / 1_000,
    probe_http_status_code: 200,
    probe_http_version: 1.1,
    probe_http_ssl: 0,
    probe_http_redirects: 0,
    probe_http_content_length: 5,
    'probe_http_duration_seconds tls': 0,
  });
  for (const phase of ['resolve', 'connect', 'processing', 'transfer']) {
    expect(gauges[`probe_http_duration_seconds ${phase}`]).toBeLessThan(1);
  }
});

test('without expectations of the body the facts stay small', async () => {
  const port = await httpServer((_request, response) => {
    response.setHeader('x-long', 'y'.repeat(4_000));
    response.setHeader('last-modified', 'y'.repeat(4_000));
    response.end('x'.repeat(60_000));
  });
  const { facts } = await look(http, { http: `http://127.0.0.1:${port}/` });
  expect(JSON.stringify(facts).length).toBeLessThan(4_096);
});

test('the connection is closed when the look is over', async () => {
  const closed = Promise.withResolvers<unknown>();
  const port = await httpServer((request, response) => {
    closed.resolve(once(request.socket, 'close'));
    response.end('ok');
  });
  await look(http, { http: `http://127.0.0.1:${port}/` });
  await closed.promise;
});
