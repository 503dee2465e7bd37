/**
 * A program of one's own on this machine: argv without a shell, the environment that is written here
 * and no other, what to tell as JSON on its standard input. It ends within the attempt's deadline,
 * or is killed with all that it has started. What it prints is not repeated: it may hold anything.
 */
import { z } from 'zod';
import type { FailReason, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import type { NotRun } from '../system/program.ts';
import { argv, environment } from '../system/values.ts';
import { eventOf } from './_event.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({
  command: argv().meta({ examples: [['/usr/local/bin/tell', '--loud']] }),
  env: environment(),
});
type Options = z.infer<typeof options>;

const OUTPUT_MAX_BYTES = 64 * 1024;
/** The attempt's own deadline comes first: it aborts the signal. */
const NEVER_MS = 600_000;
/** sysexits.h: what a program may say of why it failed. */
const SAID: ReadonlyMap<number | null, FailReason> = new Map([
  [67, 'address'],
  [77, 'auth'],
  [78, 'refused'],
]);
const NOT_RUN: Readonly<
  Record<NotRun['failure'], Outcome['outcome'] & ('refused' | 'unconfirmed')>
> = {
  missing: 'refused',
  forbidden: 'refused',
  internal: 'refused',
  timeout: 'unconfirmed',
  too_large: 'unconfirmed',
};

export const exec: Channel<Options, string> = {
  type: 'exec',
  options,
  address: null,
  forMachines: true,
  reaches: () => ['localhost'],
  render(letter: Letter): string {
    const { notification, reader } = letter;
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const { key, kind, responder } = notification;
    const to = responder === null ? null : { id: responder, name: reader.name };
    const told = { key, kind, responder: to, title, lines, link: reader.link };
    return `${JSON.stringify({ ...eventOf(letter), ...told })}\n`;
  },
  async send(input, { command, env }, { run, signal }: Line): Promise<Outcome> {
    const [path = '', ...args] = command;
    const argv = [path, ...args] as const;
    const ran = await run({
      argv,
      env,
      input,
      maxBytes: OUTPUT_MAX_BYTES,
      timeoutMs: NEVER_MS,
      signal,
    });
    if ('failure' in ran) {
      const reason = ran.failure === 'timeout' ? 'timeout' : 'refused';
      return { outcome: NOT_RUN[ran.failure], reason, detail: ran.detail };
    }
    if (ran.exitCode === 0) return { outcome: 'accepted', reference: null };
    const detail =
      ran.exitCode === null ? `ended by ${ran.killedBy ?? 'a signal'}` : `exit ${ran.exitCode}`;
    const reason = SAID.get(ran.exitCode);
    if (reason !== undefined) return { outcome: 'refused', reason, detail };
    return { outcome: 'deferred', reason: 'server', detail };
  },
};
