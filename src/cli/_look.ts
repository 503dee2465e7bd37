/** One look, now, from here, as the daemon would look. */
import type { Check, Config } from '../config/config.ts';
import { judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import { probes } from '../probes/index.ts';
import { createInspector } from '../probes/inspector.ts';
import { createLookup } from '../registration/lookup.ts';
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { programRunner } from '../system/program.ts';

export async function lookOnce(
  { id, type, generation, options, timeoutMs }: Check,
  { location, self }: Config,
): Promise<Verdict> {
  const clock = systemClock();
  const transport = createTransport({ resolver: new OwnResolver({ clock }), clock });
  const inspector = createInspector(clock);
  const probe = probes.get(type);
  if (!probe) throw new RangeError(`no probe of type ${type}`);
  const name = probe.registered?.(options) ?? null;
  const lookup = createLookup({ clock, transport, bootstrap: () => self.rdap });
  const found = name === null ? null : await lookup.find(name, new AbortController().signal);
  const registration = () => found?.registration ?? { unknown: 'not asked' };
  const at = clock.now();
  const began = clock.monotonic();
  const signal = AbortSignal.timeout(timeoutMs);
  const { inspect } = inspector;
  const run = programRunner(clock);
  const sight = { clock, transport, run, inspect, registration, timeoutMs, signal };
  try {
    const facts: unknown = await probe.observe(options, sight);
    const tookMs = clock.monotonic() - began;
    const from = location ?? 'local';
    const observation = { check: id, generation, from, at, tookMs, facts, fault: null };
    return judge(observation, probe.assess(facts, options));
  } finally {
    await Promise.all([transport.close(), inspector.close()]);
  }
}
