import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { consoleChannel } from '../../src/channels/console.ts';
import type { Line } from '../../src/channels/channel.ts';
import { hands } from '../contract/hands.ts';
import { facts, HOSTILE_NAMES } from '../message/facts.ts';
import { letter } from './letters.ts';

const line = (signal: AbortSignal): Line => ({ ...hands(), signal });

describe('the console', () => {
  it('prints the page, and says so when it is out', async () => {
    const text = consoleChannel.render(letter(), {});
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((_text, ...rest) => {
      const done = rest.at(-1) as (() => void) | undefined;
      done?.();
      return true;
    });
    const outcome = await consoleChannel.send(text, {}, line(new AbortController().signal));
    expect(write.mock.calls[0]?.[0]).toBe(text);
    write.mockRestore();
    expect(outcome).toEqual({ outcome: 'accepted', reference: null });
  });

  it('is unconfirmed on a terminal that takes nothing', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => false);
    const deadline = new AbortController();
    const sending = consoleChannel.send('x', {}, line(deadline.signal));
    deadline.abort();
    write.mockRestore();
    expect(await sending).toMatchObject({ outcome: 'unconfirmed', reason: 'timeout' });
  });

  it('reaches a real pipe', () => {
    const script = `
      import { consoleChannel } from './src/channels/console.ts';
      const signal = new AbortController().signal;
      const { outcome } = await consoleChannel.send('a page\\n', {}, { signal });
      process.stderr.write(outcome);`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect([String(ran.stdout), String(ran.stderr)]).toEqual(['a page\n', 'accepted']);
  });

  it.each(HOSTILE_NAMES)('lets no name (%#) move the cursor or fake a frame', (name) => {
    const example = { name: 'hostile', kind: 'page', facts: facts({ name, says: name }) } as const;
    const text = consoleChannel.render(letter(example), {});
    // eslint-disable-next-line no-control-regex -- that there are none is what is tested
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    for (const row of text.trim().split('\n')) expect(row).toMatch(/^(\+--|\| )/);
    expect(text.match(/^\+--/gm)).toHaveLength(2);
  });
});
