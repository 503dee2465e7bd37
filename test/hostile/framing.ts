/**
 * Answers that are not HTTP, or not quite. What proxies and browsers read differently is refused,
 * not guessed at: a monitor that is lenient tells of a health that users do not see.
 */
import { asked, holds, ok, raw, says } from './target.ts';
import type { Case } from './target.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const OK = { expect: { body: { matches: '^ok$' } } };

const foreign: readonly Case[] = [
  {
    name: 'SSH banner',
    server: raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')),
    expected: 'down protocol',
  },
  {
    name: 'SMTP banner',
    server: raw((socket) => socket.resume().write('220 mail.test ESMTP ready\r\n')),
    expected: 'down protocol',
  },
  { name: 'HTTP/0.9', server: says('<html>hello</html>\n'), expected: 'down protocol' },
  {
    name: 'HTTP/2 settings',
    server: holds(Buffer.from('00001204000000000000030000006400040010000000060000fa00', 'hex')),
    expected: 'down protocol',
  },
  {
    name: 'HTTP/3.0 status line',
    server: says('HTTP/3.0 200 OK\r\n\r\n'),
    expected: 'down protocol',
  },
  { name: 'ICY status line', server: says('ICY 200 OK\r\n\r\nok'), expected: 'down protocol' },
  {
    name: 'a request for an answer',
    server: says('GET / HTTP/1.1\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'noise',
    server: says(Buffer.alloc(4_096, '\u0000\u00ff\u0080', 'latin1')),
    expected: 'down protocol',
  },
  {
    name: 'answers before it is asked',
    server: raw((socket) => socket.resume().write(ok())),
    expected: 'up',
  },
];

const statusLines: readonly Case[] = [
  { name: 'status 000', server: says('HTTP/1.1 000 X\r\n\r\n'), expected: 'down protocol' },
  { name: 'status 099', server: says('HTTP/1.1 099 X\r\n\r\n'), expected: 'down protocol' },
  { name: 'status 600', server: says('HTTP/1.1 600 X\r\n\r\n'), expected: 'down status' },
  { name: 'status 1000', server: says('HTTP/1.1 1000 X\r\n\r\n'), expected: 'down protocol' },
  { name: 'status 20', server: says('HTTP/1.1 20 X\r\n\r\n'), expected: 'down protocol' },
  { name: 'status -1', server: says('HTTP/1.1 -1 X\r\n\r\n'), expected: 'down protocol' },
  { name: 'no status', server: says('HTTP/1.1 OK\r\n\r\n'), expected: 'down protocol' },
  {
    name: 'no reason phrase',
    server: says('HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok'),
    check: OK,
    expected: 'up',
  },
  { name: 'HTTP/1.0', server: says('HTTP/1.0 200 OK\r\n\r\nok'), check: OK, expected: 'up' },
  {
    name: 'a blank line before the status line',
    server: says('\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    check: OK,
    expected: 'up',
  },
];

const headers: readonly Case[] = [
  {
    name: 'bare LF',
    server: says('HTTP/1.1 200 OK\ncontent-length: 2\n\nok'),
    expected: 'down protocol',
  },
  {
    name: 'bare CR',
    server: says('HTTP/1.1 200 OK\rcontent-length: 2\r\rok'),
    expected: 'down protocol',
  },
  { name: 'folded header', server: says(HEAD, 'x: a\r\n b\r\n\r\n'), expected: 'down protocol' },
  { name: 'no colon', server: says(HEAD, 'broken header\r\n\r\n'), expected: 'down protocol' },
  { name: 'no name', server: says(HEAD, ': x\r\n\r\n'), expected: 'down protocol' },
  {
    name: 'space before the colon',
    server: says(HEAD, 'x : y\r\n\r\n'),
    expected: 'down protocol',
  },
  { name: 'NUL in a header', server: says(HEAD, 'x: a\u0000b\r\n\r\n'), expected: 'down protocol' },
  {
    name: 'a header that is not UTF-8',
    server: says(HEAD, Buffer.from('x: \u00ff\u00fe\r\ncontent-length: 0\r\n\r\n', 'latin1')),
    check: { expect: { header: { x: { contains: 'a' } } } },
    expected: 'down header',
  },
  {
    name: 'headers called __proto__ and constructor',
    server: says(HEAD, '__proto__: a\r\nconstructor: b\r\ncontent-length: 0\r\n\r\n'),
    check: { expect: { header: { constructor: 'b' } } },
    expected: 'up',
  },
];

const lengths: readonly Case[] = [
  {
    name: 'length twice, the same',
    server: says(HEAD, 'content-length: 2\r\ncontent-length: 2\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length twice, not the same',
    server: says(HEAD, 'content-length: 2\r\ncontent-length: 3\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length as a list',
    server: says(HEAD, 'content-length: 2, 2\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length below zero',
    server: says(HEAD, 'content-length: -2\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length in hex',
    server: says(HEAD, 'content-length: 0x2\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length of 30 digits',
    server: says(HEAD, `content-length: ${'9'.repeat(30)}\r\n\r\nok`),
    expected: 'down protocol',
  },
  {
    name: 'empty length',
    server: says(HEAD, 'content-length:\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'length and chunks',
    server: says(
      HEAD,
      'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ),
    expected: 'down protocol',
  },
  {
    name: 'length longer than the body',
    server: says(HEAD, 'content-length: 3\r\n\r\nok'),
    expected: 'down reset',
  },
  {
    name: 'length shorter than the body',
    server: says(HEAD, 'content-length: 2\r\n\r\nok and more'),
    check: OK,
    expected: 'up',
  },
  { name: 'two answers to one question', server: says(ok(), ok('no')), check: OK, expected: 'up' },
  {
    name: 'a second answer of other make',
    server: asked((socket) => {
      socket.write(ok(), () => socket.end('HTTP/9.9 ???\r\n\r\n'));
    }),
    check: OK,
    expected: 'up',
  },
];

const chunks: readonly Case[] = [
  {
    name: 'chunk size below zero',
    server: says(CHUNKED, '-2\r\nok\r\n0\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunk size of 20 digits',
    server: says(CHUNKED, `${'f'.repeat(20)}\r\nok`),
    expected: 'down protocol',
  },
  {
    name: 'chunk size of 2^64 - 1',
    server: says(CHUNKED, `${'f'.repeat(16)}\r\nok`),
    expected: 'down reset',
  },
  {
    name: 'chunk size of no digits',
    server: says(CHUNKED, 'zz\r\nok\r\n0\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunk size with 0x',
    server: says(CHUNKED, '0x2\r\nok\r\n0\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunk longer than its size',
    server: says(CHUNKED, '1\r\nok\r\n0\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunk ended by a bare LF',
    server: says(CHUNKED, '2\nok\n0\n\n'),
    expected: 'down protocol',
  },
  {
    name: 'trailers',
    server: says(CHUNKED, '2\r\nok\r\n0\r\nx: y\r\n\r\n'),
    check: OK,
    expected: 'up',
  },
  {
    name: 'broken trailers',
    server: says(CHUNKED, '2\r\nok\r\n0\r\nbroken trailer\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunked, in capitals',
    server: says(HEAD, 'Transfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    check: OK,
    expected: 'up',
  },
  {
    name: 'chunked twice',
    server: says(HEAD, 'transfer-encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: 'chunked and then something',
    server: says(HEAD, 'transfer-encoding: chunked, x\r\n\r\nok'),
    expected: 'down protocol',
  },
  {
    name: 'a transfer encoding that nobody knows',
    server: says(HEAD, 'transfer-encoding: x\r\n\r\nok'),
    expected: 'down protocol',
  },
];

export const framing: readonly Case[] = [
  ...foreign,
  ...statusLines,
  ...headers,
  ...lengths,
  ...chunks,
];
