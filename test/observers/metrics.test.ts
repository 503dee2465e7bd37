import { describe, expect, it } from 'vitest';
import type { Notification, Outcome } from '../../src/incident/notification.ts';
import {
  boardOf,
  checkOf,
  configOf,
  incidentOf,
  MORNING,
  notificationOf,
} from '../server/house.ts';
import { Watched } from './watched.ts';

const REASONS = ['timeout', 'refused', 'rate_limited', 'auth', 'address', 'server', 'network'];
const KINDS = ['page', 'update', 'acknowledged', 'resolved', 'drill', 'post'];

function attempt(watched: Watched, outcome: Outcome, fields: Partial<Notification> = {}): void {
  const notification = notificationOf('k1', fields);
  watched.metrics.observe({ type: 'attempted', notification, outcome, tookMs: 300 });
}

describe('what is known starts at zero', () => {
  it('for every channel, kind, reason, state and severity', async () => {
    const seen = await new Watched().read();
    for (const channel of ['sms', 'lifeline']) {
      for (const kind of KINDS) {
        expect(seen.value('tocsin_notifications_total', { channel, kind })).toBe(0);
      }
      for (const reason of REASONS) {
        expect(seen.value('tocsin_notifications_failed_total', { channel, reason })).toBe(0);
      }
      expect(seen.value('tocsin_outbox_pending', { channel })).toBe(0);
      expect(seen.value('tocsin_channel_last_success_timestamp_seconds', { channel })).toBe(0);
      expect(seen.value('tocsin_notification_latency_seconds_count', { channel })).toBe(0);
    }
    for (const severity of ['critical', 'major', 'minor']) {
      expect(seen.value('tocsin_incidents', { state: 'open', severity })).toBe(0);
      expect(seen.value('tocsin_incidents', { state: 'acknowledged', severity })).toBe(0);
      expect(seen.value('tocsin_incidents_total', { severity })).toBe(0);
    }
    for (const name of [
      'tocsin_scheduler_lag_seconds_count',
      'tocsin_probe_seconds_count',
      'tocsin_event_loop_block_seconds_count',
      'tocsin_config_last_reload_successful',
      'tocsin_config_last_reload_success_timestamp_seconds',
    ]) {
      expect(seen.value(name)).toBe(0);
    }
    expect(seen.value('tocsin_build_info', { version: '0.1.0' })).toBe(1);
  });

  it('the process is there, without the names that a linter refuses', async () => {
    const seen = await new Watched().read();
    expect(seen.value('process_start_time_seconds')).toBeGreaterThan(0);
    expect(seen.all('nodejs_heap_size_used_bytes')).toHaveLength(1);
    const gauges = [...seen.types].filter(([, type]) => type === 'gauge').map(([name]) => name);
    expect(gauges.filter((name) => name.endsWith('_total'))).toEqual([]);
  });
});

describe('the heartbeat to a dead-man switch', () => {
  const last = 'tocsin_pulse_last_success_timestamp_seconds';
  const failed = (seen: Awaited<ReturnType<Watched['read']>>) =>
    ['scheduler', 'store', 'channels'].map((part) =>
      seen.value('tocsin_self_test_failed', { part }),
    );

  it('is told with when it was taken last, and which part keeps it back', async () => {
    const watched = new Watched();
    expect((await watched.read()).value(last)).toBe(0);
    watched.metrics.observe({ type: 'pulse', failed: [], refusal: null, at: MORNING });
    watched.metrics.observe({ type: 'pulse', failed: ['store'], refusal: null, at: MORNING + 1 });
    const seen = await watched.read();
    expect(seen.value(last)).toBe(MORNING / 1_000);
    expect(failed(seen)).toEqual([0, 1, 0]);
    watched.metrics.observe({ type: 'pulse', failed: [], refusal: 'HTTP 404', at: MORNING + 2 });
    const later = await watched.read();
    expect([later.value(last), later.value('tocsin_pulse_refused_total')]).toEqual([
      MORNING / 1_000,
      1,
    ]);
    expect(failed(later)).toEqual([0, 0, 0]);
  });

  it('shows which channels would take something; those that are gone are not shown', async () => {
    const watched = new Watched();
    const name = 'tocsin_channel_check_success';
    const lost = { outcome: 'deferred', reason: 'network', detail: 'nobody listens' } as const;
    expect((await watched.read()).all(name)).toEqual([]);
    watched.metrics.observe({ type: 'checked_up', channel: 'sms', outcome: lost });
    watched.metrics.observe({ type: 'checked_up', channel: 'gone', outcome: lost });
    const seen = await watched.read();
    expect(seen.value(name, { channel: 'sms' })).toBe(0);
    expect(seen.all(name)).toHaveLength(1);
    watched.configure(configOf([checkOf('shop')], { channels: new Map() }));
    expect((await watched.read()).all(name)).toEqual([]);
  });
});

