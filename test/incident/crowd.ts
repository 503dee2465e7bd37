/**
 * Many checks of one escalation that pages Ana by SMS, and what is seen on her phone: for stories of
 * bounds and storms. What leaves is taken by its vendor at once unless the story says otherwise.
 */
import { isHeld } from '../../src/incident/lane.ts';
import type { Notification } from '../../src/incident/notification.ts';
import type { Severity } from '../../src/config/config.ts';
import { checkCalled, configOf, escalationCalled, HOUR, SECOND, Story } from './story.ts';

export function story(n: number, severity: Severity = 'major', more = {}): Story {
  const checks = Array.from({ length: n }, (_, i) =>
    checkCalled(`c${i}`, { severity, tags: { team: 'shop', n: String(i) } }),
  );
  const escalation = escalationCalled('on-call', {
    steps: [{ afterMs: 0, page: ['ana'], by: ['sms'] }],
    repeat: { everyMs: 2 * HOUR, times: null },
    groupMs: 0,
    reopenMs: 0,
    ...more,
  });
  return new Story(configOf({ checks, escalations: [escalation] }));
}

/** What has left for Ana's phone, or is about to, in order. */
export function texts(told: Story, channel = 'sms'): readonly Notification[] {
  return [...told.board.notifications.values()].filter(
    (row) => row.channel === channel && row.state !== 'withheld' && !isHeld(row),
  );
}

export function held(told: Story): readonly Notification[] {
  return [...told.board.notifications.values()].filter(isHeld);
}

/** All of these turn in one step. */
export function together(told: Story, ids: readonly string[], to: 'up' | 'down'): void {
  const known = { at: told.now, since: told.now };
  told.take(
    ...ids.map((check) => ({
      ...({ type: 'turn', check, from: to === 'up' ? 'down' : 'up', to, ...known } as const),
      ...(to === 'down'
        ? { reason: 'status' as const, brief: 'HTTP 503' }
        : { reason: null, brief: '' }),
    })),
  );
}

export function ids(n: number, from = 0): readonly string[] {
  return Array.from({ length: n }, (_, i) => `c${from + i}`);
}

/** Time passes in small steps, and vendors take what leaves. */
export function goOn(told: Story, ms: number): void {
  const end = told.now + ms;
  while (told.now < end) {
    told.pass(Math.min(10 * SECOND, end - told.now));
    settleAll(told);
  }
}

export function settleAll(told: Story): void {
  for (const row of [...told.board.notifications.values()]) {
    if (row.dueAt !== null && row.dueAt <= told.now && !isHeld(row)) {
      told.receipt(row, { outcome: 'accepted', reference: 'SM1' });
    }
  }
}

export function heard(told: Story, text: string, responder = 'ana'): string {
  const reference = `R${told.now}${text}`;
  told.take({ type: 'heard', channel: 'sms', responder, text, sentAt: told.now, reference });
  const row = told.board.notifications.get(`answer.sms.${reference}`);
  const said = [...told.changes.at(-1)!.notifications].find(({ key }) => key.startsWith('answer.'));
  const { facts } = row ?? said!;
  return facts.event === 'answer' ? facts.text : '';
}
