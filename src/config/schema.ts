/**
 * The shape of checks.yml, key by key, without the probes' and the channels' own keys: those come
 * with the registries. Defaults that depend on other keys are filled in where the sections are read;
 * what is optional here may be left out.
 */
import { z } from 'zod';
import { duration, e164, hostPort, httpUrl, isLegible, secretText } from '../system/values.ts';
import { fateNames } from './fate.ts';
import {
  day,
  durationOrNever,
  hours,
  id,
  severity,
  text,
  timezone,
  wallTime,
} from './schema-values.ts';

const SECOND_MS = 1_000;
/** Oftener is a load and not a look. */
const EVERY_MIN_MS = 100;
/** Faster, and a confirmation would be over before a target has had time to be well again. */
const RECHECK_MIN_MS = 100;
/** How many looks a rule may count: they are kept in memory for every check. */
const WINDOW_MAX = 100;

export const ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** What every channel may have beside the keys of its type. */
export const channelKeys = z.strictObject({ fate: fateNames().optional() });

/** `3` or `3 of 5`, as { fail, of }. */
const failRule = () =>
  z
    .union([z.number(), z.string()], { error: () => FAIL_RULE })
    .meta({
      description: '3 (in a row), or 3 of 5',
      examples: [3, '3 of 5'],
      ...{ minimum: 1, pattern: '^\\s*[1-9][0-9]*(\\s+of\\s+[1-9][0-9]*)?\\s*$|\\$\\{' },
    })
    .transform((written, { issues }) => {
      const parts = /^(\d{1,6})(?:\s+of\s+(\d{1,6}))?$/.exec(String(written).trim());
      const fail = Number(parts?.[1]);
      const of = Number(parts?.[2] ?? fail);
      let why: string | null = null;
      if (parts === null) why = FAIL_RULE;
      else if (fail < 1) why = 'must be at least 1';
      else if (fail > of) why = `${fail} of ${of} can never happen: did you mean ${of} of ${fail}?`;
      else if (of > WINDOW_MAX) why = `must be at most ${WINDOW_MAX} looks`;
      if (why === null) return { fail, of };
      issues.push({ code: 'custom', input: written, message: why });
      return z.NEVER;
    });
const FAIL_RULE = 'expected a number of looks such as 3, or 3 of 5';

const confirm = z.strictObject({
  fail: failRule().optional(),
  recheck: duration({ min: RECHECK_MIN_MS })
    .optional()
    .meta({ description: 'Time between looks while confirming; never slower than every' }),
  recover: z.int().min(1).max(WINDOW_MAX).optional(),
});

/** What `defaults:` may say, and every check. */
const rhythm = {
  fate: fateNames().optional(),
  every: duration({ min: EVERY_MIN_MS }).optional().meta({ description: 'How often to look' }),
  timeout: duration({ min: 1 }).optional().meta({ description: 'At most `every`' }),
  confirm: confirm.optional().meta({ description: 'When a failure counts, and a recovery' }),
  severity: severity().optional(),
  page: id().optional().meta({ description: 'An escalation, or none' }),
};

export const defaults = z.strictObject(rhythm);

export const checkKeys = z.strictObject({
  name: text().optional().meta({ description: 'What people read in a page' }),
  says: text().optional().meta({ description: 'What customers call it' }),
  ...rhythm,
  cron: z.string().optional().meta({ description: 'A crontab line, instead of every' }),
  timezone: timezone().optional(),
  depends_on: z.array(id()).optional().meta({ description: 'Checks that are looked at first' }),
  tags: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'a tag may have letters, digits, "_" and "-"'),
      z.union([z.string(), z.number(), z.boolean()]).transform(String),
    )
    .optional()
    .meta({ description: 'Labels on tocsin_check_info' }),
  runbook: httpUrl().optional(),
});

export const responder = z.strictObject({
  name: text().optional(),
  sms: e164().optional().meta({ description: 'Phone number, E.164, in quotes' }),
  email: z.email().optional(),
  pushover: text()
    .refine(
      (key) => /^[A-Za-z0-9]{30}$/.test(key),
      'expected the user key that Pushover shows: 30 letters and digits',
    )
    .optional()
    .meta({ description: 'User key of Pushover' }),
  telegram: z
    .string({ error: () => 'expected a user id of Telegram in quotes, such as "123456789"' })
    .refine(
      (id) => /^[1-9]\d{0,19}$/.test(id),
      'expected a user id of Telegram: digits, not the @name',
    )
    .optional()
    .meta({ description: 'User id of Telegram, in quotes' }),
  timezone: timezone().optional(),
});

export const escalation = z.strictObject({
  post: z.array(id()).optional().meta({ description: 'Channels told of every turn, out of band' }),
  steps: z
    .array(
      z.strictObject({
        after: duration().optional().meta({ description: 'Counted from the previous step' }),
        page: z.array(id()).min(1).meta({ description: 'Responders' }),
        by: z.array(id()).min(1).meta({ description: 'Channels, all at once' }),
      }),
    )
    .min(1),
  repeat: z
    .strictObject({
      every: duration({ min: SECOND_MS }).optional(),
      times: z.int().min(0).max(1_000).optional(),
    })
    .optional()
    .meta({ description: 'After the last step; times omitted: until somebody acknowledges' }),
  failover: duration().optional(),
  ack_expires: durationOrNever().optional(),
  group: duration().optional().meta({ description: '0s = off' }),
  reopen: duration().optional().meta({ description: '0s = off' }),
  hours: hours().optional().meta({ description: 'When the severities of wait may page' }),
  wait: z.array(severity()).optional(),
});

