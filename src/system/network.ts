/**
 * The Transport over real sockets: undici for HTTP, node:net and node:tls below it. Proxies named in
 * the environment are not used: a dead proxy must not take down looks and pages unless somebody
 * chose it.
 */
import { call, callAgent } from './_call.ts';
import { connect, resolve } from './_connect.ts';
import { datagram } from './_datagram.ts';
import { Engines } from './_engine.ts';
import { exchange } from './_exchange.ts';
import { KeptLines } from './_kept.ts';
import { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { OwnResolver } from './own-resolver.ts';
import type { ResolverChoice } from './resolver.ts';
import { systemResolver } from './system-resolver.ts';
import type { Transport } from './transport.ts';

export interface NetworkParts {
  readonly resolver: Pick<OwnResolver, 'resolve' | 'servers' | 'close'>;
  readonly clock: Clock;
  /** How many kept-alive connections calls may have to one origin at a time. */
  readonly connections?: number;
}

const CALL_CONNECTIONS = 8;

export function createTransport(parts: NetworkParts): Transport {
  const contexts = new SecureContexts();
  const engines = new Engines();
  const system = { clock: parts.clock, resolver: systemResolver() };
  const kept = new KeptLines(parts.clock);
  const by = (choice: ResolverChoice = 'own') => (choice === 'own' ? parts : system);
  const agent = callAgent(parts, contexts, parts.connections ?? CALL_CONNECTIONS);
  return {
    exchange(request) {
      const using = { ...by(request.resolver), contexts };
      return request.keep === undefined && request.http2 !== true
        ? exchange(request, using, engines)
        : kept.exchange(request, using);
    },
    connect: (to) => connect(to, by(to.resolver), contexts),
    resolve: (name) => resolve(name, by(name.resolver)),
    datagram: (to) => datagram(to, by(to.resolver)),
    nameServers: () => parts.resolver.servers(),
    call: (request) => call(request, agent, parts.clock),
    letGo() {
      kept.letGo();
    },
    async close() {
      kept.letGo();
      parts.resolver.close();
      await agent.destroy();
    },
  };
}
