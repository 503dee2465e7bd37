/** Interim answers, answers to what was not asked, and bodies where none may be. */
import { SOON, holds, ok, pours, says } from './target.ts';
import type { Case } from './target.ts';

const OK = { expect: { body: { matches: '^ok$' } } };
const HINT = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

export const interim: readonly Case[] = [
  { name: '103 before the answer', server: says(HINT, ok()), check: OK, expected: 'up' },
  { name: '103 and a close', server: says(HINT), expected: 'down reset' },
  { name: '103 and silence', server: holds(HINT), timeoutMs: SOON, expected: 'down timeout' },
  { name: '103 for ever', server: pours('', HINT.repeat(100)), expected: 'down too_large' },
  { name: '100 unasked', server: says(CONTINUE, ok()), expected: 'down protocol' },
  {
    name: '100 ten thousand times',
    server: says(CONTINUE.repeat(10_000), ok()),
    expected: 'down protocol',
  },
  { name: '199', server: says('HTTP/1.1 199 What\r\n\r\n', ok()), check: OK, expected: 'up' },
  {
    name: '101 to a protocol of its own',
    server: says('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello'),
    expected: 'down protocol',
  },
  {
    name: '101 that says to what not',
    server: holds('HTTP/1.1 101 Switching\r\n\r\n'),
    expected: 'down protocol',
  },
  {
    name: '204 with a body',
    server: says('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok'),
    expected: 'up',
  },
  {
    name: '204 with a body that never ends',
    server: pours('HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'),
    expected: 'up',
  },
  {
    name: '304 with a body',
    server: says('HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\nok'),
    check: { expect: { status: 304 } },
    expected: 'up',
  },
  {
    name: 'HEAD answered with a body',
    server: says(ok('unwanted')),
    check: { method: 'HEAD' },
    expected: 'up',
  },
  {
    name: 'HEAD answered with a length alone',
    server: holds('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n'),
    check: { method: 'HEAD' },
    expected: 'up',
  },
  {
    name: '408 before the request is read',
    server: says('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n'),
    expected: 'down status',
  },
];
