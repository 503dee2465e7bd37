/**
 * Causes first: before a check is said to be down, whatever it depends on must have been looked at
 * since its first failure, so that the cause can be named instead of its hundred victims. A cause
 * that gives no answer in its own time delays the page no longer than that.
 */
import type { Check } from '../config/config.ts';

/** Ids of all that `check` depends on, directly or not, nearest first. */
export function causesOf(check: string, checks: ReadonlyMap<string, Check>): readonly string[] {
  const causes = new Set(checks.get(check)?.dependsOn.filter((id) => checks.has(id)));
  for (const cause of causes) {
    for (const id of checks.get(cause)?.dependsOn ?? []) if (checks.has(id)) causes.add(id);
  }
  causes.delete(check);
  return [...causes];
}

const dependents = new WeakMap<ReadonlyMap<string, Check>, Map<string, string[]>>();

/** Ids of all that depend on `check`, directly or not. The map is taken to stay as it is. */
export function dependentsOf(check: string, checks: ReadonlyMap<string, Check>): readonly string[] {
  const direct = dependents.get(checks) ?? dependentsIn(checks);
  dependents.set(checks, direct);
  const found = new Set(direct.get(check));
  for (const id of found) for (const below of direct.get(id) ?? []) found.add(below);
  found.delete(check);
  return [...found];
}

function dependentsIn(checks: ReadonlyMap<string, Check>): Map<string, string[]> {
  const direct = new Map<string, string[]>();
  for (const { id, dependsOn } of checks.values()) {
    for (const cause of dependsOn) {
      const ids = direct.get(cause) ?? [];
      ids.push(id);
      direct.set(cause, ids);
    }
  }
  return direct;
}

/** Those of `causes` that no look has begun at since `firstFailedAt`. */
export function notSeenSince(
  firstFailedAt: number,
  causes: readonly string[],
  lookedAt: (check: string) => number | null,
): readonly string[] {
  return causes.filter((id) => (lookedAt(id) ?? -Infinity) < firstFailedAt);
}

/** How long the turn to down may be held for `causes` at most, epoch ms. */
export function waitUntil(
  causes: readonly string[],
  timeoutMs: (check: string) => number,
  now: number,
): number {
  return now + Math.max(0, ...causes.map(timeoutMs));
}
