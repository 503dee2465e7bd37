/**
 * From what a probe found to what it means. An unmet `expect` outweighs any unmet `warn`, and of
 * several the first one written gives the reason: people fix what they read first.
 */
import type { Finding, Observation } from '../probes/probe.ts';
import type { Verdict } from './verdict.ts';

/** `findings` of an observation with a fault are of no account: nothing was seen. */
export function judge(observation: Observation, findings: readonly Finding[]): Verdict {
  const { check, generation, from, at, tookMs, fault } = observation;
  const look = { check, generation, from, at, tookMs };
  if (fault !== null) {
    return { ...look, status: 'down', findings: [], reason: 'internal', brief: 'could not look' };
  }
  const failure = findings.find(({ met, level }) => !met && level === 'expect');
  const worst = failure ?? findings.find(({ met }) => !met);
  if (!worst) return { ...look, status: 'up', findings, reason: null, brief: '' };
  const status = failure ? 'down' : 'degraded';
  return { ...look, status, findings, reason: worst.reason, brief: worst.brief };
}