describe('incidents', () => {
  it('are counted off the board by state and severity, resolved ones not', async () => {
    const watched = new Watched();
    watched.board = boardOf(
      [
        incidentOf('7K'),
        incidentOf('8M', { state: 'acknowledged', severity: 'critical' }),
        incidentOf('9P', { state: 'resolved' }),
      ],
      [],
    );
    const seen = await watched.read();
    expect(seen.value('tocsin_incidents', { state: 'open', severity: 'major' })).toBe(1);
    expect(seen.value('tocsin_incidents', { state: 'acknowledged', severity: 'critical' })).toBe(1);
    watched.board = boardOf([], []);
    const later = await watched.read();
    expect(later.value('tocsin_incidents', { state: 'open', severity: 'major' })).toBe(0);
    expect(later.all('tocsin_incidents')).toHaveLength(6);
  });

  it('count once when they open, with whoever is paged or nobody, and not when they reopen', async () => {
    const watched = new Watched();
    const incidents = [incidentOf('7K'), incidentOf('8M', { severity: 'minor' })];
    watched.change({
      incidents,
      reasons: [
        { outcome: 'opened', incident: 'incident-7K' },
        { outcome: 'paged', incident: 'incident-7K' },
        { outcome: 'opened, nobody to page', incident: 'incident-8M' },
      ],
    });
    watched.change({ incidents, reasons: [{ outcome: 'reopened', incident: 'incident-7K' }] });
    const seen = await watched.read();
    expect(seen.value('tocsin_incidents_total', { severity: 'major' })).toBe(1);
    expect(seen.value('tocsin_incidents_total', { severity: 'minor' })).toBe(1);
  });
});

describe('channels', () => {
  it('an accepted message counts, with how long it took since it was decided', async () => {
    const watched = new Watched();
    attempt(watched, { outcome: 'accepted', reference: 'SM1' });
    const seen = await watched.read();
    const channel = 'sms';
    expect(seen.value('tocsin_notifications_total', { channel, kind: 'page' })).toBe(1);
    expect(seen.value('tocsin_notification_latency_seconds_sum', { channel })).toBe(0.3);
    expect(seen.value('tocsin_channel_last_success_timestamp_seconds', { channel })).toBe(
      MORNING / 1000,
    );
    expect(seen.all('tocsin_notifications_failed_total').every(({ value }) => value === 0)).toBe(
      true,
    );
  });

  it.each(['deferred', 'refused', 'unconfirmed'] as const)(
    'one that is %s counts as failed, under its reason and never its words',
    async (outcome) => {
      const watched = new Watched();
      attempt(watched, { outcome, reason: 'auth', detail: 'no, +351912345678' });
      const body = await watched.text();
      expect(body).toContain('tocsin_notifications_failed_total{channel="sms",reason="auth"} 1\n');
      expect(body).toContain('tocsin_notifications_total{channel="sms",kind="page"} 1\n');
      expect(body).toContain('tocsin_notification_latency_seconds_count{channel="sms"} 0\n');
      expect(body).not.toContain('+351912345678');
    },
  );

  it('what waits in the outbox is asked for at the scrape', async () => {
    const watched = new Watched();
    watched.pending = new Map([['sms', 3]]);
    const channel = 'sms';
    expect((await watched.read()).value('tocsin_outbox_pending', { channel })).toBe(3);
    watched.pending = new Map();
    expect((await watched.read()).value('tocsin_outbox_pending', { channel })).toBe(0);
  });

  it('a reload ends the series of one that is gone, and keeps the counts of the others', async () => {
    const watched = new Watched();
    attempt(watched, { outcome: 'accepted', reference: null });
    attempt(watched, { outcome: 'accepted', reference: null }, { channel: 'lifeline' });
    const channels = new Map(watched.config.channels);
    channels.delete('lifeline');
    watched.configure(configOf([checkOf('shop')], { channels }));
    attempt(watched, { outcome: 'accepted', reference: null }, { channel: 'lifeline' });
    const seen = await watched.read();
    expect(seen.samples.filter(({ labels }) => labels['channel'] === 'lifeline')).toEqual([]);
    const page = { channel: 'sms', kind: 'page' };
    expect(seen.value('tocsin_notifications_total', page)).toBe(1);
  });
});

