import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import type { NotificationKind, TroubleFacts } from '../../src/incident/notification.ts';
import { septets } from '../../src/message/gsm7.ts';
import { sms } from '../../src/message/sms.ts';
import { EXAMPLES, facts, HOSTILE_NAMES, MINUTE, reader, SINCE, drillFacts } from './facts.ts';

const LINK = `https://status.example.com/a/${'x'.repeat(22)}`;

describe('an SMS', () => {
  it('reads as promised', () => {
    const said = sms(facts({ more: 1 }), 'page', reader({ link: LINK }));
    expect(said).toBe(
      `7K DOWN Shop home page +1 more: HTTP 503, since 04:12. Reply 7K = ack. ${LINK}`,
    );
  });

  it('says who has it, and no more', () => {
    const said = sms(facts({ event: 'acknowledged', by: 'Ana' }), 'acknowledged', reader());
    expect(said).toBe('7K: Ana has it');
  });

  it('says how long it was down and since when it is up', () => {
    const said = sms(facts({ event: 'resolved', at: SINCE + 12 * MINUTE }), 'resolved', reader());
    expect(said).toBe('7K OK Shop home page: up after 12m, since 04:24');
  });

  it('does not call an end OK that a person forced', () => {
    const forced = facts({ event: 'resolved', by: 'Ana', text: 'wrong check' });
    expect(sms(forced, 'resolved', reader())).toMatch(/^7K CLOSED .*by Ana/);
  });

  it.each([
    ['was acked by Ana', '7K STILL DOWN 2h, was acked by Ana: Shop home page: '],
    ['Tocsin was away 6h', '7K STILL DOWN, Tocsin was away 6h: Shop home page: '],
    [null, '7K STILL DOWN 2h Shop home page: '],
  ])('that pages again says why: %s', (text, expected) => {
    const at = SINCE + 120 * MINUTE;
    const said = sms(facts({ event: 'still_down', at, text }), 'page', reader());
    expect(said.startsWith(expected)).toBe(true);
  });

  it('asks for a reply only where one can be heard, and only for a page', () => {
    const canAnswer = false;
    expect(sms(facts(), 'page', reader({ canAnswer }))).not.toContain('Reply');
    expect(sms(facts(), 'page', reader({ canAnswer, link: LINK }))).toMatch(/04:12\. https/);
    expect(sms(facts({ event: 'updated' }), 'update', reader())).not.toContain('Reply');
    expect(sms(facts({ event: 'escalated' }), 'page', reader())).toContain('Reply 7K = ack.');
  });

  it('that is long loses its link first, then details, then the end of the name', () => {
    const of = (length: number) =>
      sms(facts({ name: 'n'.repeat(length) }), 'page', reader({ link: LINK }));
    expect(of(60)).toContain(LINK);
    expect(of(61)).not.toContain('https');
    expect(of(61)).toContain('HTTP 503, since 04:12');
    expect(of(115)).toContain('HTTP 503');
    expect(of(115)).not.toContain('since');
    expect(of(130)).not.toContain('HTTP 503');
    expect(of(130)).toContain('n'.repeat(130));
    expect(of(150)).toMatch(/^7K DOWN n+\.\.\. Reply 7K = ack\.$/);
  });

  it.each(['STOP', 'stop', ' End. ', 'HELP', 'yes', '', '\n'])(
    'is never only a word that the carrier keeps: %j',
    (text) => {
      expect(sms({ event: 'answer', text }, 'update', reader())).toMatch(/^Tocsin: /);
    },
  );

  it('keeps the lines of an answer', () => {
    const said = sms({ event: 'answer', text: 'Which?\n7K Shop\n\n9M Mail' }, 'update', reader());
    expect(said).toBe('Which?\n7K Shop\n9M Mail');
  });

  it.each(HOSTILE_NAMES)('about a hostile name (%#) is one line of one segment', (name) => {
    const said = sms(facts({ name, more: 3 }), 'page', reader({ link: LINK }));
    expect(said).toMatch(/^7K DOWN [^\n\r]* \+3 more/);
    expect(said).toContain('Reply 7K = ack.');
    expect(septets(said)).toBeLessThanOrEqual(160);
  });

  it('is one GSM-7 segment with the code first, whatever the facts', () => {
    const kinds: NotificationKind[] = ['page', 'update', 'acknowledged', 'resolved', 'drill'];
    const events = EXAMPLES.map((example) => example.facts).filter(isTrouble);
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom(...events),
        fc.constantFrom(...kinds),
        fc.record({ name: text, brief: text, more: fc.nat({ max: 100_000 }) }),
        fc.record({ by: fc.option(text), text: fc.option(text) }),
        fc.option(fc.webUrl()),
        (event, kind, what, who, link) => {
          const said = sms({ ...event, ...what, ...who, code: 'A2B3C4' }, kind, reader({ link }));
          const segmented = new SegmentedMessage(said);
          expect([segmented.encodingName, segmented.segmentsCount]).toEqual(['GSM-7', 1]);
          expect(said).toMatch(/^A2B3C4[ :]/);
        },
      ),
    );
  });
});

it('an SMS of a drill is one segment that says DRILL and what to answer, whatever the facts', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(text, fc.option(text), fc.option(fc.webUrl()), (escalation, by, link) => {
      const said = sms(drillFacts({ code: 'A2B3C4', escalation, by }), 'drill', reader({ link }));
      const segmented = new SegmentedMessage(said);
      expect([segmented.encodingName, segmented.segmentsCount]).toEqual(['GSM-7', 1]);
      expect(said).toMatch(/^A2B3C4 DRILL of /);
      expect(said).toContain('nothing is down');
      expect(said).toContain('Reply A2B3C4 = I got it.');
    }),
  );
});

function isTrouble(told: (typeof EXAMPLES)[number]['facts']): told is TroubleFacts {
  return 'severity' in told;
}
