/** Logins that are none, and answers that want to be more than a value in the next request. */
import { asked, http, ok, SOON } from './target.ts';
import type { Case } from './target.ts';

const login = { token: { json: '$.token' } };
const steps =
  (take: object = login, second: object = {}) =>
  (port: number): object => ({
    steps: [
      { http: `http://127.0.0.1:${port}/login`, take },
      {
        http: `http://127.0.0.1:${port}/basket`,
        headers: { authorization: 'Bearer ${take:token}' },
        ...second,
      },
    ],
  });

/** What the login answers; the basket is there for whoever has a token. */
const shop = (body: string, ...headers: readonly string[]) =>
  asked((socket, request) => {
    const isLogin = request.startsWith('GET /login ');
    const isIn = /^authorization: Bearer .+/im.test(request);
    socket.end(isLogin ? ok(body, ...headers) : isIn ? ok('{}') : 'HTTP/1.1 401 No\r\n\r\n');
  });

export const logins: readonly Case[] = [
  {
    name: 'steps: as it should be, with a path that goes to the thread',
    server: shop('{"token":"t"}'),
    at: steps({ token: { json: '$..token' } }),
    expected: 'up',
  },
  {
    name: 'steps: a login page with 200',
    server: shop('<!doctype html><title>Sign in</title>'),
    at: steps(),
    expected: 'down json',
  },
  {
    name: 'steps: a token with a header in it',
    server: shop('{"token":"t\\r\\nx-admin: 1"}'),
    at: steps(),
    expected: 'down json',
  },
  {
    name: 'steps: a token of 60 KiB',
    server: shop(`{"token":"${'t'.repeat(60_000)}"}`),
    at: steps(),
    expected: 'down json',
  },
  {
    name: 'steps: a token that no header can hold',
    server: shop('{"token":"→"}'),
    at: steps(),
    expected: 'down header',
  },
  {
    name: 'steps: JSON nested 30,000 deep instead of a token',
    server: shop('['.repeat(30_000) + ']'.repeat(30_000)),
    at: steps({ token: { json: '$..token..token' } }),
    expected: 'down json',
  },
  {
    name: 'steps: 500 cookies',
    server: shop('{"token":"t"}', ...Array.from({ length: 500 }, (_, i) => `set-cookie: c${i}=v`)),
    at: steps(),
    expected: 'up',
  },
  {
    name: 'steps: cookies that are none',
    server: shop('{"token":"t"}', 'set-cookie: =', 'set-cookie: a b=c', 'set-cookie: ä=ö; ='),
    at: steps(),
    expected: 'up',
  },
  {
    name: 'steps: a redirect loop in the second',
    server: http(({ url = '' }, response) => {
      if (url === '/login') response.end('{"token":"t"}');
      else response.writeHead(302, { location: url === '/basket' ? '/in' : '/basket' }).end();
    }),
    at: steps(),
    expected: 'down redirect',
  },
  {
    name: 'steps: a first one that takes all the time',
    server: asked(() => {}),
    at: steps(),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'steps: a pattern that takes four seconds on this answer',
    server: shop('ab'.repeat(32_000)),
    at: steps({ token: { matches: '[ab]{0,1000}[^ab]' } }),
    expected: 'down internal',
  },
];
