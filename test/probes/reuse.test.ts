/** `reuse: true`: the connection outlives the look, and what happens to it in between is forgiven. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { http } from '../../src/probes/http.ts';
import { pem, serve, tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { again } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const looking = (written: object) => {
  const clock = new VirtualClock(NOON);
  const { next, transport } = again(http, written, clock);
  return { clock, transport, look: next };
};

/** Its connections, in the order in which they came. */
async function counted(server: Server) {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  return { port: await serve(server), sockets };
}

const patient = (listener: RequestListener) => createServer({ keepAliveTimeout: 0 }, listener);

describe('a kept connection', () => {
  test('is used by the next look, which then resolves, connects and shakes hands for nothing', async () => {
    const { port, sockets } = await counted(patient((_request, response) => response.end('ok')));
    const { look, clock } = looking({ http: `http://localhost:${port}/`, reuse: true });
    const first = await look();
    await clock.advance(60_000);
    const second = await look();
    expect([first.unmet, second.unmet]).toEqual([[], []]);
    expect(sockets).toHaveLength(1);
    expect(second.facts['phases']).toMatchObject({ resolve: 0, connect: 0, tls: 0 });
    expect(second.facts['ip']).toBe(first.facts['ip']);
  });

  test('over TLS still has its certificate', async () => {
    const { port, sockets } = await counted(
      createHttpsServer(
        { key: pem('leaf.key'), cert: pem('good.pem'), keepAliveTimeout: 0 },
        (_request, response) => response.end('ok'),
      ),
    );
    const tls = { ca: pem('ca.pem') };
    const { look } = looking({ http: `https://localhost:${port}/`, reuse: true, tls });
    const { facts } = await look();
    expect((await look()).facts['tls']).toEqual(facts['tls']);
    expect(facts['tls']).not.toBeNull();
    expect(sockets).toHaveLength(1);
  });

  test('is one for each check, and none without the option', async () => {
    const { port, sockets } = await counted(patient((_request, response) => response.end('ok')));
    const written = { http: `http://127.0.0.1:${port}/` };
    const fresh = looking(written);
    await fresh.look();
    await fresh.look();
    expect(sockets).toHaveLength(2);
    await Promise.all([1, 2].map(() => looking({ ...written, reuse: true }).look()));
    expect(sockets).toHaveLength(4);
  });

  test('is bounded anew for each answer, and has a version for each', async () => {
    const body = 'x'.repeat(50_000);
    const { port, sockets } = await counted(patient((_request, response) => response.end(body)));
    const url = `http://127.0.0.1:${port}/`;
    const { look } = looking({ http: url, reuse: true, body_limit: '64KiB' });
    for (let looks = 0; looks < 20; looks++) expect((await look()).unmet).toEqual([]);
    expect(sockets).toHaveLength(1);
  });

  test.each([
    ['in between', (socket: Socket) => socket.destroy()],
    ['by a reset in between', (socket: Socket) => socket.resetAndDestroy()],
  ])('that the server closes %s is replaced', async (_when, close) => {
    const { port, sockets } = await counted(patient((_request, response) => response.end('ok')));
    const { look } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    await look();
    close(sockets[0]!);
    expect((await look()).unmet).toEqual([]);
    expect(sockets).toHaveLength(2);
  });

  test('that is reset as it is used again is replaced, once', async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections += 1;
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        if (connections === 3) socket.resetAndDestroy();
        else if (requests === 1) socket.write(OK);
        else socket.resetAndDestroy();
      });
    });
    const { look } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true, method: 'POST' });
    await look();
    expect((await look()).unmet).toEqual([]);
    expect(connections).toBe(2);
    // The fresh connection is reset as well: that says something.
    expect((await look()).unmet).toMatchObject([{ reason: 'reset' }]);
    expect(connections).toBe(3);
  });

  test('that falls silent is a timeout, and the next look has a fresh one', async () => {
    let requests = 0;
    const second = Promise.withResolvers<undefined>();
    const port = await tcpServer((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 2) second.resolve(undefined);
        else socket.write(OK);
      });
    });
    const { look, clock } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    await look();
    const silent = look();
    await second.promise;
    await clock.advance(5_000);
    expect((await silent).unmet).toMatchObject([{ reason: 'timeout', brief: 'no answer in 5s' }]);
    expect((await look()).unmet).toEqual([]);
  });

  test.each([
    ['connection: close', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ])('is not kept after %s', async (_what, answer) => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections += 1;
      socket.on('data', () => socket.end(answer));
    });
    const { look } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    expect((await look()).unmet).toEqual([]);
    expect((await look()).unmet).toEqual([]);
    expect(connections).toBe(2);
  });

  test('is closed after two minutes in which nobody used it', async () => {
    const { port, sockets } = await counted(patient((_request, response) => response.end('ok')));
    const { look, clock } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    await look();
    const closed = once(sockets[0]!, 'close');
    await clock.advance(119_000);
    expect(sockets[0]!.destroyed).toBe(false);
    await clock.advance(1_000);
    await closed;
    expect(clock.pending()).toBe(0);
  });

  test('is closed by a reload, also where it is being used', async () => {
    const asked = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    let requests = 0;
    const { port, sockets } = await counted(
      patient((_request, response) => {
        requests += 1;
        if (requests === 1) return void response.end('ok');
        asked.resolve(undefined);
        void goOn.promise.then(() => response.end('ok'));
      }),
    );
    const { look, transport, clock } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    await look();
    const closed = once(sockets[0]!, 'close');
    transport.letGo();
    await closed;
    const under = look();
    await asked.promise;
    transport.letGo();
    goOn.resolve(undefined);
    const closedToo = once(sockets[1]!, 'close');
    expect((await under).unmet).toEqual([]);
    await closedToo;
    expect(clock.pending()).toBe(0);
  });

  test('is not used where a redirect has led away', async () => {
    const away = await counted(patient((_request, response) => response.end('ok')));
    const { port, sockets } = await counted(
      patient((_request, response) =>
        response.writeHead(302, { location: `http://127.0.0.1:${away.port}/` }).end(),
      ),
    );
    const { look } = looking({ http: `http://127.0.0.1:${port}/`, reuse: true });
    await look();
    expect((await look()).unmet).toEqual([]);
    expect([sockets.length, away.sockets.length]).toEqual([1, 2]);
  });
});
