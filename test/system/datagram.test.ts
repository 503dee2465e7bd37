import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import type { Clock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { Resolver } from '../../src/system/resolver.ts';
import type { Datagram, NetworkFailure } from '../../src/system/transport.ts';
import { closedPort } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

function transport(clock: Clock = systemClock(), resolve?: Resolver['resolve']) {
  const own = new OwnResolver({ clock });
  const stub = {
    resolve: resolve ?? own.resolve.bind(own),
    servers: () => own.servers(),
    close: () => own.close(),
  };
  const made = createTransport({ clock, resolver: stub });
  onTestFinished(() => made.close());
  return made;
}

function failed(outcome: object): NetworkFailure {
  if (!('failure' in outcome)) expect.fail('there was an answer');
  return outcome as NetworkFailure;
}

describe('a datagram', () => {
  const asked = (port: number, more: Partial<Datagram> = {}): Datagram => ({
    host: '127.0.0.1',
    port,
    payload: () => Buffer.from('ping'),
    accepts: () => true,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...more,
  });

  async function udpServer(...answers: string[]): Promise<number> {
    const socket = createSocket('udp4');
    onTestFinished(() => {
      socket.close();
    });
    socket.on('message', (_message, { port, address }) => {
      for (const answer of answers) socket.send(answer, port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket.address().port;
  }

  test('brings back the first one that is accepted', async () => {
    const port = await udpServer('forged', 'pong', 'more');
    const accepts = (received: Buffer): boolean => String(received) === 'pong';
    const heard = await transport().datagram(asked(port, { accepts }));
    if ('failure' in heard) expect.fail(heard.detail);
    expect(String(heard.answer)).toBe('pong');
    expect(heard).toMatchObject({ ip: '127.0.0.1' });
    expect(heard.answerMs).toBeGreaterThan(0);
  });

  test('is marked with the same nonce that the answer is held against', async () => {
    const nonces: number[] = [];
    const heard = await transport().datagram(
      asked(await udpServer('pong'), {
        payload: (nonce) => Buffer.from([nonces.push(nonce)]),
        accepts: (_received, nonce) => nonces.includes(nonce),
      }),
    );
    expect(heard).toHaveProperty('answer');
    expect(nonces[0]).toBeLessThan(65_536);
  });

  test('refused: nothing listens there', async () => {
    const port = await closedPort();
    const outcome = failed(await transport().datagram(asked(port)));
    expect(outcome.detail).toBe(`connection refused (127.0.0.1:${port})`);
  });

  test('of several addresses the next is asked where one cannot be', async () => {
    const port = await udpServer('pong');
    const addresses = ['127.0.0.9', '127.0.0.1'].map(
      (address) => ({ address, family: 4 }) as const,
    );
    const names = () => Promise.resolve({ addresses });
    const heard = await transport(systemClock(), names).datagram(asked(port, { host: 'ns.test' }));
    expect(heard).toMatchObject({ ip: '127.0.0.1' });
  });

  test('timeout: nothing that is accepted comes within the deadline', async () => {
    const clock = new VirtualClock(NOON);
    const came = Promise.withResolvers<undefined>();
    const accepts = (): boolean => {
      came.resolve(undefined);
      return false;
    };
    const outcome = transport(clock).datagram(asked(await udpServer('forged'), { accepts }));
    await came.promise;
    await clock.advance(5_000);
    expect(failed(await outcome).detail).toContain('no answer in 5s');
    expect(clock.pending()).toBe(0);
  });

  test('dns: the name is not found, and nothing is sent', async () => {
    const names = () => Promise.resolve({ failure: 'nxdomain' } as const);
    const outcome = await transport(systemClock(), names).datagram(asked(53, { host: 'ns.test' }));
    expect(failed(outcome)).toMatchObject({ failure: 'dns', sent: false });
  });

  test('a signal that has aborted already is followed by nothing', async () => {
    const outcome = await transport().datagram(asked(53, { signal: AbortSignal.abort() }));
    expect(failed(outcome).failure).toBe('timeout');
  });
});
