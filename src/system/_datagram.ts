/**
 * One question and one answer by UDP. The socket is connected, so that only the peer is heard and a
 * closed port is told as refused; whatever happens, it is closed in the end.
 */
import { createSocket } from 'node:dgram';
import { NO_PHASES } from './_exchange.ts';
import { classify, failure } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { Limit } from './_limit.ts';
import { addressesOf } from './_resolving.ts';
import type { Clock } from './clock.ts';
import { systemRandom } from './random.ts';
import type { HostAddress, Resolver } from './resolver.ts';
import type { Datagram, Heard, NetworkFailure } from './transport.ts';

/** Never rejects. Of several addresses the next is asked where the one before cannot be. */
export async function datagram(
  to: Datagram,
  { resolver, clock }: { readonly resolver: Resolver; readonly clock: Clock },
): Promise<Heard | NetworkFailure> {
  const limit = new Limit(clock, to.timeoutMs, to.signal);
  let resolveMs = 0;
  const failed = (fault: Fault, ip: string | null, sent: boolean): NetworkFailure => {
    const phases = { ...NO_PHASES, resolve: resolveMs, processing: limit.elapsedMs - resolveMs };
    const { host, port } = to;
    return failure(fault, { host, port, sent, phases, ip, tls: null, elapsedMs: limit.elapsedMs });
  };
  try {
    const resolved = await addressesOf(to, resolver, () => limit.signal);
    resolveMs = limit.elapsedMs;
    if ('failure' in resolved) return failed(resolved, null, false);
    for (let at = 0; ; at++) {
      const address = resolved[at] ?? resolved[0];
      const askedAt = clock.monotonic();
      const asked = await ask(address, to, limit.signal);
      if (!('failure' in asked)) {
        const answerMs = clock.monotonic() - askedAt;
        return { answer: asked, ip: address.address, resolveMs, answerMs };
      }
      const isLast = limit.signal.aborted || at + 1 >= resolved.length;
      if (isLast) return failed(asked, address.address, true);
    }
  } finally {
    limit.release();
  }
}

function ask(
  { address, family }: HostAddress,
  { port, payload, accepts }: Datagram,
  signal: AbortSignal,
): Promise<Buffer | Fault> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const end = (outcome: Buffer | Fault): void => {
      signal.removeEventListener('abort', stop);
      socket.removeAllListeners();
      // A refusal may still be on its way here, and nobody waits for it any more.
      socket.on('error', () => undefined);
      socket.close();
      resolve(outcome);
    };
    const stop = (): void => {
      end({ failure: 'timeout', what: 'no answer' });
    };
    socket.on('error', (error) => {
      end(classify(error));
    });
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    const nonce = Math.floor(systemRandom.fraction() * 65_536);
    socket.on('message', (received) => {
      if (accepts(received, nonce)) end(received);
    });
    socket.once('connect', () => {
      socket.send(payload(nonce));
    });
    socket.connect(port, address);
  });
}
