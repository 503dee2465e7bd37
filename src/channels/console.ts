/**
 * The console channel: prints the message where the daemon runs. It is what pages when nothing else
 * is configured, so it needs no account and no network; it reaches whoever is looking.
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import type { Channel, Letter } from './channel.ts';

const options = z.strictObject({});
type Options = z.infer<typeof options>;

export const consoleChannel: Channel<Options, string> = {
  type: 'console',
  options,
  address: null,
  isLocal: true,
  reaches: () => ['localhost'],
  render({ notification, reader }: Letter): string {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const to = reader.name === null ? '' : ` to ${reader.name}`;
    const body = reader.link === null ? lines : [...lines, reader.link];
    const framed = [title, ...body].map((line) => `| ${line}\n`).join('');
    return `\n+-- ${notification.kind}${to}\n${framed}+--\n`;
  },
  /** A terminal that is stopped (Ctrl-S), or a full pipe, never calls back. */
  send(text, _options, { signal }): Promise<Outcome> {
    return new Promise((resolve) => {
      const giveUp = () => {
        resolve({ outcome: 'unconfirmed', reason: 'timeout', detail: 'stdout does not drain' });
      };
      signal.addEventListener('abort', giveUp, { once: true });
      process.stdout.write(text, (error) => {
        signal.removeEventListener('abort', giveUp);
        if (!error) resolve({ outcome: 'accepted', reference: null });
        else resolve({ outcome: 'deferred', reason: 'network', detail: `stdout: ${error.name}` });
      });
    });
  },
};