export const layer = z.strictObject({
  members: z.array(id()).min(1).meta({ description: 'Responders, in the order of their turns' }),
  start: day().meta({ description: 'The first member begins at the first hand-over from then on' }),
  handoff: z.string().meta({ description: 'A crontab line', examples: ['0 9 * * 1'] }),
  timezone: timezone().optional(),
  hours: hours().omit({ timezone: true }).optional().meta({ description: 'Left out: always' }),
});

/** One layer, or several in `layers`. */
export const rotation = layer.partial().extend({
  layers: z
    .array(z.looseObject({}), { error: () => 'expected a list of layers' })
    .min(1)
    .optional()
    .meta({ description: 'The last that is on at a time has it' }),
});

/** Where others report alerts. */
export const hook = z.strictObject({
  type: z.enum(['alertmanager', 'alert']).meta({ description: 'Whose alerts: the path is of it' }),
  token: secretText().meta({ description: 'They report to /hooks/TYPE/TOKEN' }),
  escalation: id().optional().meta({ description: 'Unless a label of the alert says otherwise' }),
  severity: severity().optional(),
});

export const maintenance = z
  .strictObject({
    checks: z.array(id()).min(1).meta({ description: 'Ids of checks, tag=value, or "*": all' }),
    cron: z.string().optional().meta({ description: 'A crontab line: when it begins' }),
    at: wallTime().optional().meta({ description: 'When it begins, once' }),
    for: duration({ min: SECOND_MS }).optional().meta({ description: 'How long; elapsed time' }),
    from: wallTime().optional().meta({ description: 'When it begins, once' }),
    to: wallTime().optional().meta({ description: 'When it ends, once' }),
    timezone: timezone().optional(),
    below: z.boolean().optional().meta({ description: 'Also what hangs below these checks' }),
    why: text().optional().meta({ description: 'Told with the window' }),
  })
  .refine(isTimed, {
    error: 'needs "cron" and "for", or "at" and "for", or "from" and "to"',
    when: isLegible,
  });

/** Shorter, and nobody has the time to find their phone; longer, and it is no page any more. */
const WITHIN = { min: 60_000, max: 24 * 3_600_000 };
export const DRILL_WITHIN_MS = 15 * 60_000;

export const drill = z.strictObject({
  escalation: id().meta({ description: 'Whose people are asked' }),
  cron: z.string().meta({ description: 'A crontab line', examples: ['0 10 1 * *'] }),
  timezone: timezone().optional(),
  within: duration(WITHIN).optional().meta({ description: 'How long people have to answer' }),
});

function isTimed(window: Readonly<Record<string, unknown>>): boolean {
  const isWritten = (key: string): boolean => window[key] !== undefined;
  if (isWritten('from') || isWritten('to')) {
    return isWritten('from') && isWritten('to') && !['cron', 'at', 'for'].some(isWritten);
  }
  return isWritten('cron') !== isWritten('at') && isWritten('for');
}

export const self = z.strictObject({
  witnesses: z
    .array(z.looseObject({}), { error: () => 'expected a list, such as [{ tcp: 1.1.1.1:443 }]' })
    .optional()
    .meta({ description: 'What is up unless Tocsin itself is cut off' }),
  page: id().optional(),
  severity: severity().optional(),
  rdap: httpUrl()
    .optional()
    .meta({ description: 'Where the list of RDAP servers is, for warn: { domain }' }),
});

/** Oftener than what services of this kind allow for. */
const PULSE_MIN_MS = 15_000;
const pulseUrl = () => httpUrl().meta({ secret: true });

const heartbeatTo = z
  .union([
    pulseUrl().transform((url) => ({ url })),
    z.strictObject({ url: pulseUrl(), every: duration({ min: PULSE_MIN_MS }).optional() }),
  ])
  .meta({ description: 'A dead-man switch outside: asked to be quiet while all is well here' });

/** The keys of the file itself that hold values; the others hold sections by id. */
export const rootKeys = z.strictObject({
  listen: z
    .strictObject({
      operator: hostPort({ anyPort: true }).optional().meta({ description: 'Keep it private' }),
      public: hostPort({ anyPort: true }).optional().meta({ description: 'May face the internet' }),
      hosts: z.array(text()).optional().meta({ description: 'Host names that are answered to' }),
    })
    .optional(),
  api: z
    .strictObject({ tokens: z.array(secretText()).optional() })
    .optional()
    .meta({ description: 'Tokens guard /api/ and every POST' }),
  data: text().optional().meta({ description: 'Directory of the databases' }),
  public_url: httpUrl().optional(),
  heartbeat_to: heartbeatTo.optional(),
  templates: text().optional().meta({ description: 'Folder of templates for messages' }),
  location: text().max(64).optional().meta({ description: 'A label on every series' }),
  fate: fateNames().optional(),
});
