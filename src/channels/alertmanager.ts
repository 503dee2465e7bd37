/**
 * Alerts into a Prometheus Alertmanager, whose routes and silences then apply. An alert is its
 * labels: those of an incident stay the same to its end, except for the severity, so each message
 * also ends the alerts of the other severities. Alertmanager forgets what is not repeated: an
 * incident about which nothing is said for `expires` ends there.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import { z } from 'zod';
import type { Severity } from '../config/config.ts';
import type { Notification, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { duration, httpUrl, isLegible, secretText } from '../system/values.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { postJson } from './_post.ts';
import type { Channel, Letter, Line } from './channel.ts';

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const OURS = ['alertname', 'incident', 'code', 'severity'];

const options = z
  .strictObject({
    url: httpUrl(),
    user: z.string().min(1).optional(),
    password: secretText().optional(),
    labels: z
      .record(
        z
          .string()
          .refine((name) => LABEL.test(name) && !OURS.includes(name), 'is not a label of yours'),
        z.string().min(1),
      )
      .default({})
      .describe('For the routes: on every alert'),
    expires: duration({ min: 60_000 }).prefault('24h'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'needs "user" and "password" together',
    when: isLegible,
  });
type Options = z.infer<typeof options>;

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** As in the rules that ship with Tocsin. */
const SEVERITIES = { critical: 'critical', major: 'warning', minor: 'info' } as const;
const NOTICE_FOR_MS = 300_000;

export const alertmanager: Channel<Options, readonly Alert[]> = {
  type: 'alertmanager',
  options,
  address: null,
  forMachines: true,
  reaches: ({ url }) => [url],
  render({ notification, reader }: Letter, given): readonly Alert[] {
    const { facts, kind, at } = notification;
    const { title, lines } = chat(facts, kind, { ...reader, canAnswer: false });
    const more = {
      annotations: { summary: title, description: lines.join('\n') },
      ...(reader.link === null ? {} : { generatorURL: reader.link }),
    };
    if (!('since' in facts)) {
      const alertname = kind === 'drill' ? 'TocsinDrill' : 'TocsinNotice';
      const labels = { ...given.labels, alertname, severity: 'info' };
      return [{ labels, ...more, startsAt: iso(at), endsAt: iso(at + NOTICE_FOR_MS) }];
    }
    const startsAt = iso(Math.min(facts.since, at));
    return Object.entries(SEVERITIES).map(([severity, label]) => ({
      labels: { ...given.labels, ...labelsOf(notification, facts.code), severity: label },
      ...more,
      startsAt,
      endsAt: iso(isFiring(facts, severity as Severity) ? at + given.expires : at),
    }));
  },
  async send(alerts, given, line: Line): Promise<Outcome> {
    const answer = await postJson(at(given, 'alerts'), alerts, line, authorization(given));
    if ('failure' in answer) return outcomeOfFailure(answer);
    const isWell = answer.status === 200 && answer.body.trim() === '';
    if (isWell) return { outcome: 'accepted', reference: null };
    return outcomeOfStatus(answer, line.clock.now());
  },
  async check(given, line): Promise<Outcome> {
    const answer = await get(at(given, 'status'), line, authorization(given));
    return outcomeOfCheck(answer, line, ({ uptime }) => typeof uptime === 'string');
  },
};

function at({ url }: Options, path: string): string {
  return `${url.replace(/\/+$/, '')}/api/v2/${path}`;
}

function authorization({ user, password }: Options): Readonly<Record<string, string>> {
  const login = Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64');
  return user === undefined ? {} : { authorization: `Basic ${login}` };
}

function labelsOf({ about, key }: Notification, code: string) {
  return { alertname: 'TocsinIncident', incident: about[0] ?? key, code };
}

function isFiring(facts: Notification['facts'], severity: Severity): boolean {
  return facts.event !== 'resolved' && 'severity' in facts && facts.severity === severity;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
