/**
 * How often a check is looked at, how long a look may take and when a failure counts: what the check
 * says, else the defaults, else what is built in. A limit that is not written gives way to `every`;
 * one that is written and longer is a mistake.
 */
import type { z } from 'zod';
import { printDuration } from '../system/values.ts';
import type { ConfirmRule, Rhythm } from './config.ts';
import type { Item, Reading } from './reading.ts';
import type { checkKeys, defaults } from './schema.ts';
import { valueAt } from './written.ts';

const BUILT_IN = {
  everyMs: 30_000,
  timeoutMs: 5_000,
  confirm: { fail: 3, of: 3, recheckMs: 10_000, recover: 2 },
} as const;

export interface Pace {
  readonly rhythm: Rhythm;
  readonly timeoutMs: number;
  readonly confirm: ConfirmRule;
}

export function paceOf(
  common: z.output<typeof checkKeys>,
  fallback: z.output<typeof defaults>,
  item: Item,
  reading: Reading,
): Pace | null {
  const { node, owner } = item;
  const { complaints, warnings } = reading;
  const at = (key: string) => valueAt(node, [key])?.at ?? owner.at;
  const timeout = common.timeout ?? fallback.timeout ?? BUILT_IN.timeoutMs;
  const rule = { ...fallback.confirm, ...common.confirm };
  const recheck = rule.recheck ?? BUILT_IN.confirm.recheckMs;
  const count = rule.fail ?? BUILT_IN.confirm;
  const confirm = {
    fail: count.fail,
    of: count.of,
    recover: rule.recover ?? BUILT_IN.confirm.recover,
  };
  if (common.cron !== undefined) {
    const rhythm = { cron: common.cron.trim(), timezone: common.timezone ?? 'UTC' };
    return { rhythm, timeoutMs: timeout, confirm: { ...confirm, recheckMs: recheck } };
  }
  const every = common.every ?? fallback.every ?? BUILT_IN.everyMs;
  // What only the defaults are to blame for is told there.
  const isOwn = common.timeout !== undefined || common.every !== undefined;
  const isTold = !isOwn && fallback.every !== undefined;
  if (timeout > every && !isTold && (common.timeout ?? fallback.timeout) !== undefined) {
    complaints.add(
      at(common.timeout === undefined ? 'every' : 'timeout'),
      tooSlow(owner.name, timeout, every),
    );
    return null;
  }
  if (recheck > every && common.confirm?.recheck !== undefined) {
    const text = `recheck ${printDuration(recheck)} is slower than every ${printDuration(every)}`;
    warnings.push(`${owner.name}: ${text}, which is used instead`);
  }
  return {
    rhythm: { everyMs: every },
    timeoutMs: Math.min(timeout, every),
    confirm: { ...confirm, recheckMs: Math.min(recheck, every) },
  };
}

/** A limit that no look lives to see. */
export function warnOfTime(
  options: Readonly<Record<string, unknown>>,
  { timeoutMs }: Pace,
  { owner }: Item,
  { warnings }: Reading,
): void {
  for (const level of ['expect', 'warn']) {
    const limits = options[level];
    if (typeof limits !== 'object' || limits === null || !('time' in limits)) continue;
    const { time } = limits;
    if (typeof time !== 'number' || time <= timeoutMs) continue;
    const ends = `a look ends at its timeout (${printDuration(timeoutMs)})`;
    warnings.push(
      `${level}.time of ${owner.name}: ${printDuration(time)} is never reached: ${ends}`,
    );
  }
}

export function tooSlow(name: string, timeout: number, every: number): string {
  const than = `is longer than every (${printDuration(every)})`;
  return `timeout of ${name}: ${printDuration(timeout)} ${than}`;
}
