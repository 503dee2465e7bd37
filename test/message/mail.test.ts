import { describe, expect, it, test } from 'vitest';
import { chat } from '../../src/message/chat.ts';
import { mail } from '../../src/message/mail.ts';
import { oneLine } from '../../src/message/one-line.ts';
import { facts, HOSTILE_NAMES, reader } from './facts.ts';

// eslint-disable-next-line no-control-regex -- that there are none is what is tested
const UNWANTED = /[\u0000-\u0009\u000B-\u001F\u007F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

describe('a mail', () => {
  it('has a subject that says it all', () => {
    expect(mail(facts({ more: 1 }), 'page', reader()).subject).toBe(
      '7K DOWN Shop home page +1 more',
    );
  });

  it('escapes what a name would do to its HTML', () => {
    const name = '<img src=x onerror="alert(\'1\')"> & co';
    const { html } = mail(facts({ name }), 'page', reader({ link: 'https://x/a/b?c="&d' }));
    expect(html).not.toContain('<img');
    expect(html.match(/<[^>]+>/g)?.filter((tag) => !/^<\/?(p|a)\b/.test(tag))).toEqual([]);
    expect(html).toContain('href="https://x/a/b?c=&#34;&#38;d"');
  });

  it.each(HOSTILE_NAMES)('about a hostile name (%#) has a bounded subject of one line', (name) => {
    const { subject, text, html } = mail(facts({ name, says: name }), 'page', reader());
    expect(subject).not.toMatch(/[\r\n]/);
    expect(subject.length).toBeLessThanOrEqual(150);
    expect(subject).toMatch(/^7K DOWN/);
    for (const part of [subject, text, html]) expect(part).not.toMatch(UNWANTED);
    expect(text.length).toBeLessThan(2_000);
  });
});

describe('a chat message', () => {
  it.each(HOSTILE_NAMES)('about a hostile name (%#) has lines that are lines', (name) => {
    const { title, lines } = chat(facts({ name, text: name, by: name }), 'post', reader());
    for (const line of [title, ...lines]) expect(line).not.toMatch(/[\r\n\u2028\u2029]/);
    expect(title).toMatch(/^7K DOWN/);
  });
});

test('a chat message names the others that are down', () => {
  const { title, lines } = chat(
    facts({ more: 6, others: ['Payments', 'Login'] }),
    'page',
    reader(),
  );
  expect(title).toBe('7K DOWN Shop home page +6 more');
  expect(lines).toContain('Also: Payments');
  expect(lines).toContain('Also: Login');
});

describe('one line', () => {
  it('keeps families and letters together when it cuts', () => {
    expect(oneLine('ab👨‍👩‍👧‍👦', 12)).toBe('ab...');
    expect(oneLine('a\n\t b\u0000c', 10)).toBe('a bc');
    expect(oneLine('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(oneLine('x'.repeat(11), 10)).toBe('xxxxxxx...');
  });

  it('says that something is missing even if what is left would fit', () => {
    expect(oneLine(`ab${' '.repeat(100)}c`, 10)).toBe('ab...');
  });
});
