/**
 * Every message that a person or a machine reads, as it reads. A change of words shows up here as a
 * diff of a file in test/golden; UPDATE_GOLDEN=1 writes them anew.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AddressKind } from '../../src/config/config.ts';
import { channels } from '../../src/channels/index.ts';
import { EXAMPLES, type Example } from '../message/facts.ts';
import { ANAS_NUMBER, ANAS_PUSHOVER, ANAS_TELEGRAM, letter, OPTIONS } from './letters.ts';

const GOLDEN = new URL('../golden/', import.meta.url);
const ADDRESSES: Readonly<Record<AddressKind, string>> = {
  sms: ANAS_NUMBER,
  email: 'ana@example.com',
  pushover: ANAS_PUSHOVER,
  telegram: ANAS_TELEGRAM,
};
const updating = process.env['UPDATE_GOLDEN'] === '1';

describe.each([...channels])('%s', (type, channel) => {
  const folder = new URL(`${type}/`, GOLDEN);
  const to = channel.address === null ? null : ADDRESSES[channel.address];
  const canAnswer = channel.answerable?.(OPTIONS[type]) ?? false;
  // Machines are told of each incident by itself.
  const told = EXAMPLES.filter(({ facts }) => !('bundle' in facts) || channel.forMachines !== true);
  const render = (example: Example, callback: string | null) => {
    const whole = { ...letter(example, to, canAnswer), callback };
    const rendered: unknown = channel.render(whole, OPTIONS[type]);
    return typeof rendered === 'string'
      ? { ending: 'txt', text: rendered }
      : { ending: 'json', text: `${JSON.stringify(rendered, null, 2)}\n` };
  };
  const hooks = `https://status.example.com/hooks/${channel.vendor ?? ''}`;
  const isCalled = channel.isCalled?.(OPTIONS[type]) === true;
  const written = told.flatMap((example) => {
    const { ending, text } = render(example, null);
    // What is told where the vendor can reach us, if it is something else.
    const called = isCalled ? render(example, hooks).text : text;
    return [
      { file: `${example.name}.${ending}`, text },
      ...(called === text ? [] : [{ file: `${example.name}-called.${ending}`, text: called }]),
    ];
  });
  if (updating) {
    mkdirSync(folder, { recursive: true });
    for (const { file, text } of written) writeFileSync(new URL(file, folder), text);
  }

  it.each(written)('says $file as it did', ({ file, text }) => {
    expect(text).toBe(readFileSync(new URL(file, folder), 'utf8'));
  });

  it('has no golden file of a message that is gone', () => {
    expect(readdirSync(folder).sort()).toEqual(written.map(({ file }) => file).sort());
  });
});
