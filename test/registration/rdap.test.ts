import { describe, expect, test } from 'vitest';
import { candidates, queryFor, readDomain, readServices } from '../../src/registration/rdap.ts';

describe('the names that may have been registered', () => {
  test.each([
    ['example.com', ['example.com']],
    ['shop.example.co.uk', ['co.uk', 'example.co.uk', 'shop.example.co.uk']],
    ['a.b.c.d.example.com', ['example.com', 'd.example.com', 'c.d.example.com']],
    ['Shop.Example.COM.', ['example.com', 'shop.example.com']],
    ['bücher.example', ['xn--bcher-kva.example']],
    ['localhost', []],
    [`${'a.'.repeat(200)}example.com`, []],
    ['not a host/..', []],
  ])('of %s', (host, names) => {
    expect(candidates(host)).toEqual(names);
  });
});

describe('the list of servers', () => {
  const services = (list: unknown) => readServices(JSON.stringify({ services: list }));

  test('the longest match answers, and https where there is a choice', () => {
    const known = services([
      [['uk'], ['http://a.example/', 'https://b.example/rdap']],
      [['CO.UK'], ['https://c.example/']],
    ])!;
    expect(queryFor('shop.uk', known)?.href).toBe('https://b.example/rdap/domain/shop.uk');
    expect(queryFor('shop.co.uk', known)?.href).toBe('https://c.example/domain/shop.co.uk');
    expect(queryFor('shop.xuk', known)).toBeNull();
  });

  test.each(['', '[]', '{}', '{"services":{}}', 'null', '<html>', '[[['])('not from %s', (text) => {
    expect(readServices(text)).toBeNull();
  });

  test('entries that cannot be read are left out', () => {
    const odd = [
      7,
      [],
      [['a']],
      [['b'], ['not a url', 'gopher://x/', 8]],
      [[9, 'c'], ['http://c/']],
    ];
    expect([...services(odd)!.keys()]).toEqual(['c']);
  });
});

describe('an answer', () => {
  const END = '2026-03-01T12:00:00Z';
  const domain = (more: object) => JSON.stringify({ objectClassName: 'domain', ...more });
  const expiration = (eventDate: unknown) => ({ eventAction: 'expiration', eventDate });

  test.each([
    ['its expiration', { ldhName: 'EXAMPLE.com.', events: [expiration(END)] }, END],
    ['an offset', { events: [expiration('2026-03-01T13:00:00.000+01:00')] }, END],
    [
      'the latest of several',
      { events: [expiration('2025-03-01T12:00:00Z'), expiration(END)] },
      END,
    ],
    ['none', { events: [{ eventAction: 'registration', eventDate: END }] }, null],
    ['no events', {}, null],
    ['odd events', { events: [null, 7, [], {}, expiration(7), expiration('soon')] }, null],
    ['an impossible date', { events: [expiration('2026-13-45T99:00:00Z')] }, null],
    ['a year that is none', { events: [expiration('0001-01-01T00:00:00Z')] }, null],
    ['what is inherited', { __proto__: null, events: 'x' }, null],
  ])('says %s', (_, fields, ends) => {
    const endsAt = ends === null ? null : Date.parse(ends);
    expect(readDomain(domain(fields), 'example.com')).toEqual({ endsAt });
  });

  test.each([
    ['about another domain', domain({ ldhName: 'other.example', events: [expiration(END)] })],
    ['that is not RDAP', JSON.stringify({ objectClassName: 'entity', events: [expiration(END)] })],
    ['that is not RDAP', '{"objectClassName":'],
    ['that is not RDAP', '<!doctype html>'],
    ['that is not RDAP', '['.repeat(100_000)],
  ])('%s is none', (_, text) => {
    expect(readDomain(text, 'example.com')).toHaveProperty('unknown');
  });
});
