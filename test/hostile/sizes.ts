/** Too much of everything: headers, bodies, encodings, and what patterns and paths choke on. */
import { brotliCompressSync, constants, deflateRawSync, deflateSync } from 'node:zlib';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ok, pours, says } from './target.ts';
import type { Case } from './target.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const MIB = 1_048_576;
const body = (match: object) => ({ expect: { body: match } });

const headers: readonly Case[] = [
  {
    name: 'a header of 1 MiB',
    server: says(HEAD, () => `x: ${'x'.repeat(MIB)}\r\n\r\n`),
    expected: 'down too_large',
  },
  {
    name: 'a header name of 1 MiB',
    server: says(HEAD, `${'x'.repeat(MIB)}: x\r\n\r\n`),
    expected: 'down too_large',
  },
  {
    name: 'a header that never ends',
    server: pours(`${HEAD}x: `, 'x'.repeat(16_384)),
    expected: 'down too_large',
  },
  {
    name: 'headers that never end',
    server: pours(HEAD, 'x: y\r\n'.repeat(1_000)),
    expected: 'down too_large',
  },
  {
    name: '10,000 headers',
    server: says(HEAD, 'x: y\r\n'.repeat(10_000), '\r\n'),
    expected: 'down too_large',
  },
  {
    name: '4,096 cookies',
    server: says(HEAD, 'set-cookie: a=1\r\n'.repeat(4_096), '\r\n'),
    expected: 'down too_large',
  },
  {
    name: '2,000 empty headers in 10 KiB',
    server: says(HEAD, 'x:\r\n'.repeat(2_000), 'content-length: 0\r\n\r\n'),
    expected: 'up',
  },
  {
    name: 'a reason phrase of 1 MiB',
    server: says(`HTTP/1.1 200 ${'x'.repeat(MIB)}\r\n\r\n`),
    expected: 'down too_large',
  },
  {
    name: 'a reason phrase that never ends',
    server: pours('HTTP/1.1 200 ', 'x'.repeat(16_384)),
    expected: 'down too_large',
  },
  {
    name: 'blank lines for ever',
    server: pours('', '\r\n'.repeat(8_192)),
    expected: 'down too_large',
  },
  {
    name: 'a chunk extension of 1 MiB',
    server: says(CHUNKED, `2;${'x'.repeat(MIB)}\r\nok\r\n0\r\n\r\n`),
    expected: 'down too_large',
  },
  {
    name: 'a chunk extension that never ends',
    server: pours(`${CHUNKED}2;`, 'x'.repeat(16_384)),
    expected: 'down too_large',
  },
  {
    name: 'trailers of 1 MiB',
    server: says(CHUNKED, '2\r\nok\r\n0\r\n', 'x: y\r\n'.repeat(MIB / 6), '\r\n'),
    expected: 'down too_large',
  },
];

const bodies: readonly Case[] = [
  {
    name: 'a body that never ends',
    server: pours(`${HEAD}\r\n`, 'x'.repeat(65_536)),
    expected: 'up',
  },
  {
    name: 'chunks that never end',
    server: pours(CHUNKED, '1\r\nx\r\n'.repeat(10_000)),
    expected: 'up',
  },
  {
    name: '10 MiB, the word at the start',
    server: says(() => ok(`cart${'x'.repeat(10 * MIB)}`)),
    check: body({ contains: 'cart' }),
    expected: 'up',
  },
  {
    name: '10 MiB, the word at the end',
    server: says(() => ok(`${'x'.repeat(10 * MIB)}cart`)),
    check: body({ contains: 'cart' }),
    expected: 'down body',
  },
  {
    name: 'one line of 10 MiB for a pattern that explodes',
    server: says(() => ok('x'.repeat(10 * MIB))),
    check: body({ matches: '^(x+x+)+y$' }),
    expected: 'down body',
  },
  {
    name: 'words for a pattern that explodes',
    server: says(() => ok('word '.repeat(20_000))),
    check: body({ matches: '^(\\w+\\s?)*$' }),
    expected: 'up',
  },
  {
    name: 'a body of NUL',
    server: says(() => ok(Buffer.alloc(1_000))),
    check: body({ contains: 'ok' }),
    expected: 'down body',
  },
  {
    name: 'a body that is not UTF-8',
    server: says(() => ok(Buffer.from('ok \u00ff\u00c0\u0080', 'latin1'))),
    check: body({ contains: 'ok' }),
    expected: 'up',
  },
  {
    name: 'a body that takes terminals over',
    server: says(() => ok('\u001b]0;x\u0007\u202e'.repeat(1_000))),
    check: body({ contains: 'ok' }),
    expected: 'down body',
  },
  {
    name: 'a body of half surrogates',
    server: says(() => ok(Buffer.from('eda080'.repeat(1_000), 'hex'))),
    check: body({ contains: 'ok' }),
    expected: 'down body',
  },
];

