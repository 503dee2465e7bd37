/** Ports that say too much, too little, or too late, to a check of type tcp. */
import { SOON, drip, raw } from './target.ts';
import type { Case } from './target.ts';

const at =
  (banner: object, more: object = {}) =>
  (port: number): object => ({ tcp: `127.0.0.1:${port}`, expect: { banner }, ...more });
const ready = at({ contains: 'ready' });

const cases: readonly Case[] = [
  {
    name: 'as it should be',
    server: raw((socket) => socket.end('ready\r\n')),
    at: ready,
    expected: 'up',
  },
  { name: 'silence', server: raw(() => {}), at: ready, timeoutMs: SOON, expected: 'down banner' },
  {
    name: 'one byte at a time',
    server: raw((socket) => void drip(socket, Buffer.from('nothing of the sort '))),
    at: ready,
    timeoutMs: SOON,
    expected: 'down banner',
  },
  {
    name: 'one that never ends',
    server: raw((socket) => {
      const pour = (): void => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', pour);
      pour();
    }),
    at: at({ matches: '^(x+x+)+y$' }),
    expected: 'down banner',
  },
  {
    name: 'the word behind 64 KiB',
    server: raw((socket) => socket.end(`${'x'.repeat(65_536)}ready`)),
    at: ready,
    expected: 'down banner',
  },
  {
    name: 'bytes that are no text',
    server: raw((socket) => socket.end(Buffer.alloc(1_000, 0xff))),
    at: ready,
    expected: 'down banner',
  },
  {
    name: 'a close',
    server: raw((socket) => socket.end()),
    at: ready,
    expected: 'down banner',
  },
  {
    name: 'a reset',
    server: raw((socket) => socket.once('data', () => socket.resetAndDestroy())),
    at: at({ contains: 'ready' }, { send: 'PING\r\n' }),
    expected: 'down reset',
  },
];

export const banners: readonly Case[] = cases.map((each) => ({
  ...each,
  name: `banner: ${each.name}`,
}));