describe('what is bounded', () => {
  it('shows how full each lane is, and starts every count at zero', async () => {
    const watched = new Watched();
    watched.load = {
      lanes: [{ lane: 'regular', limit: 500, running: 500, queued: 7 }],
      waiting: 120,
      leftOut: { unfinished: 0, late: 0 },
    };
    watched.resolvers.looks.pending = 3;
    const seen = await watched.read();
    expect(seen.value('tocsin_lane_limit', { lane: 'regular' })).toBe(500);
    expect(seen.value('tocsin_lane_running', { lane: 'regular' })).toBe(500);
    expect(seen.value('tocsin_lane_queued', { lane: 'regular' })).toBe(7);
    expect(seen.value('tocsin_looks_waiting')).toBe(120);
    expect(seen.value('tocsin_resolver_pending', { for: 'looks' })).toBe(3);
    expect(seen.value('tocsin_resolver_pending', { for: 'pages' })).toBe(0);
    for (const name of ['log_lines_dropped', 'history_looks_lost', 'troubles']) {
      expect(seen.value(`tocsin_${name}_total`)).toBe(0);
    }
    for (const reason of ['unfinished', 'late']) {
      expect(seen.value('tocsin_looks_left_out_total', { reason })).toBe(0);
    }
    for (const result of ['known', 'not_known']) {
      expect(seen.value('tocsin_domain_lookups_total', { result })).toBe(0);
    }
  });

  it('counts what was dropped once, however often it is asked for', async () => {
    const watched = new Watched();
    watched.load = { lanes: [], waiting: 0, leftOut: { unfinished: 4, late: 2 } };
    watched.logLinesDropped = 9;
    watched.metrics.observe({ type: 'looks_lost', count: 1_000, why: 'the history is too slow' });
    watched.metrics.observe({ type: 'trouble', where: 'watch', what: 'a secret' });
    const registration = { unknown: 'no RDAP server for .test' };
    const asked = { type: 'registration', host: 'shop.test', registration, isNews: false } as const;
    watched.metrics.observe(asked);
    await watched.read();
    const seen = await watched.read();
    expect(seen.value('tocsin_looks_left_out_total', { reason: 'unfinished' })).toBe(4);
    expect(seen.value('tocsin_looks_left_out_total', { reason: 'late' })).toBe(2);
    expect(seen.value('tocsin_log_lines_dropped_total')).toBe(9);
    expect(seen.value('tocsin_history_looks_lost_total')).toBe(1_000);
    expect(seen.value('tocsin_troubles_total')).toBe(1);
    expect(seen.value('tocsin_domain_lookups_total', { result: 'not_known' })).toBe(1);
  });
});

describe('Tocsin itself', () => {
  it('lag and blocks are in seconds', async () => {
    const watched = new Watched();
    watched.metrics.observe({ type: 'lag', check: 'shop', lagMs: 40 });
    watched.metrics.blocked(120);
    const seen = await watched.read();
    expect(seen.value('tocsin_scheduler_lag_seconds_sum')).toBe(0.04);
    expect(seen.value('tocsin_event_loop_block_seconds_sum')).toBe(0.12);
  });

  it('a refused reload shows, and leaves when the last good one was', async () => {
    const watched = new Watched();
    watched.configure(watched.config);
    watched.metrics.observe({ type: 'reload_failed', problems: ['x'], at: MORNING + 5_000 });
    const seen = await watched.read();
    expect(seen.value('tocsin_config_last_reload_successful')).toBe(0);
    expect(seen.value('tocsin_config_last_reload_success_timestamp_seconds')).toBe(MORNING / 1000);
  });

  it('a location is a label of every series, and follows a reload', async () => {
    const watched = new Watched([checkOf('shop')], { location: 'lisbon' });
    watched.look('shop', 'up', { code: 200, phases: { tls: 1 } });
    const seen = await watched.read();
    expect(seen.samples.filter(({ labels }) => labels['location'] !== 'lisbon')).toEqual([]);
    watched.configure(configOf([checkOf('shop')]));
    const later = await watched.read();
    expect(later.samples.filter(({ labels }) => 'location' in labels)).toEqual([]);
  });

  it('two of them do not share a count', async () => {
    const [one, other] = [new Watched(), new Watched()];
    one.metrics.blocked(5);
    expect((await other.read()).value('tocsin_event_loop_block_seconds_count')).toBe(0);
  });
});
