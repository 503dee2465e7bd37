/**
 * The Transport over real sockets: undici for HTTP, node:net and node:tls below it. Proxies named in
 * the environment are not used: a dead proxy must not take down looks and pages unless somebody
 * chose it.
 */
import { call, callAgent } from './_call.ts';
import { dial } from './_dial.ts';
import { Engines } from './_engine.ts';
import { exchange, NO_PHASES } from './_exchange.ts';
import { failure } from './_failure.ts';
import { Limit } from './_limit.ts';
import { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Connected, Dial, NetworkFailure, Transport } from './transport.ts';

export interface NetworkParts {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /** How many kept-alive connections calls may have to one origin at a time. */
  readonly connections?: number;
}

const CALL_CONNECTIONS = 8;

export function createTransport(parts: NetworkParts): Transport {
  const contexts = new SecureContexts();
  const engines = new Engines();
  const agent = callAgent(parts, contexts, parts.connections ?? CALL_CONNECTIONS);
  return {
    exchange: (request) => exchange(request, parts, contexts, engines),
    connect: (to) => connect(to, parts),
    call: (request) => call(request, agent, parts.clock),
    close: () => agent.destroy(),
  };
}

async function connect(to: Dial, parts: NetworkParts): Promise<Connected | NetworkFailure> {
  const limit = new Limit(parts.clock, to.timeoutMs, to.signal);
  try {
    const dialled = await dial(to, parts, limit);
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
