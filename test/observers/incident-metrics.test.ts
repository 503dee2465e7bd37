import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Notification } from '../../src/incident/notification.ts';
import {
  boardOf,
  checkOf,
  configOf,
  incidentOf,
  memberOf,
  MORNING,
  notificationOf,
  stateOf,
} from '../server/house.ts';
import { Watched } from './watched.ts';

const ANA = {
  id: 'ana',
  name: 'Ana Silva',
  addresses: new Map([['sms' as const, '+351912345678']]),
  timezone: null,
};
const SMS = {
  id: 'sms',
  type: 'twilio-sms',
  address: 'sms' as const,
  answerable: true,
  proof: 'receipt' as const,
  options: {},
};
const REACH = { responder: 'ana', channel: 'sms' };
const REACHED = 'tocsin_responder_last_reached_timestamp_seconds';

function withAna(fields: Partial<Config> = {}): Watched {
  const responders = new Map([['ana', ANA]]);
  return new Watched([checkOf('shop')], {
    responders,
    channels: new Map([['sms', SMS]]),
    ...fields,
  });
}

describe('who has what', () => {
  it('each unresolved incident is told with whoever acknowledged it, and no name that was typed', async () => {
    const watched = withAna();
    watched.board = boardOf(
      [
        incidentOf('7K'),
        incidentOf('8M', { state: 'acknowledged', acknowledgedBy: 'ana', severity: 'critical' }),
        incidentOf('9P', { state: 'acknowledged', acknowledgedBy: 'Eve, +351912345678' }),
        incidentOf('2Q', { state: 'resolved', acknowledgedBy: 'ana' }),
      ],
      [memberOf('incident-7K', 'shop')],
    );
    const seen = await watched.read();
    expect(seen.all('tocsin_incident_info').map(({ labels }) => labels)).toEqual([
      { incident: '7K', severity: 'major', state: 'open', by: 'nobody' },
      { incident: '8M', severity: 'critical', state: 'acknowledged', by: 'ana' },
      { incident: '9P', severity: 'major', state: 'acknowledged', by: 'other' },
    ]);
    expect(seen.value('tocsin_check_incident_info', { check: 'shop', incident: '7K' })).toBe(1);
    const opened = seen.value('tocsin_incident_opened_timestamp_seconds', { incident: '7K' });
    expect(opened).toBe(MORNING / 1000);
    watched.board = boardOf([], []);
    const later = await watched.read();
    expect(later.all('tocsin_incident_info')).toEqual([]);
    expect(later.all('tocsin_check_incident_info')).toEqual([]);
  });

  it('in a storm of thousands only the first five hundred are named', async () => {
    const watched = withAna();
    const many = Array.from({ length: 600 }, (_, n) => incidentOf(`A${n}`));
    watched.board = boardOf(many, []);
    const seen = await watched.read();
    expect(seen.all('tocsin_incident_info')).toHaveLength(500);
    expect(seen.value('tocsin_incidents', { state: 'open', severity: 'major' })).toBe(600);
  });
});

describe('how long people took', () => {
  const severity = 'major';
  const taken = (what: string) => `tocsin_incident_time_to_${what}_seconds`;

  it('starts at zero for every severity', async () => {
    const seen = await withAna().read();
    for (const what of ['page', 'acknowledge', 'resolve']) {
      for (const of of ['critical', 'major', 'minor']) {
        expect(seen.value(`${taken(what)}_count`, { severity: of })).toBe(0);
      }
    }
  });

  it('to the first page that was accepted, from the first failure, once', async () => {
    const watched = withAna();
    const at = MORNING + 30_000;
    const pages = ['k1', 'k2'].map((key) => notificationOf(key, { acceptedAt: at }));
    watched.board = boardOf([incidentOf('7K')], [], pages);
    watched.change({ at, notifications: pages });
    const again: Notification = notificationOf('k1', { acceptedAt: at, state: 'delivered' });
    watched.change({ at: at + 5_000, notifications: [again] });
    const third = notificationOf('k3', { acceptedAt: at + 60_000 });
    watched.board = boardOf([incidentOf('7K')], [], [...pages, third]);
    watched.change({ at: at + 60_000, notifications: [third] });
    const seen = await watched.read();
    expect(seen.value(`${taken('page')}_count`, { severity })).toBe(1);
    expect(seen.value(`${taken('page')}_sum`, { severity })).toBe(30);
  });

  it('to the first acknowledgement, and to every end', async () => {
    const watched = withAna();
    const row = incidentOf('7K');
    const end = { outcome: 'resolved', incident: row.id } as const;
    const acknowledged = { outcome: 'acknowledged', incident: row.id } as const;
    watched.board = boardOf([row], []);
    watched.change({ at: MORNING + 120_000, incidents: [row], reasons: [acknowledged] });
    const entry = { incident: row.id, at: MORNING, type: 'acknowledged' } as const;
    watched.board.timelines.set(row.id, [
      { ...entry, n: 0 },
      { ...entry, n: 1 },
    ]);
    watched.change({ incidents: [row], reasons: [acknowledged] });
    watched.change({ at: MORNING + 600_000, incidents: [row], reasons: [end] });
    const seen = await watched.read();
    expect(seen.value(`${taken('acknowledge')}_sum`, { severity })).toBe(120);
    expect(seen.value(`${taken('acknowledge')}_count`, { severity })).toBe(1);
    expect(seen.value(`${taken('resolve')}_sum`, { severity })).toBe(600);
  });
});

describe('who was reached', () => {
  const reach = {
    responder: 'ana',
    channel: 'sms',
    reachedAt: MORNING,
    answeredAt: MORNING + 60_000,
  };

  it('nobody at first; then as the board remembers it, for who is configured', async () => {
    const watched = withAna();
    expect((await watched.read()).value(REACHED, REACH)).toBe(0);
    watched.board.reaches.set('ana sms', reach);
    const seen = await watched.read();
    expect(seen.value(REACHED, REACH)).toBe(MORNING / 1000);
    expect(seen.value('tocsin_responder_last_answered_timestamp_seconds', REACH)).toBe(
      MORNING / 1000 + 60,
    );
    watched.configure(configOf([checkOf('shop')], { responders: new Map() }));
    expect((await watched.read()).all(REACHED)).toEqual([]);
  });

  it('no number is in any of it', async () => {
    expect(await withAna().text()).not.toContain('351912345678');
  });
});

describe('Tocsin itself', () => {
  it('says what it is in trouble with, and what was not stored', async () => {
    const watched = new Watched();
    watched.board.checks.set('self:blind', stateOf('self:blind', { status: 'down' }));
    watched.change({});
    const seen = await watched.read();
    expect(seen.value('tocsin_self_trouble', { trouble: 'blind' })).toBe(1);
    expect(seen.value('tocsin_self_trouble', { trouble: 'memory' })).toBe(0);
    expect(seen.value('tocsin_changes_total', { recorded: 'yes' })).toBe(1);
    expect(seen.value('tocsin_changes_total', { recorded: 'no' })).toBe(0);
  });
});
