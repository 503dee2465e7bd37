/**
 * One look: the probe observes, within its timeout and a little, whatever it does; what it saw is
 * held against what was expected. It never rejects: a probe that fails or hangs is a fault of ours.
 */
import type { Check, Config } from './config/config.ts';
import type { AnyProbe, Finding, Observation, Sight } from './probes/probe.ts';
import type { Clock } from './system/clock.ts';
import type { RunProgram } from './system/program.ts';
import { Stop } from './system/signal.ts';
import type { Trace } from './system/trace.ts';
import type { Transport } from './system/transport.ts';

export interface SightParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  readonly inspect: Sight['inspect'];
  readonly registration: Sight['registration'];
  readonly probe: (type: string) => AnyProbe | undefined;
  readonly config: () => Config;
  readonly trouble: (what: string) => void;
}

export interface Seen {
  readonly observation: Observation;
  readonly findings: readonly Finding[];
}

/** What a probe whose signal has aborted gets to come to an end, and who waits for it gives as well. */
export const GRACE_MS = 1_000;
/** The location of a daemon that was given none. */
const HERE = 'local';

export function createSight(
  parts: SightParts,
): (check: Check, at: number, drained: AbortSignal, trace?: Trace) => Promise<Seen> {
  const { clock, trouble } = parts;
  const stopsBy = new WeakMap<AbortSignal, Set<() => void>>();

  async function see(check: Check, at: number, drained: AbortSignal, trace?: Trace): Promise<Seen> {
    const startedAt = clock.monotonic();
    const { id, generation } = check;
    const from = parts.config().location ?? HERE;
    const look = { check: id, generation, from, at };
    const took = () => ({ tookMs: clock.monotonic() - startedAt });
    const probe = parts.probe(check.type);
    try {
      if (!probe) throw new RangeError(`no probe of type ${check.type}`);
      const facts = await observe(probe, check, drained, trace);
      const observation = { ...look, ...took(), facts, fault: null };
      return { observation, findings: probe.assess(facts, check.options) };
    } catch (error) {
      const fault = error instanceof Error ? error.constructor.name : typeof error;
      if (!drained.aborted) trouble(`could not look at ${id}: ${fault}`);
      return { observation: { ...look, ...took(), facts: null, fault }, findings: [] };
    }
  }

  /** Ends at the timeout and a little, or with the drain, whatever the probe does. */
  function observe(
    probe: AnyProbe,
    check: Check,
    drained: AbortSignal,
    trace: Trace | undefined,
  ): Promise<unknown> {
    const { transport, run, inspect, registration } = parts;
    const { options, timeoutMs } = check;
    const endsAt = clock.now() + timeoutMs;
    const signal = new Stop(endsAt);
    const seen = probe.observe(options, {
      ...{ clock, transport, run, inspect, registration },
      ...{ timeoutMs, signal, trace },
    });
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        end();
        reject(new ProbeHung());
      };
      let alarm = clock.alarm(endsAt, () => {
        alarm = clock.alarm(clock.now() + GRACE_MS, giveUp);
        signal.abort();
      });
      const stop = () => {
        signal.abort();
        giveUp();
      };
      const others = stopsOf(drained).add(stop);
      const end = () => {
        alarm.cancel();
        others.delete(stop);
      };
      seen.then(end, end);
      seen.then(resolve, reject);
    });
  }

  /** One listener for all looks: Node chains them, and one that was removed keeps those after it from being collected. */
  function stopsOf(drained: AbortSignal): Set<() => void> {
    return stopsBy.getOrInsertComputed(drained, () => {
      const all = new Set<() => void>();
      drained.addEventListener('abort', () => {
        for (const stop of all) stop();
      });
      return all;
    });
  }

  return see;
}

class ProbeHung extends Error {}
