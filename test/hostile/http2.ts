/** Servers that agree to HTTP/2 and then speak it badly, or not at all. */
import { constants, createSecureServer } from 'node:http2';
import type { SecureServerOptions, ServerHttp2Stream } from 'node:http2';
import { readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { setInterval } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { SOON } from './target.ts';
import type { Case } from './target.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const identity = { key: pem('leaf.key'), cert: pem('good.pem') };

const streams =
  (onStream: (stream: ServerHttp2Stream) => void, more: SecureServerOptions = {}) =>
  (): Server =>
    createSecureServer({ ...identity, ...more })
      .on('sessionError', () => {})
      .on('tlsClientError', () => {})
      .on('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => {});
        stream.session?.on('error', () => {});
        onStream(stream);
      });

/** Has agreed to HTTP/2, and may write whatever it likes. */
const raw = (onSocket: (socket: Socket) => void) => (): Server =>
  createServer({ ...identity, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });

/** RFC 9113, 4.1. */
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = frame(4, 0, 0, Buffer.alloc(0));
const flood = (bytes: Buffer) => (socket: Socket) => {
  socket.write(SETTINGS);
  const pour = async (): Promise<void> => {
    for await (const _ of setInterval(1)) {
      if (!socket.writable) return;
      socket.write(bytes);
    }
  };
  socket.once('data', () => void pour());
};
const many = (one: Buffer) => Buffer.concat(Array<Buffer>(500).fill(one));

const at = (port: number): object => ({
  http: `https://127.0.0.1:${port}/`,
  http2: true,
  tls: { verify: false },
});

const cases: readonly Case[] = [
  {
    name: 'as it should be',
    server: streams((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    }),
    expected: 'up',
  },
  {
    name: 'only HTTP/1.1',
    server: () => createServer({ ...identity, ALPNProtocols: ['http/1.1'] }, () => {}),
    expected: 'down protocol',
  },
  {
    name: 'no ALPN at all',
    server: () => createServer(identity, () => {}),
    expected: 'down protocol',
  },
  {
    name: 'nothing, not even settings',
    server: raw((socket) => socket.resume()),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: 'HTTP/1.1 after agreeing',
    server: raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok ok ok ok')),
    expected: 'down protocol',
  },
  { name: 'closes at once', server: raw((socket) => socket.end()), expected: 'down reset' },
  {
    name: 'settings, and closes',
    server: raw((socket) => socket.end(SETTINGS)),
    expected: 'down reset',
  },
  {
    name: 'no streams allowed',
    server: streams(() => {}, { settings: { maxConcurrentStreams: 0 } }),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  { name: 'never answers', server: streams(() => {}), timeoutMs: SOON, expected: 'down timeout' },
  {
    name: 'resets the stream',
    server: streams((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)),
    expected: 'down reset',
  },
  {
    name: 'ends the stream without an answer',
    server: streams((stream) => stream.close(constants.NGHTTP2_NO_ERROR)),
    expected: 'down reset',
  },
  {
    name: 'refuses every stream',
    server: streams((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)),
    expected: 'down reset',
  },
  {
    name: 'goes away',
    server: raw((socket) => {
      socket.write(SETTINGS);
      socket.end(frame(7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2])));
    }),
    expected: 'down reset',
  },
  {
    name: 'goes away and closes',
    server: streams((stream) => {
      stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      stream.session?.destroy();
    }),
    expected: 'down reset',
  },
  {
    name: 'half a body',
    server: streams((stream) => {
      stream.respond({ ':status': 200, 'content-length': '100' });
      stream.end('half');
    }),
    expected: 'down reset',
  },
  {
    name: 'more body than it said',
    server: streams((stream) => {
      stream.respond({ ':status': 200, 'content-length': '2' });
      stream.end('ok and more');
    }),
    expected: 'down reset',
  },
  {
    name: 'a body without an end',
    server: streams((stream) => {
      stream.respond({ ':status': 200 });
      const pour = (): void => {
        while (stream.writable && stream.write('x'.repeat(16_384)));
      };
      stream.on('drain', pour);
      pour();
    }),
    expected: 'up',
  },
  {
    name: 'a body that drips',
    server: streams((stream) => {
      stream.respond({ ':status': 200 });
      void (async () => {
        for await (const _ of setInterval(50)) {
          if (!stream.writable) return;
          stream.write('x');
        }
      })();
    }),
    timeoutMs: SOON,
    expected: 'down timeout',
  },
  {
    name: '60 KiB of headers',
    server: streams((stream) => {
      stream.respond({ ':status': 200, 'x-large': 'y'.repeat(60_000) });
      stream.end('ok');
    }),
    expected: 'down too_large',
  },
  {
    name: 'a flood of pings',
    server: raw(flood(many(frame(6, 0, 0, Buffer.alloc(8))))),
    expected: 'down protocol',
  },
  { name: 'a flood of settings', server: raw(flood(many(SETTINGS))), expected: 'down protocol' },
  {
    name: 'a frame of 16 MiB',
    server: raw((socket) =>
      socket.write(Buffer.concat([SETTINGS, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])])),
    ),
    expected: 'down protocol',
  },
  {
    name: 'data for nobody',
    server: raw((socket) =>
      socket.write(Buffer.concat([SETTINGS, frame(0, 0, 7, Buffer.from('hi'))])),
    ),
    expected: 'down protocol',
  },
  {
    name: 'a status that is none',
    server: raw((socket) => {
      socket.write(SETTINGS);
      // HPACK (RFC 7541): `:status` by its index, and a value of its own.
      const block = Buffer.from([0x48, 3, 0x61, 0x62, 0x63]);
      socket.once('data', () => socket.write(frame(1, 5, 1, block)));
    }),
    expected: 'down protocol',
  },
  {
    name: 'an endless header',
    server: raw((socket) => {
      socket.write(SETTINGS);
      socket.once('data', () => {
        socket.write(frame(1, 0, 1, Buffer.from([0x88])));
        flood(
          many(
            frame(
              9,
              0,
              1,
              Buffer.concat([Buffer.from([0, 1, 0x61, 0x7f, 0x81, 0x7f]), Buffer.alloc(256, 0x62)]),
            ),
          ),
        )(socket);
        socket.emit('data', Buffer.alloc(0));
      });
    }),
    expected: 'down protocol',
  },
];

export const http2: readonly Case[] = cases.map((each) => ({
  at,
  ...each,
  name: `HTTP/2: ${each.name}`,
}));