const json = { expect: { json: { '$..status': 'UP' } } };
const documents: readonly Case[] = [
  {
    name: 'JSON nested 30,000 deep',
    server: says(() => ok('['.repeat(30_000) + ']'.repeat(30_000))),
    check: json,
    expected: 'down json',
  },
  {
    name: 'JSON of objects nested 5,000 deep',
    server: says(() => ok('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000))),
    check: json,
    expected: 'down json',
  },
  {
    name: 'JSON of 10 MiB',
    server: says(() => ok(`{"status":"UP","x":"${'x'.repeat(10 * MIB)}"}`)),
    check: json,
    expected: 'down json',
  },
  {
    name: 'JSON that sets __proto__',
    server: says(() => ok('{"__proto__":{"status":"UP"}}')),
    check: { expect: { json: { '$.status': 'UP' } } },
    expected: 'down json',
  },
  {
    name: 'JSON with a byte order mark',
    server: says(() => ok('\ufeff{"status":"UP"}')),
    check: json,
    expected: 'up',
  },
  {
    name: 'JSON with the key twice',
    server: says(() => ok('{"status":"UP","status":"DOWN"}')),
    check: json,
    expected: 'down json',
  },
  {
    name: 'JSON of 10,000 answers, one wrong',
    server: says(() => ok(`[${'{"status":1},'.repeat(4_000)}{"status":"UP"}]`)),
    check: json,
    expected: 'down json',
  },
];

const bomb = (compress: (bytes: Uint8Array) => Uint8Array) => compress(Buffer.alloc(64 * MIB));
const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const nested = Array.from({ length: 100 }, () => 'gzip').join(', ');
const OKS = 'ok'.repeat(100);
/** A frame's magic number, a header without anything, a window of 2^30, and a last raw block. */
const WIDE = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 0x11, 0, 0, 0x6f, 0x6b]);
const spoilt = (bytes: Buffer): Buffer => bytes.fill(0xff, 12, 14);

/** Not asked for, and undone as far as a body is read: what is honest is found, and nothing can burst. */
const encodings: readonly Case[] = (
  [
    ['gzip', 'gzip, a bomb of 64 MiB', () => bomb(gzipSync)],
    ['br', 'br, a bomb of 64 MiB', () => bomb((bytes) => brotliCompressSync(bytes, quick))],
    ['gzip', 'gzip, broken in the middle', () => spoilt(gzipSync(OKS))],
    ['gzip', 'gzip cut short', () => gzipSync(OKS).subarray(0, 15)],
    ['deflate', 'deflate that is gzip', () => gzipSync(OKS)],
    ['zstd', 'zstd, a bomb of 64 MiB', () => bomb(zstdCompressSync)],
    ['zstd', 'zstd that asks for a window of 1 GiB', () => WIDE],
    ['x-nonsense', 'an encoding that nobody knows', () => Buffer.from('?')],
    [nested, 'a hundred encodings', () => Buffer.from('?')],
  ] as const
).map(([encoding, name, bytes]) => ({
  name,
  server: says(() => ok(bytes(), `content-encoding: ${encoding}`)),
  check: body({ contains: 'okokok' }),
  expected: 'down body',
}));
const undone: readonly Case[] = (
  [
    ['gzip', 'gzip', () => gzipSync(OKS)],
    ['deflate', 'deflate', () => deflateSync(OKS)],
    ['deflate', 'deflate without its wrapping', () => deflateRawSync(OKS)],
    ['br', 'br', () => brotliCompressSync(OKS)],
    ['ZSTD', 'zstd', () => zstdCompressSync(OKS)],
  ] as const
).map(([encoding, name, bytes]) => ({
  name,
  server: says(() => ok(bytes(), `content-encoding: ${encoding}`)),
  check: body({ contains: 'okokok' }),
  expected: 'up',
}));
const unexpected: Case = {
  name: 'gzip, of which nothing is expected',
  server: says(() => ok(gzipSync(OKS), 'content-encoding: gzip')),
  expected: 'up',
};

export const sizes: readonly Case[] = [
  ...headers,
  ...bodies,
  ...documents,
  ...encodings,
  ...undone,
  unexpected,
];
