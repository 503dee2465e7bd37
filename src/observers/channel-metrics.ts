/**
 * The series of the channels: how much was sent, how much of it failed and why, how fast. Every
 * attempt counts, the failed ones too: failed over total is the share that failed.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { FailReason, NotificationKind } from '../incident/notification.ts';
import type { Clock } from '../system/clock.ts';

const KINDS: readonly NotificationKind[] = [
  'page',
  'update',
  'acknowledged',
  'resolved',
  'drill',
  'post',
];
const FAIL_REASONS: readonly FailReason[] = [
  'timeout',
  'refused',
  'rate_limited',
  'auth',
  'address',
  'server',
  'network',
];
const LATENCY_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

export interface ChannelMetrics {
  configure(config: Config): void;
  attempted(event: Extract<TocsinEvent, { type: 'attempted' }>): void;
  followed(event: Extract<TocsinEvent, { type: 'followed' }>): void;
  checkedUp(event: Extract<TocsinEvent, { type: 'checked_up' }>): void;
}

export function createChannelMetrics(
  registers: Registry[],
  outboxPending: () => ReadonlyMap<string, number>,
  clock: Clock,
): ChannelMetrics {
  const attempts = new Counter({
    name: 'tocsin_notifications_total',
    help: 'Attempts to deliver a notification.',
    labelNames: ['channel', 'kind'],
    registers,
  });
  const failures = new Counter({
    name: 'tocsin_notifications_failed_total',
    help: 'Attempts to deliver a notification that the channel did not accept, or lost after all.',
    labelNames: ['channel', 'reason'],
    registers,
  });
  const latency = new Histogram({
    name: 'tocsin_notification_latency_seconds',
    help: 'From the decision to tell somebody until the channel accepted it.',
    labelNames: ['channel'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  });
  const lastSuccess = new Gauge({
    name: 'tocsin_channel_last_success_timestamp_seconds',
    help: 'When the channel last accepted something, Unix time; 0: not since the start.',
    labelNames: ['channel'],
    registers,
  });
  const checked = new Gauge({
    name: 'tocsin_channel_check_success',
    help: 'Would the vendor of the channel take something, as it said when it was asked last? Only for channels that can be asked, with heartbeat_to.',
    labelNames: ['channel'],
    registers,
  });
  let known: ReadonlySet<string> = new Set();
  new Gauge({
    name: 'tocsin_outbox_pending',
    help: 'Notifications waiting or being sent.',
    labelNames: ['channel'],
    registers,
    collect() {
      this.reset();
      const pending = outboxPending();
      for (const channel of known) this.set({ channel }, pending.get(channel) ?? 0);
    },
  });

  function begin(channel: string): void {
    for (const kind of KINDS) attempts.inc({ channel, kind }, 0);
    for (const reason of FAIL_REASONS) failures.inc({ channel, reason }, 0);
    latency.zero({ channel });
    lastSuccess.set({ channel }, 0);
  }
  function end(channel: string): void {
    for (const kind of KINDS) attempts.remove({ channel, kind });
    for (const reason of FAIL_REASONS) failures.remove({ channel, reason });
    latency.remove({ channel });
    lastSuccess.remove({ channel });
    checked.remove({ channel });
  }

  return {
    configure(config) {
      const now = new Set(config.channels.keys());
      for (const channel of known.difference(now)) end(channel);
      for (const channel of now.difference(known)) begin(channel);
      known = now;
    },
    attempted({ notification, outcome, tookMs }) {
      const { channel, kind } = notification;
      if (!known.has(channel)) return;
      attempts.inc({ channel, kind });
      if ('reason' in outcome) {
        failures.inc({ channel, reason: outcome.reason });
      } else {
        latency.observe({ channel }, tookMs / 1000);
        lastSuccess.set({ channel }, clock.now() / 1000);
      }
    },
    checkedUp({ channel, outcome }) {
      if (known.has(channel)) checked.set({ channel }, 'reason' in outcome ? 0 : 1);
    },
    followed({ notification: { channel }, outcome }) {
      if (known.has(channel) && 'reason' in outcome)
        failures.inc({ channel, reason: outcome.reason });
    },
  };
}
