/**
 * The Transport over real sockets: undici for HTTP, node:net and node:tls below it. Proxies named in
 * the environment are not used: a dead proxy must not take down looks and pages unless somebody
 * chose it.
 */
import { call, callAgent } from './_call.ts';
import { connect, resolve } from './_connect.ts';
import { Engines } from './_engine.ts';
import { exchange } from './_exchange.ts';
import { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Transport } from './transport.ts';

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
    connect: (to) => connect(to, parts, contexts),
    resolve: (name) => resolve(name, parts),
    call: (request) => call(request, agent, parts.clock),
    close: () => agent.destroy(),
  };
}
