import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { cutToSeptets, septets, transliterate } from '../../src/message/gsm7.ts';

describe('the GSM-7 alphabet', () => {
  it('has 128 characters of one septet but the escape, and 9 of two', () => {
    const all = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
    expect(all.filter((letter) => septets(letter) === 1)).toHaveLength(127);
    expect(all.filter((letter) => septets(letter) === 2).join('')).toBe('\f[\\]^{|}~€');
  });

  it("agrees with Twilio's own calculator on every character of the Basic Multilingual Plane", () => {
    for (let code = 0x20; code < 0xd800; code += 1) {
      const letter = String.fromCharCode(code);
      const known = new SegmentedMessage(letter).encodingName === 'GSM-7';
      if (known !== septets(letter) < Infinity) expect(letter).toBe('as the calculator has it');
    }
  });

  it.each([
    ['[DOWN]', 8],
    ['Reply 7K = ack.', 15],
    ['coração', Infinity],
    ['', 0],
  ])('takes %j to be %d septets', (text, expected) => {
    expect(septets(text)).toBe(expected);
  });
});

describe('transliterating', () => {
  it.each([
    ['Loja de coração', 'Loja de coracao'],
    ['É à Øresund ß ñ', 'É à Øresund ß ñ'],
    ['“quoted” ‘it’s’ — done…', "\"quoted\" 'it's' - done..."],
    ['Łódź Đorđe Ærø Œuvre þ', 'Lodz Dorde Ærø OEuvre th'],
    ['cache 🔥 on 👨‍👩‍👧‍👦', 'cache ? on ?'],
    ['店铺', '??'],
    ['non\u00A0breaking\tspace', 'non breaking space'],
    ['zero\u200Bwidth\u202Emarks', 'zerowidthmarks'],
    ['½ × 3 ≤ 4', '1/2 x 3 <= 4'],
    ['e\u0301', 'é'],
  ])('%j is %j', (text, expected) => {
    expect(transliterate(text)).toBe(expected);
  });

  it('ends in the alphabet, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const said = transliterate(text);
        expect(septets(said)).toBeLessThan(Infinity);
        expect(new SegmentedMessage(said).encodingName).toBe('GSM-7');
        expect(transliterate(said)).toBe(said);
      }),
    );
  });
});

describe('cutting', () => {
  it('never cuts a character of two septets in half', () => {
    expect(cutToSeptets('a[b', 2)).toBe('a');
    expect(cutToSeptets('a[b', 3)).toBe('a[');
    expect(cutToSeptets('abc', 0)).toBe('');
  });
});
