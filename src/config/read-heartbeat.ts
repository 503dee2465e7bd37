/**
 * heartbeat: checks, which nobody looks at: a job reports to them. The period takes the place of a
 * rhythm, so that the common keys about looking (`every`, `timeout`, `confirm` …) are unknown here.
 */
import { z } from 'zod';
import { parseCron } from '../calendar/cron.ts';
import { duration, secretText } from '../system/values.ts';
import type { Heartbeat, Rhythm } from './config.ts';
import type { Item } from './reading.ts';
import type { Complaints } from './problem.ts';
import type { ProbeKind } from './registries.ts';
import { checkKeys } from './schema.ts';
import { timezone } from './schema-values.ts';
import { valueAt } from './written.ts';

const SECOND_MS = 1_000;
/** Where no grace is written: an hour, or one period if that is shorter. */
const GRACE_MS = 3_600 * SECOND_MS;
/** Shorter ones are found by trying, by whoever can reach the public listener. */
const SAFE_TOKEN_LENGTH = 16;
const UTC = 'UTC';

const period = z
  .strictObject({
    every: duration({ min: SECOND_MS })
      .optional()
      .meta({ description: 'How often the job reports' }),
    cron: z.string().optional().meta({ description: 'A crontab line, instead of every' }),
    timezone: timezone().optional(),
    grace: duration({ min: SECOND_MS })
      .optional()
      .meta({ description: 'How late it may be, and how long it may run' }),
  })
  .superRefine((written, { issues }) => {
    const { every, cron } = written;
    const complain = (message: string, ...path: string[]): void => {
      issues.push({ code: 'custom', input: written, path, message });
    };
    if (every === undefined && cron === undefined) complain('needs "every" or "cron"');
    if (every !== undefined && cron !== undefined) complain('can have "every" or "cron", not both');
    if (every !== undefined && written.timezone !== undefined) {
      complain('only a "cron" has a time zone', 'timezone');
    }
    const parsed = cron === undefined ? null : parseCron(cron, written.timezone ?? UTC);
    if (parsed && 'why' in parsed) complain(parsed.why, 'cron');
  });

const options = z.strictObject({
  heartbeat: period,
  token: secretText().meta({ description: 'The job reports to /heartbeat/TOKEN' }),
});

export const heartbeat: ProbeKind = { type: 'heartbeat', options, target: () => 'heartbeat' };

const PACE_KEYS = {
  every: true,
  timeout: true,
  confirm: true,
  cron: true,
  timezone: true,
} as const;

/** The common keys that mean something where nobody looks. */
export const heartbeatKeys = checkKeys.omit(PACE_KEYS);

/** What is expected of the job, and the pace of such a check. `parsed`: by the schema above. */
export function readHeartbeat(parsed: unknown) {
  const { heartbeat: given, token } = parsed as z.output<typeof options>;
  const { every = Infinity, cron, timezone: zone = UTC, grace } = given;
  const expected: Heartbeat = { token, graceMs: grace ?? Math.min(every, GRACE_MS) };
  const rhythm: Rhythm =
    cron === undefined ? { everyMs: every } : { cron: cron.trim(), timezone: zone };
  const pace = {
    rhythm,
    timeoutMs: 0,
    confirm: { fail: 1, of: 1, recheckMs: 0, recover: 1 },
  };
  return { expected, pace };
}

/** A token says which job it is: two checks cannot share one. */
export function checkTokens(
  items: readonly Item[],
  { complaints, warnings }: { readonly complaints: Complaints; readonly warnings: string[] },
): void {
  const owners = new Map<string, string>();
  for (const { node, owner } of items) {
    const token = valueAt(node, ['token']);
    if (!node.entries.has(heartbeat.type) || token?.kind !== 'scalar') continue;
    const { at, value } = token;
    if (typeof value !== 'string' || value === '') continue;
    const other = owners.get(value);
    if (other !== undefined) complaints.add(at, `token of ${owner.name}: ${other} has the same`);
    owners.set(value, owner.name);
    if (value.length >= SAFE_TOKEN_LENGTH) continue;
    const least = `fewer than ${SAFE_TOKEN_LENGTH} characters`;
    warnings.push(`${owner.name}: its token has ${least} and may be guessed`);
  }
}
