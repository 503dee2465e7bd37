import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/config/config.ts';
import type { Status } from '../../src/judge/verdict.ts';
import { statusPage } from '../../src/observers/status-page.ts';
import { apply } from '../../src/incident/apply.ts';
import { boardOf, checkOf, configOf, MORNING, silenceOf, stateOf } from '../server/house.ts';
import { change } from '../store/rows.ts';

function page(
  states: Readonly<Record<string, Status>>,
  fields: Partial<Check> = {},
  now = MORNING,
) {
  const board = boardOf([], []);
  for (const [id, status] of Object.entries(states)) {
    board.checks.set(id, stateOf(id, { status, reason: 'refused', brief: 'refused 10.0.0.7' }));
  }
  const checks = ['shop', 'edge'].map((id) => checkOf(id, fields));
  return statusPage(configOf(checks), board, now).html;
}

function headline(html: string): string | undefined {
  return /<h1>(.*)<\/h1>/.exec(html)?.[1];
}

describe('the status page', () => {
  it.each([
    [{ shop: 'up', edge: 'up' }, 'Everything works'],
    [{ shop: 'up', edge: 'degraded' }, 'Everything works, some of it with problems'],
    [{ shop: 'down', edge: 'up' }, '1 of 2 not working'],
    [{ shop: 'down', edge: 'unknown' }, '1 of 2 not working'],
    [{ shop: 'up' }, 'The state of 1 is not known'],
    [{}, 'The state is not known'],
  ] as const)('%j in one sentence', (states, sentence) => {
    expect(headline(page(states))).toBe(sentence);
  });

  it('with nothing configured does not claim that all is well', () => {
    const html = statusPage(configOf([]), boardOf([], []), MORNING).html;
    expect(headline(html)).toBe('Nothing is watched yet');
  });

  it('says since when something is not well', () => {
    const html = page({ shop: 'down', edge: 'up' });
    expect(html).toContain(
      'Not working since <time datetime="2026-01-05T04:12:00.000Z">2026-01-05 04:12 UTC</time>',
    );
    expect(html).toContain('<span>Working</span>');
  });

  describe('while a check is silenced', () => {
    const covered = (window: string | null): string => {
      const board = boardOf([], []);
      for (const id of ['shop', 'edge']) board.checks.set(id, stateOf(id, { status: 'down' }));
      const silence = silenceOf('s1', { covers: ['shop'], window, why: 'new <disks>' });
      apply(board, change({ seq: 1, epoch: 1, silences: [silence] }));
      return statusPage(configOf(['shop', 'edge'].map((id) => checkOf(id))), board, MORNING).html;
    };

    it('as planned, it is under maintenance until the end of the window, for a reason', () => {
      const html = covered('w1');
      expect(headline(html)).toBe('1 of 1 not working, 1 under maintenance');
      expect(html).toMatch(/Under maintenance until <time [^>]*>2026-01-05 05:12 UTC<\/time>/);
      expect(html).toContain('</time>: new &lt;disks&gt;</span>');
    });

    it('by a person, it is as it is, and known; who and why is not for customers', () => {
      const html = covered(null);
      expect(headline(html)).toBe('2 of 2 not working');
      expect(html).toContain('</time> (known)</span>');
      for (const inside of ['disks', 'ana']) expect(html).not.toContain(inside);
    });
  });

  it('does not go on saying that all is well when nobody has looked', () => {
    const html = page({ shop: 'up', edge: 'up' }, {}, MORNING + 65_001);
    expect(headline(html)).toBe('The state is not known');
  });

  it('goes on saying that something does not work until it was seen to', () => {
    const html = page({ shop: 'down', edge: 'up' }, {}, MORNING + 65_001);
    expect(headline(html)).toBe('1 of 2 not working');
    expect(html).toContain('<span>Not known</span>');
  });

  it('shows what customers call a check, escaped, and nothing from inside', () => {
    const html = page({ shop: 'down' }, { says: 'the <shop> & "co"', escalation: 'on-call' });
    expect(html).toContain('the &lt;shop&gt; &amp; &quot;co&quot;');
    for (const inside of ['The shop', 'https://', 'refused', '10.0.0.7', 'on-call']) {
      expect(html).not.toContain(inside);
    }
  });

  it('is one that a screen reader can read: a language, a title, a heading, a list, no script', () => {
    const html = page({ shop: 'up', edge: 'up' });
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<title>Everything works</title>');
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html.match(/<li /g)).toHaveLength(2);
    expect(html).not.toMatch(/<script|style="| on\w+=/);
  });
});
