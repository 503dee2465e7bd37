/**
 * PagerDuty, Events API v2: for those who page by it and look by Tocsin. The deduplication key is
 * our incident, so that a repeat, an escalation or a reopening is the same alert there, and the
 * end resolves it. An acknowledgement there does not come back: it needs a public webhook.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
import { z } from 'zod';
import type { Notification, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { httpUrl, secretText } from '../system/values.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { postJson } from './_post.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({
  routing_key: secretText(),
  /** `https://events.eu.pagerduty.com` for the EU. */
  base_url: httpUrl().default('https://events.pagerduty.com'),
});
type Options = z.infer<typeof options>;

interface Event {
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key: string;
  readonly client?: 'Tocsin';
  readonly payload?: {
    readonly summary: string;
    /** What is in trouble: a check's id. */
    readonly source: string;
    readonly severity: 'critical' | 'error' | 'warning' | 'info';
    readonly timestamp: string;
    readonly custom_details: { readonly details: readonly string[] };
  };
  readonly links?: readonly { readonly href: string; readonly text: string }[];
}

const SEVERITIES = { critical: 'critical', major: 'error', minor: 'warning' } as const;
const ACTIONS: Readonly<Record<string, Event['event_action']>> = {
  acknowledged: 'acknowledge',
  resolved: 'resolve',
  drill_over: 'resolve',
};
const SUMMARY_MAX = 1_024;

export const pagerduty: Channel<Options, Event> = {
  type: 'pagerduty',
  options,
  address: null,
  forMachines: true,
  reaches: ({ base_url }) => [base_url, 'https://events.pagerduty.com'],
  render({ notification, reader, incident }: Letter): Event {
    const { facts, kind, about, key, at } = notification;
    const event_action = ACTIONS[facts.event] ?? 'trigger';
    const dedup_key = about[0] ?? key;
    if (event_action !== 'trigger') return { event_action, dedup_key };
    const { title, lines } = chat(facts, kind, { ...reader, canAnswer: false });
    return {
      event_action,
      dedup_key,
      client: 'Tocsin',
      payload: {
        summary: title.slice(0, SUMMARY_MAX),
        source: incident?.checks[0]?.id ?? 'tocsin',
        severity: severityOf(notification),
        timestamp: new Date('since' in facts ? facts.since : at).toISOString(),
        custom_details: { details: lines },
      },
      ...(reader.link === null ? {} : { links: [{ href: reader.link, text: 'Open' }] }),
    };
  },
  async send(event, { routing_key, base_url }, line: Line): Promise<Outcome> {
    const url = `${base_url.replace(/\/+$/, '')}/v2/enqueue`;
    const answer = await postJson(url, { routing_key, ...event }, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = jsonObject(answer.body);
    if (answer.status === 202 && said?.['status'] === 'success') {
      return { outcome: 'accepted', reference: event.dedup_key };
    }
    if (answer.status === 400 && isAboutKey(said?.['errors'])) {
      return { outcome: 'refused', reason: 'auth', detail: 'HTTP 400 (routing_key)' };
    }
    return outcomeOfStatus(answer, line.clock.now());
  },
};

function severityOf({ facts }: Notification) {
  return 'severity' in facts ? SEVERITIES[facts.severity] : 'info';
}

function isAboutKey(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => /routing.?key/i.test(String(error)));
}
