/** Takes as long as the limits of a listener are: real seconds of a client that sends slowly. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createListener } from '../../src/server/listener.ts';
import { VirtualClock } from '../virtual-clock.ts';

it.each([
  ['headers', 'GET / HTTP/1.1\r\nHost: localhost\r\n', 'X-More: 1\r\n', 5],
  ['a body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n', 'x', 15],
])('a client that sends %s a line a second loses its connection', async (_, first, drop, limit) => {
  const listener = createListener(
    async (request) => new Response(await request.text()),
    { maxConnections: 10 },
    new VirtualClock(0),
  );
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  const socket = connect('port' in started ? started.port : 0, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(first);
  const began = performance.now();
  const dripping = setInterval(() => socket.write(drop), 1_000);
  await once(socket.resume(), 'close');
  clearInterval(dripping);
  const seconds = (performance.now() - began) / 1_000;
  expect(seconds).toBeGreaterThan(limit - 1);
  expect(seconds).toBeLessThan(limit + 5);
  await listener.stop();
});
