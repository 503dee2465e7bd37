/**
 * A connection for a probe that speaks its own protocol: TCP and, where it is asked for, TLS over it,
 * all within one deadline. The socket is handed over open, or is destroyed here.
 */
import { dial } from './_dial.ts';
import { NO_PHASES } from './_exchange.ts';
import { failure } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { Limit } from './_limit.ts';
import { addressesOf } from './_resolving.ts';
import { startTls } from './_starttls.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Connected, Dial, Found, NetworkFailure, TlsFacts, Transport } from './transport.ts';

/** Never rejects. */
export async function connect(
  { host, port, family, timeoutMs, signal, secure: wanted, hangUp = false }: Dial,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
): Promise<Connected | NetworkFailure> {
  const { clock } = parts;
  const limit = new Limit(clock, timeoutMs, signal);
  try {
    const dialled = await dial({ host, port, family, hangUp }, parts, limit);
    const { ip, resolveMs, connectMs } = dialled;
    const dialledAt = clock.monotonic();
    const tlsMs = (): number => clock.monotonic() - dialledAt;
    const failed = (fault: Fault, tls: TlsFacts | null): NetworkFailure => {
      const phases = { ...NO_PHASES, resolve: resolveMs, connect: connectMs, tls: tlsMs() };
      const { elapsedMs } = limit;
      return failure(fault, { host, port, sent: false, phases, ip, tls, elapsedMs });
    };
    if ('failure' in dialled) return failed(dialled, null);
    if (wanted === undefined) return { ...dialled, tlsMs: 0, tls: null };
    const { tls, starttls, alpn, withChain } = wanted;
    const refused = starttls && (await startTls(dialled.socket, starttls, limit));
    if (refused) return failed(refused, null);
    const handshake = { ...tls, alpn, withChain };
    const secured = await secure(dialled.socket, host, handshake, contexts, limit);
    if ('failure' in secured) return failed(secured, secured.facts);
    return { ...dialled, socket: secured.socket, tlsMs: tlsMs(), tls: secured.facts };
  } finally {
    limit.release();
  }
}

/** Never rejects. */
export async function resolve(
  { host, family, timeoutMs, signal }: Parameters<Transport['resolve']>[0],
  { resolver, clock }: { readonly resolver: Resolver; readonly clock: Clock },
): Promise<Found | NetworkFailure> {
  const limit = new Limit(clock, timeoutMs, signal);
  try {
    const resolved = await addressesOf({ host, family }, resolver, () => limit.signal);
    const resolveMs = limit.elapsedMs;
    if (!('failure' in resolved)) return { ip: resolved[0].address, resolveMs };
    const phases = { ...NO_PHASES, resolve: resolveMs };
    const given = { host, port: null, sent: false, phases, ip: null, tls: null };
    return failure(resolved, { ...given, elapsedMs: resolveMs });
  } finally {
    limit.release();
  }
}
