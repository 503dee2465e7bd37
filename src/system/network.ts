/**
 * The Transport over real sockets: undici for HTTP, node:net and node:tls below it. Proxies named in
 * the environment are not used: a dead proxy must not take down looks and pages unless somebody
 * chose it.
 */
import { call, callAgent } from './_call.ts';
import { datagram } from './_datagram.ts';
import { dial } from './_dial.ts';
import { exchange, NO_PHASES } from './_exchange.ts';
import { failure } from './_failure.ts';
import { Limit } from './_limit.ts';
import { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { OwnResolver } from './own-resolver.ts';
import type { Resolver, ResolverChoice } from './resolver.ts';
import { systemResolver } from './system-resolver.ts';
import type { Connected, Dial, NetworkFailure, Transport } from './transport.ts';

export interface NetworkParts {
  readonly resolver: Pick<OwnResolver, 'resolve' | 'servers' | 'close'>;
  readonly clock: Clock;
  /** How many kept-alive connections calls may have to one origin at a time. */
  readonly connections?: number;
}

const CALL_CONNECTIONS = 8;

export function createTransport(parts: NetworkParts): Transport {
  const contexts = new SecureContexts();
  const system = { clock: parts.clock, resolver: systemResolver() };
  const by = (choice: ResolverChoice = 'own') => (choice === 'own' ? parts : system);
  const agent = callAgent(parts, contexts, parts.connections ?? CALL_CONNECTIONS);
  return {
    exchange: (request) => exchange(request, by(request.resolver), contexts),
    connect: (to) => connect(to, by(to.resolver)),
    datagram: (to) => datagram(to, by(to.resolver)),
    nameServers: () => parts.resolver.servers(),
    call: (request) => call(request, agent, parts.clock),
    async close() {
      parts.resolver.close();
      await agent.destroy();
    },
  };
}

async function connect(
  to: Dial,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
): Promise<Connected | NetworkFailure> {
  const limit = new Limit(parts.clock, to.timeoutMs, to.signal);
  try {
    const dialled = await dial(to, parts, limit.signal);
    if (!('failure' in dialled)) return dialled;
    return failure(dialled, {
      host: to.host,
      port: to.port,
      sent: false,
      phases: { ...NO_PHASES, resolve: dialled.resolveMs, connect: dialled.connectMs },
      ip: dialled.ip,
      tls: null,
      elapsedMs: limit.elapsedMs,
    });
  } finally {
    limit.release();
  }
}
