/**
 * Values that several sections of checks.yml have: names, ids, zones, days and times of day. Each
 * says what it expected in words for whoever wrote another.
 */
import { z } from 'zod';
import { isTimezone, timezones } from '../calendar/zone.ts';
import { duration, parseDuration } from '../system/values.ts';
import { nearest } from './suggest.ts';

const SECOND_MS = 1_000;

export const SEVERITIES = ['critical', 'major', 'minor'] as const;
export const text = () => z.string().min(1).max(500);

/** Ids may look like numbers: `depends_on: [404]`. */
export const id = () =>
  z
    .union([z.string(), z.number()], { error: () => 'expected an id' })
    .transform(String)
    .meta({ description: 'An id from this configuration' });

export const timezone = () =>
  z
    .string()
    .superRefine((name, { issues }) => {
      if (isTimezone(name)) return;
      const zones = timezones();
      const near = zones.find((zone) => zone.endsWith(`/${name}`)) ?? nearest(name, zones);
      const hint =
        near === null ? ', expected one such as Europe/Lisbon' : `: did you mean "${near}"?`;
      const message = `unknown time zone ${JSON.stringify(name)}${hint}`;
      issues.push({ code: 'custom', input: name, message });
    })
    .meta({ description: 'IANA time zone', examples: ['Europe/Lisbon'] });

export const severity = () => z.enum(SEVERITIES);

const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const CLOCK_TIME_OR_MIDNIGHT = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const NOT_A_TIME = 'expected a time such as "09:00"';
export function durationOrNever() {
  return z.union([z.literal('never'), duration({ min: SECOND_MS })], {
    error: ({ input }) => {
      const parsed = parseDuration(String(input));
      if ('ms' in parsed) return undefined;
      return typeof input === 'number' ? parsed.why : 'expected a duration such as 2h, or never';
    },
  });
}

export function hours() {
  return z.strictObject({
    days: z.string().regex(/^(mon|tue|wed|thu|fri|sat|sun)([-,](mon|tue|wed|thu|fri|sat|sun))*$/i, {
      error: () => 'expected days such as mon-fri',
    }),
    from: z.string().regex(CLOCK_TIME, { error: () => NOT_A_TIME }),
    to: z.string().regex(CLOCK_TIME_OR_MIDNIGHT, { error: () => NOT_A_TIME }),
    timezone: timezone().optional(),
  });
}
export const day = () =>
  z.string().superRefine((written, { issues }) => {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(written) && written === dayOf(Date.parse(written));
    if (isDay) return;
    const message = 'expected a date such as 2026-01-05';
    issues.push({ code: 'custom', input: written, message });
  });

function dayOf(instant: number): string {
  return Number.isNaN(instant) ? '' : new Date(instant).toISOString().slice(0, 10);
}

export const wallTime = () =>
  z
    .string({ error: () => 'expected a time such as 2026-10-25T01:30' })
    .meta({ examples: ['2026-10-25T01:30', '2026-10-25T01:30+01:00'] });
