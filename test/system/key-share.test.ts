import { createServer } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { KeyShare } from '../../src/system/transport.ts';
import { pem, serve } from '../loopback.ts';

/** The status, or the word for why there was none. */
async function ask(port: number, keyShare?: KeyShare): Promise<number | string> {
  const clock = systemClock();
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  onTestFinished(() => transport.close());
  const outcome = await transport.exchange({
    url: new URL(`https://localhost:${port}/`),
    method: 'GET',
    headers: {},
    body: null,
    maxBodyBytes: 1_024,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    tls: { verify: false, ca: null, serverName: null, ...(keyShare && { keyShare }) },
  });
  return 'failure' in outcome ? outcome.failure : outcome.status;
}

/** Takes handshakes of these groups only. */
function server(groups: string): Promise<number> {
  const identity = { key: pem('leaf.key'), cert: pem('good.pem') };
  return serve(
    createServer({ ...identity, ecdhCurve: groups }, (_request, response) => {
      response.end();
    }),
  );
}

describe('a handshake', () => {
  test.each([
    ['X25519', undefined, 200],
    ['X25519', 'ml-kem', 200],
    ['P-256', undefined, 200],
    ['P-384', undefined, 200],
    ['X25519MLKEM768', 'ml-kem', 200],
    ['X25519MLKEM768', undefined, 'tls'],
  ] as const)('of a server that takes %s, with key_share %s: %s', async (groups, share, seen) => {
    expect(await ask(await server(groups), share)).toBe(seen);
  });
});
