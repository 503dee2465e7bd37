/**
 * A stand-in of PagerDuty's Events API v2. It refuses keys that it does not know, where the vendor
 * ignores them. https://developer.pagerduty.com/docs/send-alert-event
 */
import { isType, JSON_TYPE, parseObject, startStandin } from './_standin.ts';
import type { Reply, Standin } from './_standin.ts';

export interface PagerdutyRecord {
  readonly action: string;
  readonly dedupKey: string;
  readonly summary: string | null;
}

const KEYS = ['routing_key', 'event_action', 'dedup_key', 'payload', 'links', 'images', 'client'];
const PAYLOAD = ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class'];
const ACTIONS = ['trigger', 'acknowledge', 'resolve'];
const SEVERITIES = ['critical', 'error', 'warning', 'info'];

export function startPagerduty(routingKey: string): Promise<Standin<PagerdutyRecord>> {
  return startStandin<PagerdutyRecord>(0, {
    tooMany: () => ({ status: 429, body: '', headers: {} }),
    answer({ method, path, headers, body }) {
      if (path !== '/v2/enqueue') return { status: 404, body: 'Not Found' };
      if (method !== 'POST') return { status: 405, body: 'Method Not Allowed' };
      const event = isType(headers, 'application/json') ? parseObject(body) : null;
      const errors = event === null ? ['not JSON'] : faultsOf(event, routingKey);
      if (event === null || errors.length > 0) {
        return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
      }
      const { event_action: action, dedup_key: dedupKey } = event as Record<string, string>;
      const payload = event['payload'] as { summary: string } | undefined;
      const taken = { action: action!, dedupKey: dedupKey!, summary: payload?.summary ?? null };
      const said = { status: 'success', message: 'Event processed', dedup_key: dedupKey };
      return { ...json(202, said), taken };
    },
  });
}

function faultsOf(event: Record<string, unknown>, routingKey: string): string[] {
  const faults: string[] = [];
  const must = (isSo: boolean, fault: string) => {
    if (!isSo) faults.push(fault);
  };
  must(
    Object.keys(event).every((key) => KEYS.includes(key)),
    'unknown key',
  );
  must(event['routing_key'] === routingKey, "'routing_key' is invalid");
  must(ACTIONS.includes(String(event['event_action'])), "'event_action' is invalid");
  const key = event['dedup_key'];
  must(typeof key === 'string' && key.length <= 255, "'dedup_key' is invalid");
  if (event['event_action'] !== 'trigger') return faults;
  const payload = (event['payload'] ?? {}) as Record<string, unknown>;
  const { summary, source, severity, timestamp } = payload;
  must(
    Object.keys(payload).every((name) => [...PAYLOAD, 'custom_details'].includes(name)),
    'unknown key in payload',
  );
  must(isText(summary) && summary.length <= 1_024, "'payload.summary' is missing or too long");
  must(isText(source), "'payload.source' is missing or blank");
  must(SEVERITIES.includes(String(severity)), "'payload.severity' is invalid");
  must(typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp)), "'timestamp'");
  for (const link of (event['links'] ?? []) as { href?: unknown }[]) {
    must(typeof link.href === 'string' && URL.canParse(link.href), "'links' is invalid");
  }
  return faults;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function json(status: number, body: object): Reply<PagerdutyRecord> {
  return { status, body: JSON.stringify(body), headers: JSON_TYPE };
}
