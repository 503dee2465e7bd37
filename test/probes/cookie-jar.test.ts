import { expect, test } from 'vitest';
import { CookieJar } from '../../src/probes/_cookie-jar.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const SHOP = new URL('https://shop.test/login');

function sent(lines: string, to = SHOP, own: Readonly<Record<string, string>> = {}) {
  const jar = new CookieJar(NOON);
  jar.keep(lines, SHOP);
  return jar.added(own, to);
}

test.each([
  ['sid=1; Path=/admin; Domain=other.test; HttpOnly; SameSite=Strict', 'sid=1'],
  ['sid="a b"', 'sid="a b"'],
  ['sid=a=b==', 'sid=a=b=='],
  ['sid=', 'sid='],
  ['a=1\nb=2\na=3', 'b=2; a=3'],
  ['a=1\na=2; Max-Age=0', undefined],
  ['a=1\na=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'a=1'],
  ['a=1; Expires=some day', 'a=1'],
  ['=1\nno pair\n a b=1\na=\u0001\na=é', undefined],
  [`a=${'x'.repeat(9_000)}`, undefined],
])('what %j sets is sent as %j', (lines, cookie) => {
  expect(sent(lines)['cookie']).toBe(cookie);
});

test.each(['http://shop.test/', 'https://shop.test:8443/', 'https://www.shop.test/'])(
  '%s is another origin',
  (url) => {
    expect(sent('sid=1', new URL(url))).toEqual({});
  },
);

test("the check's own cookies come first", () => {
  expect(sent('sid=1', SHOP, { cookie: 'consent=yes', accept: '*/*' })).toEqual({
    cookie: 'consent=yes; sid=1',
    accept: '*/*',
  });
});

test('there are at most 50, and 8 KiB of them', () => {
  const many = Array.from({ length: 60 }, (_, i) => `c${i}=1`).join('\n');
  expect(sent(many)['cookie']?.split('; ')).toHaveLength(50);
  const long = Array.from({ length: 10 }, (_, i) => `c${i}=${'x'.repeat(1_000)}`).join('\n');
  expect(sent(long)['cookie']?.length).toBeLessThanOrEqual(8_192);
});
