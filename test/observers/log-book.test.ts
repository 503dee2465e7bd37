import { describe, expect, it } from 'vitest';
import { createLogBook } from '../../src/observers/log-book.ts';
import type { LogFields } from '../../src/system/log.ts';
import { boardOf, configOf, incidentOf, MORNING, notificationOf } from '../server/house.ts';
import { changed } from './watched.ts';

function book() {
  const lines: [string, string, LogFields | undefined][] = [];
  const at = (level: string) => (event: string, fields?: LogFields) => {
    lines.push([level, event, fields]);
  };
  const board = boardOf([incidentOf('7K')], []);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, write: createLogBook(log, () => board) };
}

describe('the log book', () => {
  it('a turn to down is a warning, with why and since when', () => {
    const { lines, write } = book();
    const turn = { check: 'shop', at: MORNING, since: MORNING, brief: 'HTTP 503' } as const;
    write({ type: 'turned', turn: { ...turn, from: 'up', to: 'down', reason: 'status' } });
    write({ type: 'turned', turn: { ...turn, from: 'down', to: 'up', reason: null } });
    expect(lines.map(([level, event]) => `${level} ${event}`)).toEqual([
      'warn turned',
      'info turned',
    ]);
    expect(lines[0]?.[2]).toMatchObject({
      check: 'shop',
      reason: 'status',
      since: '2026-01-05T04:12:00.000Z',
    });
  });

  it('a decision names its incident by the code, on the board or in the change itself', () => {
    const { lines, write } = book();
    write(
      changed({
        incidents: [incidentOf('8M')],
        reasons: [
          { outcome: 'opened', incident: 'incident-8M', check: 'shop' },
          { outcome: 'paged', incident: 'incident-7K', key: 'k1' },
          { outcome: 'nothing due' },
        ],
      }),
    );
    expect(lines).toEqual([
      ['info', 'opened', { incident: '8M', severity: 'major', check: 'shop' }],
      ['info', 'paged', { incident: '7K', severity: 'major', notification: 'k1' }],
      ['debug', 'nothing due', {}],
    ]);
  });

  it('says what became known of a registration, and once that it is not', () => {
    const { lines, write } = book();
    const host = 'www.shop.example';
    const known = { domain: 'shop.example', endsAt: MORNING };
    const unknown = { unknown: 'RDAP answers HTTP 503' };
    write({ type: 'registration', host, registration: known, isNews: true });
    write({ type: 'registration', host, registration: known, isNews: false });
    write({ type: 'registration', host, registration: unknown, isNews: true });
    write({ type: 'registration', host, registration: unknown, isNews: false });
    expect(lines).toEqual([
      ['info', 'registration', { host, domain: 'shop.example', ends: '2026-01-05T04:12:00.000Z' }],
      ['warn', 'the end of a registration is not known', { host, why: 'RDAP answers HTTP 503' }],
    ]);
  });

  it('says who acknowledged, why it ended, and what is not stored', () => {
    const { lines, write } = book();
    const acknowledged = incidentOf('7K', { state: 'acknowledged', acknowledgedBy: 'ana' });
    const resolved = incidentOf('8M', { state: 'resolved', resolvedBecause: 'recovered' });
    write({
      ...changed({
        incidents: [acknowledged, resolved],
        reasons: [
          { outcome: 'acknowledged', incident: 'incident-7K' },
          { outcome: 'resolved', incident: 'incident-8M' },
        ],
      }),
      recorded: false,
    });
    expect(lines.map(([, , fields]) => fields)).toEqual([
      { incident: '7K', severity: 'major', by: 'ana', recorded: false },
      { incident: '8M', severity: 'major', because: 'recovered', recorded: false },
    ]);
  });

  it('a heartbeat that does not leave is said once, and that it leaves again', () => {
    const { lines, write } = book();
    const pulse = (failed: ('store' | 'channels')[], refusal: string | null = null) => {
      write({ type: 'pulse', failed, refusal, at: MORNING });
    };
    pulse([]);
    pulse(['store']);
    pulse(['store']);
    pulse(['store', 'channels']);
    pulse([], 'HTTP 404');
    pulse([], 'HTTP 404');
    pulse([]);
    pulse([]);
    expect(lines).toEqual([
      ['error', 'the self-test has failed: no heartbeat leaves', { failed: ['store'] }],
      ['error', 'the self-test has failed: no heartbeat leaves', { failed: ['store', 'channels'] }],
      ['info', 'the self-test passes again', {}],
      ['error', 'the heartbeat is not taken', { why: 'HTTP 404' }],
      ['info', 'the heartbeat is taken again', {}],
    ]);
  });

  it('a channel that cannot be reached is said once, and that it can be again', () => {
    const { lines, write } = book();
    const well = { outcome: 'accepted', reference: null } as const;
    const down = { outcome: 'refused', reason: 'auth', detail: 'HTTP 401' } as const;
    for (const outcome of [well, down, down, well, well]) {
      write({ type: 'checked_up', channel: 'sms', outcome });
    }
    expect(lines).toEqual([
      [
        ...['warn', 'a channel cannot be reached'],
        { channel: 'sms', reason: 'auth', detail: 'HTTP 401' },
      ],
      ['info', 'a channel can be reached again', { channel: 'sms' }],
    ]);
  });

  it('an attempt that failed is a warning with the reason; nothing says how to reach anybody', () => {
    const { lines, write } = book();
    const facts = { event: 'test', text: 'words' } as const;
    const notification = notificationOf('k1', { facts, about: ['incident-7K'] });
    const tookMs = 12.4;
    write({
      type: 'attempted',
      notification,
      tookMs,
      outcome: { outcome: 'accepted', reference: 'SM1' },
    });
    write({
      type: 'attempted',
      notification,
      tookMs,
      outcome: { outcome: 'deferred', reason: 'server', detail: 'HTTP 500' },
    });
    expect(lines.map(([level, event]) => `${level} ${event}`)).toEqual([
      'info delivery accepted',
      'warn delivery deferred',
    ]);
    expect(lines[1]?.[2]).toEqual({
      notification: 'k1',
      incident: '7K',
      kind: 'page',
      channel: 'sms',
      responder: 'ana',
      attempt: 1,
      tookMs: 12,
      reason: 'server',
      detail: 'HTTP 500',
    });
  });

  it('what is recorded names its trace', () => {
    const { lines, write } = book();
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: MORNING };
    const turn = { check: 'shop', at: MORNING, since: MORNING, brief: '' } as const;
    write({ type: 'turned', turn: { ...turn, from: 'down', to: 'up', reason: null }, trace });
    write({
      ...{ type: 'attempted', notification: notificationOf('k1'), tookMs: 1, trace },
      outcome: { outcome: 'accepted', reference: null },
    });
    write({ type: 'spans_not_taken', lost: 3, why: 'HTTP 503' });
    expect(lines.map(([, event, fields]) => [event, fields?.['trace_id']])).toEqual([
      ['turned', trace.traceId],
      ['delivery accepted', trace.traceId],
      ['traces are not taken', undefined],
    ]);
  });

  it('a configuration says its warnings aloud; a refused one, its problems', () => {
    const { lines, write } = book();
    const config = configOf([], { warnings: ['nobody is paged'] });
    write({ type: 'configured', config, original: '', broken: [], at: MORNING });
    write({ type: 'reload_failed', problems: ['checks.yml:1:1 x'], at: MORNING });
    expect(lines.map(([level]) => level)).toEqual(['info', 'warn', 'error']);
    expect(lines[1]?.[1]).toBe('WARNING: nobody is paged');
    expect(lines[2]?.[2]).toEqual({ problems: ['checks.yml:1:1 x'] });
  });

  it('strangers, troubles and the end have their lines', () => {
    const { lines, write } = book();
    write({ type: 'stranger', channel: 'sms' });
    write({ type: 'trouble', where: 'store', what: 'disk full' });
    write({ type: 'draining' });
    write({ type: 'stopped' });
    expect(lines.map(([level]) => level)).toEqual(['warn', 'error', 'info', 'info']);
  });
});
