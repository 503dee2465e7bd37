import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dossier } from '../../src/store/store.ts';
import {
  type Body,
  boardOf,
  House,
  incidentOf,
  memberOf,
  MORNING,
  notificationOf,
} from './house.ts';

const HOUR = 3_600_000;
let house: House;
let stop: () => Promise<void>;

async function open(): Promise<void> {
  const operator = await house.open();
  stop = () => operator.stop();
}

function archived(code: string): Dossier {
  const incident = incidentOf(code, { state: 'resolved', openedAt: MORNING - 48 * HOUR });
  return { incident, members: [], timeline: [], notifications: [] };
}

function codes({ items }: Body): string[] {
  return items.map(({ code }) => code);
}

beforeEach(async () => {
  house = new House();
  house.board = boardOf(
    [
      incidentOf('7K'),
      incidentOf('8M', { state: 'acknowledged', openedAt: MORNING + 1 }),
      incidentOf('9P', { state: 'resolved', openedAt: MORNING + 2, resolvedAt: MORNING + 3 }),
    ],
    [memberOf('incident-7K', 'shop'), memberOf('incident-7K', 'edge')],
    [notificationOf('k1'), notificationOf('k2', { state: 'withheld', reason: 'recovered' })],
  );
  house.stored = [archived('2A'), archived('3B'), archived('4C')];
  await open();
});
afterEach(() => stop());

describe('reading an incident', () => {
  it('has everything that the contract of the API names, in RFC 3339 UTC', async () => {
    expect((await house.get('/api/v1/incidents/7K')).json).toEqual({
      id: 'incident-7K',
      code: '7K',
      state: 'open',
      severity: 'major',
      title: 'The shop',
      checks: [
        { id: 'shop', state: 'down', since: '2026-01-05T04:12:00.000Z', reason: 'status' },
        { id: 'edge', state: 'down', since: '2026-01-05T04:12:00.000Z', reason: 'status' },
      ],
      checksTotal: 2,
      openedAt: '2026-01-05T04:12:00.000Z',
      acknowledgedAt: null,
      acknowledgedBy: null,
      silencedAt: null,
      resolvedAt: null,
      escalation: 'on-call',
      timeline: [{ at: '2026-01-05T04:12:00.000Z', type: 'opened' }],
      notifications: [
        {
          key: 'k1',
          kind: 'page',
          responder: 'ana',
          channel: 'sms',
          state: 'accepted',
          at: '2026-01-05T04:12:00.000Z',
          acceptedAt: '2026-01-05T04:12:00.000Z',
          attempts: 1,
          reference: 'SM1',
        },
        expect.objectContaining({ key: 'k2', state: 'withheld', reason: 'recovered' }),
      ],
    });
  });

  it.each(['7k', '%207K%20', 'incident-7K', '2a', 'incident-2A'])(
    'is found as %s, on the board or in history',
    async (name) => {
      expect((await house.get(`/api/v1/incidents/${name}`)).status).toBe(200);
    },
  );

  it('an unknown code says which are open', async () => {
    const reply = await house.get('/api/v1/incidents/ZZ');
    expect(reply.status).toBe(404);
    expect(reply.json).toMatchObject({
      title: 'unknown incident',
      detail: 'Not resolved are: 7K, 8M',
    });
  });
});

describe('the checks of an incident', () => {
  beforeEach(async () => {
    await stop();
    const ids = Array.from({ length: 250 }, (_, n) => `check-${String(n)}`);
    house.board = boardOf(
      [incidentOf('7K')],
      ids.map((id) => memberOf('incident-7K', id)),
    );
    await open();
  });

  it('are the first hundred on it, and all of them in pages', async () => {
    const { json } = await house.get('/api/v1/incidents/7K');
    expect(json.checks).toHaveLength(100);
    expect(json.checksTotal).toBe(250);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await house.get(`/api/v1/incidents/7k/checks?limit=100${cursor}`)).json;
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(seen).toHaveLength(250);
    expect(new Set(seen).size).toBe(250);
    expect(seen[249]).toBe('check-249');
  });
});

describe('listing incidents', () => {
  it.each([
    ['', ['8M', '7K']],
    ['?state=open', ['7K']],
    ['?state=acknowledged', ['8M']],
    ['?state=resolved', ['9P', '2A', '3B', '4C']],
    ['?state=all', ['9P', '8M', '7K', '2A', '3B', '4C']],
  ])('%s newest first', async (query, expected) => {
    const { json } = await house.get(`/api/v1/incidents${query}`);
    expect(codes(json)).toEqual(expected);
    expect(json.next).toBeNull();
  });

  it.each([1, 2, 3, 4, 5, 6])('in pages of %i nothing is lost or told twice', async (limit) => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const path = `/api/v1/incidents?state=all&limit=${String(limit)}${cursor}`;
      const { json } = await house.get(path);
      expect(json.items.length).toBeLessThanOrEqual(limit);
      seen.push(...codes(json));
      cursor = json.next === null ? '' : `&cursor=${json.next}`;
    } while (cursor !== '');
    expect(seen).toEqual(['9P', '8M', '7K', '2A', '3B', '4C']);
  });

  it('what is both on the board and stored is told once, as the board has it', async () => {
    house.stored = [archived('7K'), ...house.stored];
    const { json } = await house.get('/api/v1/incidents?state=all');
    expect(codes(json)).toEqual(['9P', '8M', '7K', '2A', '3B', '4C']);
    expect(json.items[2]?.state).toBe('open');
  });

  it('a page is not shaken by an incident that resolves meanwhile', async () => {
    const first = (await house.get('/api/v1/incidents?limit=1')).json;
    expect(codes(first)).toEqual(['8M']);
    house.board.incidents.delete('incident-8M');
    const second = await house.get(`/api/v1/incidents?limit=1&cursor=${String(first.next)}`);
    expect(codes(second.json)).toEqual(['7K']);
  });

  it.each(['state=closed', 'state=', 'cursor=Zm9v', 'stat=open'])(
    '?%s is an error',
    async (query) => {
      expect((await house.get(`/api/v1/incidents?${query}`)).status).toBe(400);
    },
  );
});

describe('notifications', () => {
  it('are listed as the board has them, with when and about what', async () => {
    const { json } = await house.get('/api/v1/notifications');
    expect(json).toEqual({
      items: [
        {
          key: 'k1',
          kind: 'page',
          responder: 'ana',
          channel: 'sms',
          state: 'accepted',
          attempts: 1,
          reference: 'SM1',
          at: '2026-01-05T04:12:00.000Z',
          acceptedAt: '2026-01-05T04:12:00.000Z',
          incident: null,
        },
      ],
      next: null,
    });
  });
});
