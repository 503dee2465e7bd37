/**
 * From what a probe found to what it means. An unmet `expect` outweighs any unmet `warn`, and of
 * several the first one written gives the reason: people fix what they read first. Where nothing has
 * failed and something could not be seen, for a reason of our own, nobody knows: it is not up.
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
  const unmet = findings.filter(({ met }) => !met);
  const failure = unmet.find(({ level, isJudged }) => level === 'expect' && isJudged !== false);
  const unseen = unmet.find(({ isJudged }) => isJudged === false);
  const worst = failure ?? unseen ?? unmet[0];
  if (!worst) return { ...look, status: 'up', findings, reason: null, brief: '' };
  const status = failure ? 'down' : unseen ? 'unknown' : 'degraded';
  return { ...look, status, findings, reason: worst.reason, brief: worst.brief };
}
