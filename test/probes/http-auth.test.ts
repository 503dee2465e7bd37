/** Who a check says it is, and who gets to know. */
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { http } from '../../src/probes/http.ts';
import { tcp } from '../../src/probes/tcp.ts';
import { tls } from '../../src/probes/tls.ts';
import { classify } from '../../src/system/_failure.ts';
import { httpServer, httpsServer, pem, serve } from '../loopback.ts';
import { look } from './looking.ts';

const echo = () =>
  httpServer((request, response) => {
    response.setHeader('x-heard', request.headers.authorization ?? 'nothing');
    response.end(`${request.headers.authorization ?? ''} ${request.headers.cookie ?? ''}`);
  });

describe('basic and bearer', () => {
  test.each([
    [{ basic: { user: 'ana', password: 'pässword: x' } }, 'Basic YW5hOnDDpHNzd29yZDogeA=='],
    [{ bearer: 'abc.def-123' }, 'Bearer abc.def-123'],
  ])('%j is one header', async (auth, header) => {
    const heard: unknown[] = [];
    const port = await httpServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end();
    });
    await look(http, { http: `http://127.0.0.1:${port}/`, ...auth });
    expect(heard).toEqual([header]);
  });

  test.each([
    { basic: { user: 'ana', password: 'secret-word' } },
    { bearer: 'secret-word' },
    { headers: { authorization: 'Token secret-word' } },
    { headers: { cookie: 'a=b; session=secret-word' } },
  ])('%j sent back by the target is shown to nobody', async (auth) => {
    const expected = { body: { contains: 'no' }, header: { 'x-heard': 'no' } };
    const { unmet, facts } = await look(http, {
      http: `http://127.0.0.1:${await echo()}/`,
      ...auth,
      expect: expected,
    });
    expect(unmet).toHaveLength(2);
    const shown = JSON.stringify([unmet, facts]);
    expect(shown).toContain('***');
    expect(shown).not.toContain('secret-word');
    expect(shown).not.toContain('YW5hOnNlY3JldC13b3Jk');
  });

  test('a redirect to another origin does not take them along, not even by way of home', async () => {
    const asked: IncomingMessage[] = [];
    const away = await httpServer((request, response) => {
      asked.push(request);
      response.writeHead(302, { location: `http://127.0.0.1:${home}/back` }).end();
    });
    const home: number = await httpServer((request, response) => {
      asked.push(request);
      const to = request.url === '/' ? '/next' : `http://127.0.0.1:${away}/`;
      if (request.url === '/back') response.end();
      else response.writeHead(302, { location: to }).end();
    });
    const auth = { bearer: 'token' };
    expect((await look(http, { http: `http://127.0.0.1:${home}/`, ...auth })).unmet).toEqual([]);
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/', 'Bearer token'],
      ['/next', 'Bearer token'],
      ['/', undefined],
      ['/back', undefined],
    ]);
  });
});

const OURS = { certificate: pem('for-clients.pem'), key: pem('leaf.key') };
const VERIFIED = { ca: pem('ca.pem') };
const DEMANDING: TlsOptions = {
  ...{ key: pem('leaf.key'), cert: pem('good.pem'), ca: pem('authority.pem') },
  ...{ requestCert: true, rejectUnauthorized: true },
};

const demanding = (more: TlsOptions = {}) =>
  serve(createHttpsServer({ ...DEMANDING, ...more }, (_request, response) => response.end('in')));

describe('a server that demands a certificate of the client', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('lets in whoever has one: %s', async (maxVersion) => {
    const port = await demanding({ maxVersion });
    const written = { http: `https://localhost:${port}/`, tls: { ...VERIFIED, ...OURS } };
    expect((await look(http, written)).unmet).toEqual([]);
  });

  test('refuses who has none, and it is told why', async () => {
    const port = await demanding();
    const { unmet } = await look(http, { http: `https://localhost:${port}/`, tls: VERIFIED });
    expect(unmet).toMatchObject([
      { reason: 'tls', seen: expect.stringMatching(/^the server demands a client certificate/) },
    ]);
  });

  test.each([
    ['TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the server demands a client certificate'],
    ['SSLV3_ALERT_BAD_CERTIFICATE', 'the server refused the client certificate, or that there'],
    ['TLSV1_ALERT_UNKNOWN_CA', 'the server does not know who issued the client certificate'],
    ['SSLV3_ALERT_CERTIFICATE_EXPIRED', 'the server refused the client certificate'],
    ['SSLV3_ALERT_HANDSHAKE_FAILURE', 'TLS handshake failed \\(SSLV3_ALERT_HANDSHAKE_FAILURE\\)'],
    ['SSL/TLS_ALERT_BAD_CERTIFICATE', 'the server refused the client certificate'],
  ])('by %s says what it dislikes', (code, words) => {
    const { failure, what } = classify(Object.assign(new Error(), { code: `ERR_SSL_${code}` }));
    expect(failure).toBe('tls');
    expect(what).toMatch(new RegExp(`^${words}`));
  });

  test('is not shown ours where a redirect has led to another origin', async () => {
    const other = await demanding();
    const port = await httpsServer('good', (_request, response) => {
      response.writeHead(302, { location: `https://localhost:${other}/` }).end();
    });
    const written = { http: `https://localhost:${port}/`, tls: { ...VERIFIED, ...OURS } };
    expect((await look(http, written)).unmet).toMatchObject([{ reason: 'tls' }]);
  });

  test('has the one of every probe over TLS', async () => {
    const shown: string[] = [];
    const port = await serve(
      createTlsServer(DEMANDING, (socket) => {
        shown.push(String(socket.getPeerCertificate().subject.CN));
        socket.end('hello');
      }),
    );
    const mine = { ...VERIFIED, ...OURS };
    const at = `localhost:${port}`;
    const banner = { banner: { contains: 'hello' } };
    expect((await look(tcp, { tcp: at, tls: mine, expect: banner })).unmet).toEqual([]);
    expect((await look(tls, { tls: at, ...mine })).unmet).toEqual([]);
    expect(shown[0]).toBe('for-clients.test');
  });
});
