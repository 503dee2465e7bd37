import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlugin } from '../../src/probes/_perfdata.ts';

const of = (printed: string) =>
  Object.fromEntries(readPlugin(printed).perfdata.map(({ label, value }) => [label, value]));

describe('what a plugin prints', () => {
  test.each<[string, string, Record<string, number>]>([
    ['PING OK', 'PING OK', {}],
    [
      'HTTP OK: HTTP/1.1 200 OK - 99 bytes in 0.021 second |time=0.020683s;1.000;2.000;0;10 size=99B;;;0;',
      'HTTP OK: HTTP/1.1 200 OK - 99 bytes in 0.021 second',
      { time: 0.020683, size: 99 },
    ],
    ['OK | a=1 b=2.5ms c=3us d=4KB e=-5', 'OK', { a: 1, b: 0.0025, c: 0.000003, d: 4096, e: -5 }],
    [
      "DISK | '/var/lib'=80%;90;95 'it''s'=1c 'a b'=.5MB",
      'DISK',
      {
        ...{ '/var/lib': 80, "it's": 1, 'a b': 524_288 },
      },
    ],
    ['OK | load=U time=1;@10:20;~:30', 'OK', { time: 1 }],
    ['OK | = =1 x= y=z w=1e400 v=2', 'OK', { v: 2 }],
    ['OK | a=1\nlong text\nmore | b=2\nc=3', 'OK', { a: 1, b: 2, c: 3 }],
    ['OK\nno data | d=4', 'OK', { d: 4 }],
    ['\n\nLATE\n', 'LATE', {}],
    ['', '', {}],
  ])('%j says %j', (printed, text, measured) => {
    expect(readPlugin(printed).text).toBe(text);
    expect(of(printed)).toEqual(measured);
  });

  test('is read within bounds, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (printed) => {
        const { text, perfdata } = readPlugin(`x|${printed}`);
        expect(text.length).toBeLessThanOrEqual(200);
        for (const { label, value } of perfdata) {
          expect(label.length).toBeLessThanOrEqual(40);
          expect(Number.isFinite(value)).toBe(true);
        }
      }),
    );
    const many = Array.from({ length: 100 }, (_, at) => `m${at}=1`).join(' ');
    expect(readPlugin(`OK | ${many}`).perfdata).toHaveLength(20);
    expect(readPlugin(`${'y'.repeat(300)}|a=1`).text).toHaveLength(200);
  });
});
