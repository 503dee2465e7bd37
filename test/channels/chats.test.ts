import { describe, expect, it } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import { facts } from '../message/facts.ts';
import { ANAS_PUSHOVER, ANAS_TELEGRAM, letter, OPTIONS } from './letters.ts';

const render = (type: string, example: Parameters<typeof letter>[0], to: string | null = null) =>
  JSON.stringify(channels.get(type)!.render(letter(example, to), OPTIONS[type]));
const called = (name: string) => ({ name: 'x', kind: 'page', facts: facts({ name }) }) as const;

describe('what a check is called', () => {
  it.each([
    ['discord', '**bold** [x](http://evil)', '\\*\\*bold\\*\\* \\[x\\]\\(http://evil\\)'],
    ['discord', '<@&42> <#7>', '\\<@&42\\> \\<\\#7\\>'],
    ['mattermost', '@channel `x`', '@\u200Bchannel \\`x\\`'],
    ['mattermost', '![x](http://evil/1.png)', '\\!\\[x\\]\\(http://evil/1.png\\)'],
    ['teams', '[x](http://evil) _y_', '\\[x\\]\\(http://evil\\) \\_y\\_'],
    ['telegram', '<a href="x">&', '&lt;a href="x"&gt;&amp;'],
  ])('has no meaning of its own in %s: %j', (type, name, shown) => {
    expect(render(type, called(name))).toContain(JSON.stringify(shown).slice(1, -1));
  });

  it('mentions nobody in Discord', () => {
    expect(render('discord', called('@everyone'))).toContain('"allowed_mentions":{"parse":[]}');
  });
});

describe('a message with more than there is room for', () => {
  const text = Array.from({ length: 20 }, () => '店&<*'.repeat(125)).join('\n');
  const answer = { name: 'x', kind: 'update', facts: { event: 'answer', text } } as const;

  it.each([
    ['discord', 2_000, null],
    ['telegram', 4_096, ANAS_TELEGRAM],
    ['mattermost', 16_383, null],
    ['pushover', 1_024, ANAS_PUSHOVER],
  ])('of %s ends with a whole line within %d letters', (type, max, to) => {
    const rendered = channels.get(type)!.render(letter(answer, to), OPTIONS[type]) as object;
    const {
      content,
      push,
      text: own,
    } = rendered as {
      readonly [key in 'content' | 'text']?: string;
    } & { readonly push?: { readonly message: string } };
    const shown = content ?? own ?? push?.message ?? '';
    expect(shown.length).toBeLessThanOrEqual(max);
    expect(shown.length).toBeGreaterThan(500);
    expect(shown).not.toMatch(/&(?:a|am|amp|l|lt|g|gt)?$|\\$/);
  });

  it('of Teams has 28 KB at most', () => {
    expect(Buffer.byteLength(render('teams', answer))).toBeLessThan(28 * 1024);
  });
});
