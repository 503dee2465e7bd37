import { describe, expect, it } from 'vitest';
import {
  boardOf,
  checkOf,
  incidentOf,
  memberOf,
  MORNING,
  notificationOf,
  silenceOf,
  stateOf,
} from '../server/house.ts';
import { Watched } from './watched.ts';

const NOT_MET = {
  expectation: 'status',
  level: 'expect',
  met: false,
  expected: '2xx',
  seen: '503',
  reason: 'status',
  brief: 'HTTP 503',
} as const;

function failed(watched: Watched, facts: object): void {
  const state = stateOf('shop', { status: 'down', reason: 'status', brief: 'HTTP 503' });
  watched.board.checks.set('shop', state);
  const verdict = {
    check: 'shop',
    generation: 'g1',
    from: 'here',
    at: MORNING,
    tookMs: 12.345,
    status: 'down',
    findings: [NOT_MET],
    reason: 'status',
    brief: 'HTTP 503',
  } as const;
  watched.metrics.observe({ type: 'looked', verdict, state, facts });
}

describe('the story of a probe', () => {
  it('says what was seen and expected, what was counted, who was told and what was withheld', () => {
    const watched = new Watched();
    watched.board = boardOf(
      [incidentOf('7K', { state: 'acknowledged', acknowledgedBy: 'ana' })],
      [memberOf('incident-7K', 'shop')],
      [
        notificationOf('k1', { state: 'delivered' }),
        notificationOf('k2', { responder: 'ben', state: 'withheld', reason: 'acknowledged' }),
        notificationOf('k3', { kind: 'post', responder: null, channel: 'lifeline' }),
      ],
    );
    failed(watched, {
      code: 503,
      tls: { version: 'TLS 1.3' },
      chain: [1, 2],
      body: 'x'.repeat(900),
    });
    expect(watched.metrics.story(checkOf('shop'))).toBe(`Check shop: The shop
type http, target https://shop.example/

State: down since 2026-01-05T04:12:00.000Z: status (HTTP 503)
  0 of 2 successes to recover

Last look: down at 2026-01-05T04:12:00.000Z, took 12.3 ms: status (HTTP 503)
  NOT MET expect status: expected 2xx, saw 503
  facts.code = 503
  facts.tls.version = "TLS 1.3"
  facts.chain = 2 of them
  facts.body = 900 characters

Incident 7K: acknowledged, major, since 2026-01-05T04:12:00.000Z, acknowledged by ana
  2026-01-05T04:12:00.000Z page to ana by sms: delivered
  2026-01-05T04:12:00.000Z page to ben by sms: withheld (acknowledged)
  2026-01-05T04:12:00.000Z post to lifeline: accepted
`);
  });

  it('of one that was not looked at makes nothing up', () => {
    expect(new Watched().metrics.story(checkOf('shop'))).toBe(`Check shop: The shop
type http, target https://shop.example/

It was not looked at yet.

It is in no incident.
`);
  });

  it('keeps the last failure when it succeeds again, and says who silenced it', () => {
    const watched = new Watched();
    failed(watched, {});
    watched.clock.hold(30_000);
    watched.look('shop', 'up', { code: 200 });
    const silence = silenceOf('s1');
    watched.board.silences.set('s1', silence);
    watched.board.silencesAt.set('shop', new Set(['s1']));
    const story = watched.metrics.story(checkOf('shop'));
    expect(story).toMatch(/Last look: up .*\n.*facts\.code = 200\n\nBefore that: down /);
    expect(story).toContain('Silenced by ana until 2026-01-05T05:12:00.000Z');
  });

  it('with thousands of checks a success is soon gone, a failure is not', () => {
    const checks = Array.from({ length: 1_500 }, (_, n) => checkOf(`c${n}`));
    const watched = new Watched(checks);
    for (const { id } of checks) watched.look(id, id === 'c0' ? 'down' : 'up', { code: 1 });
    expect(watched.metrics.story(checks[0]!)).toContain('Last look: down');
    expect(watched.metrics.story(checks[1]!)).toContain('What the last looks saw is not kept.');
    expect(watched.metrics.story(checks[1_499]!)).toContain('Last look: up');
  });
});
