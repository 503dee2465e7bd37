/**
 * Redirects that go round, out, or nowhere. The server has one port and several names for it:
 * `localhost` is another origin than `127.0.0.1`.
 */
import { SOON, asked, holds, http, pours, says } from './target.ts';
import type { Case } from './target.ts';

const FOUND = 'HTTP/1.1 302 Found\r\n';
const EMPTY = 'content-length: 0\r\n\r\n';

const to = (location: string) => says(FOUND, `location: ${location}\r\n${EMPTY}`);

/** From `/` to this URL, with the port of the server for PORT; anything else is answered 200. */
const onward = (location: string, status = 302) =>
  http((request, response) => {
    if (request.url === '/' && request.headers.host?.startsWith('127.0.0.1:')) {
      const port = String(request.socket.localPort);
      response.writeHead(status, { location: location.replace('PORT', port) });
    }
    response.end();
  });

/** As before, but where it ends it answers 500 if it is told what was for the first one only. */
const tells = (location: string, secret: RegExp) =>
  asked((socket, request) => {
    const isFirst = request.startsWith('GET / ') || request.startsWith('POST / ');
    if (!isFirst) {
      socket.end(`HTTP/1.1 ${secret.test(request) ? '500' : '204'} X\r\n\r\n`);
      return;
    }
    const where = location.replace('PORT', String(socket.localPort));
    socket.end(`${FOUND}location: ${where}\r\n${EMPTY}`);
  });

const SECRETS = {
  headers: { authorization: 'Bearer hunter2', cookie: 'a=hunter2', 'x-key': 'hunter2' },
};
const POSTED = { ...SECRETS, method: 'POST', body: 'hunter2' };

const refused: readonly Omit<Case, 'expected'>[] = [
  { name: 'to itself', server: to('/') },
  {
    name: 'in a circle',
    server: http((request, response) => {
      response.writeHead(302, { location: request.url === '/a' ? '/' : '/a' }).end();
    }),
  },
  {
    name: 'further and further',
    server: http((request, response) => {
      response.writeHead(302, { location: `${request.url ?? ''}x` }).end();
    }),
  },
  { name: 'without a location', server: says(FOUND, EMPTY) },
  { name: 'to an empty location', server: to('') },
  { name: 'to what is not a URL', server: to('http://[') },
  {
    name: 'to two places',
    server: says(FOUND, 'location: http://a.test/\r\nlocation: http://b.test/\r\n', EMPTY),
  },
  { name: 'to a file', server: to('file:///etc/passwd') },
  { name: 'to a script', server: to('javascript:alert(1)') },
  { name: 'to data', server: to('data:text/plain,ok') },
  { name: 'to gopher', server: to('gopher://127.0.0.1:6379/_PING') },
  { name: 'to a port that there is not', server: to('http://127.0.0.1:99999/') },
  { name: 'to the metadata of the cloud', server: to('http://169.254.169.254/latest/meta-data/') },
  { name: 'to the metadata, as a number', server: to('http://2852039166/') },
  { name: 'to the metadata, in octal', server: to('http://0251.0376.0251.0376/') },
  { name: 'to the metadata, by IPv6', server: to('http://[::ffff:169.254.169.254]/') },
  { name: 'to the metadata, by IPv6 of its own', server: to('http://[fd00:ec2::254]/') },
  { name: 'to a neighbour on the link', server: to('http://[fe80::1]/') },
];

const followed: readonly Case[] = [
  {
    name: 'to one place, said twice',
    server: asked((socket, request) => {
      if (request.startsWith('GET /a ')) socket.end('HTTP/1.1 204 X\r\n\r\n');
      else if (request.startsWith('GET / ')) {
        socket.end(`${FOUND}location: /a\r\nlocation: /a\r\n${EMPTY}`);
      } else socket.end('HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n');
    }),
    expected: 'up',
  },
  { name: 'to a relative path', server: onward('b/../c?d#e'), expected: 'up' },
  { name: 'to a path without a scheme', server: onward('//localhost:PORT/'), expected: 'up' },
  { name: 'to 127.0.0.1 in hex', server: onward('http://0x7f.1:PORT/a'), expected: 'up' },
  {
    name: 'to 127.0.0.1 by IPv6',
    server: onward('http://[::ffff:127.0.0.1]:PORT/'),
    expected: 'up',
  },
  { name: 'to where nothing listens', server: to('http://127.0.0.1:1/'), expected: 'down refused' },
  {
    name: 'to a name that there is not',
    server: to('http://nowhere.invalid/'),
    expected: 'down dns',
  },
  { name: 'by 300, which is an answer', server: onward('/a', 300), expected: 'down status' },
  { name: 'by 305, which is an answer', server: onward('/a', 305), expected: 'down status' },
  {
    name: 'that are not to be followed',
    server: to('/a'),
    check: { follow_redirects: false, expect: { status: 302 } },
    expected: 'up',
  },
  {
    name: 'with a body that never ends',
    server: pours(`${FOUND}location: /\r\n\r\n`, 'x'.repeat(65_536)),
    expected: 'down redirect',
  },
  {
    name: 'with a body that never comes',
    server: holds(FOUND, 'location: /a\r\ncontent-length: 9\r\n\r\n'),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'each after a while, within one deadline',
    server: http((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url ?? ''}x` }).end(), 400);
    }),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'to a URL of 1 MiB',
    server: to(`/${'x'.repeat(1_048_576)}`),
    expected: 'down too_large',
  },
  { name: 'to a URL of 12 KiB', server: onward(`/${'x'.repeat(12_000)}`), expected: 'up' },
  {
    name: 'to a path with line breaks in it',
    server: tells('/a%0d%0aauthorization:%20hunter2', /^authorization/m),
    expected: 'up',
  },
  {
    name: 'to a path with characters of all kinds',
    server: tells('/\u00e9\u00ff ?\u00fc', /\n{2}/),
    expected: 'up',
  },
  {
    name: 'to the same origin, which may hear all',
    server: tells('/a', /hunter2/),
    check: SECRETS,
    expected: 'down status',
  },
  {
    name: 'to another origin, which may not',
    server: tells('http://localhost:PORT/a', /hunter2/),
    check: SECRETS,
    expected: 'up',
  },
  {
    name: 'to the same origin, with user and password',
    server: tells('http://u:hunter2@127.0.0.1:PORT/a', /authorization|hunter2|@/i),
    expected: 'up',
  },
  {
    name: 'to another origin after a POST',
    server: tells('http://localhost:PORT/a', /hunter2|content-/),
    check: POSTED,
    expected: 'up',
  },
];

export const redirects: readonly Case[] = [
  ...refused.map((each) => ({ ...each, expected: 'down redirect' }) as const),
  ...followed,
].map((each) => ({ ...each, name: `redirect ${each.name}` }));
