/** The kinds of value that a person writes into checks.yml. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  duration,
  e164,
  hostPort,
  httpUrl,
  parseDuration,
  printDuration,
  regex,
  secretText,
} from '../../src/system/values.ts';

function read(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  return result.success ? result.data : result.error.issues.map(({ message }) => message);
}

describe('duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['14d', 1_209_600_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['90m', 5_400_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms });
  });

  it.each<[unknown, string]>([
    [5, '5 has no unit: did you mean 5s?'],
    [600, '600 has no unit: did you mean 600s?'],
    [5_000, '5000 has no unit: did you mean 5000ms?'],
    [3_600, '3600 has no unit: did you mean 3600s?'],
    [0.5, '0.5 has no unit: did you mean 500ms?'],
    [-5, 'a duration cannot be negative'],
    ['-1s', 'a duration cannot be negative'],
    ['60', '60 has no unit: did you mean 60s?'],
    ['5 m', 'expected a duration such as 30s, 5m or 1h30m, got "5 m": did you mean 5m?'],
    ['30S', 'expected a duration such as 30s, 5m or 1h30m, got "30S": did you mean 30s?'],
    ['2 hours', 'expected a duration such as 30s, 5m or 1h30m, got "2 hours": did you mean 2h?'],
    ['1.5s', 'expected a duration such as 30s, 5m or 1h30m, got "1.5s"'],
    ['1e999s', 'expected a duration such as 30s, 5m or 1h30m, got "1e999s"'],
    ['30m1h', 'expected a duration such as 30s, 5m or 1h30m, got "30m1h"'],
    ['', 'expected a duration such as 30s, 5m or 1h30m, got ""'],
    [`${'9'.repeat(400)}d`, `"${'9'.repeat(39)}…" is longer than ten years`],
    [true, 'expected a duration such as 30s, 5m or 1h30m'],
    ['1s', '1s is too short: at least 2s'],
    ['2h', '2h is too long: at most 1h'],
  ])('%j is refused', (input, why) => {
    expect(read(duration({ min: 2_000, max: 3_600_000 }), input)).toEqual([why]);
  });

  it('what is printed reads as it was', () => {
    fc.assert(
      fc.property(fc.nat({ max: 315_360_000_000 }), (ms) => {
        expect(parseDuration(printDuration(ms))).toEqual({ ms });
      }),
    );
  });
});

describe('host:port', () => {
  it.each([
    ['db.internal:5432', { host: 'db.internal', port: 5432 }],
    ['127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['café.example:80', { host: 'café.example', port: 80 }],
  ])('%s', (text, parsed) => {
    expect(read(hostPort(), text)).toEqual(parsed);
  });
  it.each([
    ['a:0', 'the port must be from 1 to 65535, not 0'],
    ['a:65536', 'the port must be from 1 to 65535, not 65536'],
    ['a', 'expected host:port: "a" has no port'],
    ['::1', 'expected a port: write [::1]:443'],
    ['2001:db8::1:443', 'expected a port: write [2001:db8::1]:443'],
    ['[a]:1', 'expected an IPv6 address in the brackets'],
    ['1.2.3:80', '"1.2.3" is not an address'],
    ['user@a:1', 'expected host:port, such as db.internal:5432 or [::1]:8080'],
    ['https://a:1', 'expected host:port without a scheme, such as db.internal:5432'],
  ])('%s is refused', (text, why) => {
    expect(read(hostPort(), text)).toEqual([why]);
  });
  it('may leave the port to the system where that is asked for', () => {
    expect(read(hostPort({ anyPort: true }), 'localhost:0')).toEqual({
      host: 'localhost',
      port: 0,
    });
  });
});

describe('URLs, patterns, numbers', () => {
  it.each(['http://a/', 'https://example.com:8443/x?y=1#z', 'HTTPS://[::1]/'])('%s', (text) => {
    expect(read(httpUrl(), text)).toBe(text);
  });
  it.each(['http://', 'http:///', 'https://a b/', 'http:a', 'javascript:1', '//a/', ''])(
    '%j is not a URL to look at',
    (text) => {
      expect(read(httpUrl(), text)).toEqual([expect.any(String)]);
    },
  );
  it('never repeats a URL, which may hold a secret', () => {
    for (const url of ['https://ana:hunter2@a/', 'ftp://hunter2/', 'https://hunter2 /']) {
      expect(JSON.stringify(read(httpUrl(), url))).not.toContain('hunter2');
    }
  });
  it('patterns are RE2: what could hang is refused', () => {
    expect(read(regex(), '^(a+)+$')).toBe('^(a+)+$');
    expect(read(regex(), '(?<=a)b')).toEqual([expect.stringContaining('is not an RE2 pattern')]);
    expect(read(regex(), '(a)\\1')).toEqual([expect.stringContaining('is not an RE2 pattern')]);
  });
  it('a phone number has its country code, and is never repeated', () => {
    expect(read(e164(), '+351912345678')).toBe('+351912345678');
    for (const bad of ['213456789', '00351213456789', '+351 213 456 789', '+0351213456789']) {
      const why = JSON.stringify(read(e164(), bad));
      expect(why).toContain('expected a phone number such as');
      expect(why).not.toContain(bad);
    }
    expect(read(e164(), '213456789')).toEqual([expect.stringContaining('country code')]);
  });
  it('a secret must be there', () => {
    expect(read(secretText(), '')).toEqual(['must not be empty']);
    expect(read(secretText(), 1234)).toEqual(['expected text: put it in quotes']);
  });
});
