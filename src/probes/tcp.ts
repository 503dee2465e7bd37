/**
 * A TCP port: it takes a connection and, where a banner is expected, says what it should. Nothing
 * that is sent is taken back: a port that must not be written to gets no `send`.
 */
import { z } from 'zod';
import type { Connected } from '../system/transport.ts';
import { duration, hostPort, resolverChoice } from '../system/values.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { timeFinding } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import { mismatch, printMatch, textMatch } from './_text-match.ts';
import type { Finding, Probe, Sight } from './probe.ts';

const MAX_BANNER_BYTES = 4 * 1024;

const options = z.strictObject({
  tcp: hostPort(),
  resolver: resolverChoice(),
  send: z
    .string({ error: () => 'expected text: put it in quotes' })
    .optional()
    .describe('Sent as UTF-8 as soon as the connection is there'),
  expect: z
    .strictObject({
      banner: textMatch.optional(),
      time: duration({ min: 1 }).optional(),
    })
    .default({}),
  warn: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
});
type TcpOptions = z.infer<typeof options>;

interface TcpFacts extends ConnectionFacts {
  readonly at: number;
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  /** null: none was waited for. */
  readonly banner: string | null;
}

async function observe(options: TcpOptions, sight: Sight): Promise<TcpFacts> {
  const { tcp: to, resolver, send, expect } = options;
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const dialled = await transport.connect({ ...to, timeoutMs, signal, resolver });
  if ('failure' in dialled) {
    const { ip, phases } = dialled;
    const elapsedMs = clock.monotonic() - startedAt;
    const failure = failureOf(dialled);
    return { at, elapsedMs, ip, resolveMs: phases.resolve, failure, banner: null };
  }
  const { ip, resolveMs } = dialled;
  const isEnough = (banner: string): boolean => {
    // What must not come never comes surely: then the first words decide.
    const isAwaited = expect.banner?.contains !== undefined || expect.banner?.matches !== undefined;
    return expect.banner === undefined || !isAwaited || mismatch(banner, expect.banner) === null;
  };
  const heard = await converse(dialled, send ?? '', expect.banner ? isEnough : null, sight, at);
  const elapsedMs = clock.monotonic() - startedAt;
  return { at, elapsedMs, ip, resolveMs, ...heard };
}

/** Ends with enough of a banner, 4 KiB, a close, or the deadline, and never with an open socket. */
function converse(
  { socket, ip }: Connected,
  send: string,
  isEnough: ((banner: string) => boolean) | null,
  { clock, timeoutMs, signal }: Sight,
  startedAt: number,
): Promise<Pick<TcpFacts, 'banner' | 'failure'>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const banner = (): string => Buffer.concat(chunks).toString('utf8', 0, MAX_BANNER_BYTES);
    const end = (failure: LookFailure | null): void => {
      alarm.cancel();
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve({ banner: isEnough === null ? null : banner(), failure });
    };
    const stop = (): void => {
      end(null);
    };
    const alarm = clock.alarm(startedAt + timeoutMs, stop);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', () => {
      end({ reason: 'reset', detail: `connection reset (${ip})`, certificateEndsAt: null });
    });
    socket.on('close', stop);
    if (isEnough === null) {
      socket.end(send, stop);
      return;
    }
    socket.on('end', stop);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const text = banner();
      if (text.length >= MAX_BANNER_BYTES || isEnough(text)) stop();
    });
    if (send !== '') socket.write(send);
  });
}

function assess(facts: TcpFacts, { expect, warn }: TcpOptions): Finding[] {
  const { at, elapsedMs, ip, banner, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  const findings = [connected(`connected to ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'refused')];
  if (expect.banner !== undefined && banner !== null) {
    const wrong = banner === '' ? 'is missing' : mismatch(banner, expect.banner);
    findings.push(
      finding({
        expectation: 'banner',
        met: wrong === null,
        expected: printMatch(expect.banner),
        seen: banner === '' ? `nothing in ${printTook(elapsedMs)}` : banner,
        reason: 'banner',
        brief: banner === '' ? `no banner in ${printTook(elapsedMs)}` : `banner ${wrong ?? ''}`,
      }),
    );
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  return findings;
}

export const tcp: Probe<TcpOptions, TcpFacts> = {
  type: 'tcp',
  options,
  target: ({ tcp: { host, port } }) =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  observe,
  assess,
  gauges: connectionGauges,
};
