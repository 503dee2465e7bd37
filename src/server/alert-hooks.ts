/**
 * Alerts of others: /hooks/alertmanager/TOKEN takes Alertmanager's webhook (version 4) and Grafana's,
 * /hooks/alert/TOKEN a single alert of our own shape. Answered when they are stored: a sender that
 * gets no answer sends again, and what is told twice counts once.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { AlertHook, Severity } from '../config/config.ts';
import type { Emit } from '../events.ts';
import type { Alert } from '../incident/input.ts';
import { isSame } from './guard.ts';
import { parseBody, type Parsed } from './request.ts';

export interface AlertHookParts {
  readonly hooks: () => ReadonlyMap<string, AlertHook>;
  /** Resolves when all of them are stored, or the patience for that is over. */
  readonly alerts: (alerts: readonly Alert[]) => Promise<{ readonly recorded: boolean }>;
  readonly emit: Emit;
}

const BODY_MAX_BYTES = 1024 * 1024;
/** What is beyond is not taken: an incident of a thousand alerts says enough. */
const ALERTS_MAX = 1_000;
const TITLE_MAX = 200;
const TEXT_MAX = 500;
const FINGERPRINT_MAX = 128;

/** The words of `alerts/` and of most rules beside our own; any other is the hook's to say. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  major: 'major',
  warning: 'major',
  minor: 'minor',
  info: 'minor',
};

const texts = () => z.record(z.string(), z.string());
const fingerprint = () =>
  z
    .string()
    .min(1)
    .max(FINGERPRINT_MAX)
    .regex(/^\P{C}+$/u);
const status = () =>
  z.enum(['firing', 'resolved'], {
    error: ({ input }) =>
      typeof input === 'string'
        ? `${JSON.stringify(input.slice(0, 40))} is not known: expected firing or resolved`
        : 'expected firing or resolved',
  });

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
const notification = z.looseObject({
  alerts: z.array(
    z.looseObject({
      status: status(),
      labels: texts(),
      annotations: texts().nullish(),
      startsAt: z.string().optional(),
      fingerprint: fingerprint(),
    }),
  ),
  truncatedAlerts: z.number().optional(),
});

const single = z.strictObject({
  title: z.string().min(1),
  status: status(),
  fingerprint: fingerprint(),
  severity: z.enum(['critical', 'major', 'minor']).optional(),
  labels: texts().optional(),
  text: z.string().optional(),
});

type Told = Omit<Alert, 'type' | 'hook'>;

export function alertHookRoutes(app: Hono, parts: AlertHookParts): void {
  const listen = (
    type: AlertHook['type'],
    readFrom: (c: Context) => Promise<Parsed<readonly Told[]>>,
  ): void => {
    const path = `/hooks/${type}/:token`;
    app.post(path, async (c) => {
      const hook = hookOf(parts.hooks(), type, c.req.param('token') ?? '');
      if (hook === undefined) return c.notFound();
      const told = await readFrom(c);
      if ('refused' in told) return told.refused;
      const alerts = told.value.map((each): Alert => ({ type: 'alert', hook: hook.id, ...each }));
      const { recorded } = await parts.alerts(alerts);
      return recorded ? c.text('OK\n', 200) : c.text('OK, not stored yet\n', 202);
    });
    app.all(path, (c) => c.text('only POST\n', 405, { allow: 'POST' }));
  };
  listen('alert', async (c) => {
    const parsed = await parseBody(c, single, BODY_MAX_BYTES);
    return 'refused' in parsed ? parsed : { value: [ofOurs(parsed.value)] };
  });
  listen('alertmanager', async (c) => {
    const parsed = await parseBody(c, notification, BODY_MAX_BYTES);
    if ('refused' in parsed) return parsed;
    const { alerts, truncatedAlerts = 0 } = parsed.value;
    const left = Math.max(0, alerts.length - ALERTS_MAX) + truncatedAlerts;
    if (left > 0) {
      const what = `${String(left)} alerts of one notification were left out`;
      parts.emit({ type: 'trouble', where: 'hooks', what });
    }
    return { value: alerts.slice(0, ALERTS_MAX).map(ofAlertmanager) };
  });
}

/** Takes the same time whichever it is, and however much of the token is right. */
function hookOf(
  hooks: ReadonlyMap<string, AlertHook>,
  type: AlertHook['type'],
  token: string,
): AlertHook | undefined {
  let found: AlertHook | undefined;
  for (const hook of hooks.values()) {
    if (isSame(token, hook.token) && hook.type === type) found = hook;
  }
  return found;
}

function ofAlertmanager(alert: z.output<typeof notification>['alerts'][number]): Told {
  const { labels, annotations } = alert;
  const { alertname = 'alert', instance } = labels;
  const named = instance === undefined ? alertname : `${alertname} ${instance}`;
  const title = annotations?.['summary'] ?? annotations?.['title'] ?? named;
  const text = annotations?.['description'] ?? annotations?.['message'] ?? null;
  const since = Date.parse(alert.startsAt ?? '');
  return {
    fingerprint: alert.fingerprint,
    status: alert.status,
    title: legible(title, TITLE_MAX) || legible(named, TITLE_MAX) || 'alert',
    text: text === null ? null : legible(text, TEXT_MAX),
    severity: severityIn(labels),
    escalation: labels['escalation'] ?? null,
    since: Number.isNaN(since) ? null : since,
  };
}

function ofOurs(alert: z.output<typeof single>): Told {
  const { labels = {}, text } = alert;
  return {
    fingerprint: alert.fingerprint,
    status: alert.status,
    title: legible(alert.title, TITLE_MAX) || 'alert',
    text: text === undefined ? null : legible(text, TEXT_MAX),
    severity: alert.severity ?? severityIn(labels),
    escalation: labels['escalation'] ?? null,
    since: null,
  };
}

function severityIn({ severity = '' }: Readonly<Record<string, string>>): Severity | null {
  const word = severity.toLowerCase();
  return Object.hasOwn(SEVERITIES, word) ? (SEVERITIES[word] ?? null) : null;
}

/** One line, and nothing that a terminal would obey. */
function legible(text: string, max: number): string {
  return text
    .slice(0, max)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim();
}
