/** Who does not answer, stops in the middle, or goes away. */
import { SOON, asked, drips, holds, ok, raw, says } from './target.ts';
import type { Case } from './target.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const UPLOAD = { method: 'POST', body: 'x'.repeat(1_000_000) };

const hangs: readonly Omit<Case, 'expected' | 'timeoutMs'>[] = [
  { name: 'never reads', server: raw(() => {}) },
  { name: 'reads, and never answers', server: raw((socket) => socket.resume()) },
  { name: 'reads nothing of a large upload', server: raw(() => {}), check: UPLOAD },
  { name: 'stops in the status line', server: holds('HTTP/1.') },
  { name: 'stops in the headers', server: holds('HTTP/1.1 200 OK\r\ncontent-le') },
  { name: 'stops after the headers', server: holds(HEAD) },
  { name: 'stops in the body', server: holds(HEAD, 'half') },
  { name: 'stops in a chunk', server: holds(CHUNKED, '64\r\nhalf') },
  { name: 'stops before the last chunk', server: holds(CHUNKED, '2\r\nok\r\n') },
  { name: 'stops in the trailers', server: holds(CHUNKED, '2\r\nok\r\n0\r\nx: ') },
  { name: 'no length and no end', server: holds('HTTP/1.1 200 OK\r\n\r\nok') },
  { name: 'drips the status line', server: drips('HTTP/1.1 200 ', 'x') },
  { name: 'drips blank lines before it', server: drips('', '\r\n') },
  { name: 'drips headers', server: drips('HTTP/1.1 200 OK\r\n', 'x: y\r\n') },
  { name: 'drips a body', server: drips('HTTP/1.1 200 OK\r\n\r\n', 'x') },
  { name: 'drips chunks', server: drips(CHUNKED, '1\r\nx\r\n') },
  { name: 'drips a chunk extension', server: drips(CHUNKED, '1;xxxxxxxxxxxxxxxxxxxxxxxxxxx') },
];

const leaves: readonly Case[] = [
  {
    name: 'closes at once',
    server: raw((socket) => socket.destroy()),
    expected: 'down reset',
  },
  {
    name: 'resets at once',
    server: raw((socket) => socket.resetAndDestroy()),
    expected: 'down reset',
  },
  { name: 'closes for an answer', server: says(), expected: 'down reset' },
  {
    name: 'resets for an answer',
    server: asked((socket) => socket.resetAndDestroy()),
    expected: 'down reset',
  },
  {
    name: 'closes its half and listens on',
    server: raw((socket) => socket.end().resume()),
    expected: 'down reset',
  },
  {
    name: 'answers, closes its half and listens on',
    server: asked((socket) => socket.removeAllListeners('end').end(ok())),
    expected: 'up',
  },
  { name: 'closes in the status line', server: says('HTTP/1.1 2'), expected: 'down reset' },
  {
    name: 'closes in the headers',
    server: says('HTTP/1.1 200 OK\r\nx: y\r\n'),
    expected: 'down reset',
  },
  { name: 'closes in the body', server: says(HEAD, 'half'), expected: 'down reset' },
  { name: 'closes in a chunk', server: says(CHUNKED, '64\r\nhalf'), expected: 'down reset' },
  { name: 'no last chunk', server: says(CHUNKED, '2\r\nok\r\n'), expected: 'down reset' },
  {
    name: 'resets in the headers',
    server: asked((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ', () => socket.resetAndDestroy());
    }),
    expected: 'down reset',
  },
  {
    name: 'resets in the body',
    server: asked((socket) => {
      socket.write(`${HEAD}half`, () => socket.resetAndDestroy());
    }),
    expected: 'down reset',
  },
  {
    name: 'refuses a large upload before it is there',
    server: asked((socket) => {
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
    }),
    check: UPLOAD,
    expected: 'down status',
  },
  {
    name: 'answers and never closes',
    server: holds(ok()),
    expected: 'up',
  },
  {
    name: 'no length, ended by closing',
    server: says('HTTP/1.1 200 OK\r\n\r\nok'),
    check: { expect: { body: { matches: '^ok$' } } },
    expected: 'up',
  },
];

export const silence: readonly Case[] = [
  ...hangs.map((each) => ({ ...each, timeoutMs: SOON, expected: 'down timeout' }) as const),
  ...leaves,
];
