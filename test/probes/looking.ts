/** A look as the daemon makes it: options through the probe's own schema, real sockets, findings. */
import { onTestFinished } from 'vitest';
import { createInspector } from '../../src/probes/inspector.ts';
import type { AnyProbe, Finding, Sight } from '../../src/probes/probe.ts';
import { systemClock, type Clock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import { programRunner } from '../../src/system/program.ts';

export interface Looked {
  readonly facts: Record<string, unknown>;
  readonly findings: readonly Finding[];
  readonly unmet: readonly Finding[];
  /** By name, or by name and label's value. */
  readonly gauges: Readonly<Record<string, number>>;
}

export function sight(more: Partial<Sight> = {}): Sight {
  const clock = more.clock ?? systemClock();
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  const inspector = createInspector(clock);
  onTestFinished(async () => {
    await Promise.all([transport.close(), inspector.close()]);
  });
  const { signal } = new AbortController();
  const { inspect } = inspector;
  const registration = () => ({ unknown: 'not asked' });
  const usual = { clock, transport, run: programRunner(clock), inspect, registration };
  return { ...usual, timeoutMs: 5_000, signal, ...more };
}

export async function look(
  probe: AnyProbe,
  written: object,
  more: Partial<Sight> = {},
): Promise<Looked> {
  return lookBy(probe, probe.options.parse(written), more);
}

/** Looks by the same options each time, as the daemon does, over one transport. */
export function again(probe: AnyProbe, written: object, clock: Clock = systemClock()) {
  const options = probe.options.parse(written);
  const { transport } = sight({ clock });
  return { clock, transport, next: () => lookBy(probe, options, { clock, transport }) };
}

async function lookBy(
  probe: AnyProbe,
  options: Record<string, unknown>,
  more: Partial<Sight>,
): Promise<Looked> {
  const facts = (await probe.observe(options, sight(more))) as Record<string, unknown>;
  const findings = probe.assess(facts, options);
  const gauges: Record<string, number> = {};
  for (const gauge of probe.gauges) {
    const value = gauge.read(facts);
    if (typeof value === 'number') gauges[gauge.name] = value;
    else if (value !== undefined && 'words' in value) {
      gauges[[gauge.name, ...Object.values(value.words)].join(' ')] = 1;
    } else for (const [label, each] of value ?? []) gauges[`${gauge.name} ${label}`] = each;
  }
  return { facts, findings, unmet: findings.filter(({ met }) => !met), gauges };
}
