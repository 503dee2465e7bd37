/**
 * `tocsin test CHANNEL`: one message, marked as a test, sent from here and now, what the vendor said
 * to it, and where it can say more later, whether it arrived. It needs no daemon, and says nothing to
 * anybody about incidents.
 */
import { channels } from '../channels/index.ts';
import type { Line } from '../channels/channel.ts';
import type { Config } from '../config/config.ts';
import { nearest } from '../config/suggest.ts';
import { addressOf, readerOf, wayOf, type Way } from '../directory.ts';
import type { Notification, Outcome } from '../incident/notification.ts';
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { programRunner } from '../system/program.ts';
import { readConfig } from './_settings.ts';

import { show, type AddCommand, type CommonOptions, type Terminal } from './terminal.ts';

const PATIENCE_MS = 15_000;
/** A receipt that takes longer than `failover` does not help a page either. */
const RECEIPT_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 2_000;

type Options = CommonOptions & { to?: string; wait: boolean };

export const addTest: AddCommand = (program, terminal, end) => {
  program
    .command('test')
    .argument('<channel>', "a channel's id")
    .description("send one marked message and print the vendor's answer")
    .option('--to <responder>', 'whom; needed where the channel reaches people')
    .option('--no-wait', 'do not wait, a minute at most, for the receipt')
    .option('--json', 'as JSON')
    .action(async (id: string, options: Options) => {
      const config = await readConfig(options.config, terminal);
      if (config === null) {
        end(2);
        return;
      }
      const outcome = await sendTest(config, id, options, terminal);
      if ('usage' in outcome) {
        terminal.err(outcome.usage);
        end(2);
        return;
      }
      const isWell = outcome.outcome === 'accepted' || outcome.outcome === 'delivered';
      show(outcome, options, terminal, () => [`${id}: ${inWords(outcome)}`]);
      end(isWell ? 0 : 1);
    });
};

async function sendTest(
  config: Config,
  id: string,
  { to, wait }: Options,
  terminal: Terminal,
): Promise<Outcome | { readonly usage: string }> {
  const way = wayOf(config, channels, id);
  if (!way) return { usage: noSuch('channel', id, config.channels.keys()) };
  const kind = way.config.address;
  if (to !== undefined && !config.responders.has(to)) {
    return { usage: noSuch('responder', to, config.responders.keys()) };
  }
  const address = kind === null || to === undefined ? null : addressOf(config, to, kind);
  if (kind !== null && address === null) {
    const who = to === undefined ? '--to RESPONDER is needed' : `${to} has no ${kind} address`;
    return { usage: `${id} reaches people by ${kind}: ${who}` };
  }
  const clock = systemClock();
  const transport = createTransport({ resolver: new OwnResolver({ clock }), clock });
  const notification = testNotification(id, to ?? null, clock.now());
  const reader = { ...readerOf(config, notification, way.config, null), canAnswer: false };
  const letter = { notification, to: address, reader, incident: null, callback: null };
  await way.channel.load?.();
  const message: unknown = way.channel.render(letter, way.config.options);
  const run = programRunner(clock);
  const line = () => ({ clock, transport, run, signal: AbortSignal.timeout(PATIENCE_MS) });
  const outcome = await way.channel.send(message, way.config.options, line());
  const ended = wait ? await followed(way, outcome, line, terminal) : outcome;
  await transport.close();
  return ended;
}

/** Accepted is not delivered: the vendor is asked until it knows. */
async function followed(
  { channel, config: { options, proof } }: Way,
  sent: Outcome,
  line: () => Line,
  terminal: Terminal,
): Promise<Outcome> {
  const reference = sent.outcome === 'accepted' ? sent.reference : null;
  if (reference === null || proof !== 'receipt' || !channel.follow) return sent;
  terminal.err(`accepted (${reference}): waiting for the receipt, a minute at most`);
  const { clock } = line();
  for (const end = clock.monotonic() + RECEIPT_WITHIN_MS; clock.monotonic() < end;) {
    await new Promise<void>((resolve) => void clock.alarm(clock.now() + ASK_EVERY_MS, resolve));
    const fate = await channel.follow(reference, options, line());
    if (fate?.outcome === 'delivered' || fate?.outcome === 'refused') return fate;
  }
  return sent;
}

function testNotification(channel: string, responder: string | null, now: number): Notification {
  return {
    key: `test.${channel}.${String(now)}`,
    kind: 'drill',
    about: [],
    responder,
    channel,
    state: 'queued',
    reason: null,
    facts: { event: 'test', text: 'Test of Tocsin: nothing is wrong.' },
    at: now,
    dueAt: now,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
  };
}

function inWords(outcome: Outcome): string {
  if ('reason' in outcome) return `${outcome.outcome}: ${outcome.reason}, ${outcome.detail}`;
  const reference = outcome.reference === null ? '' : ` (${outcome.reference})`;
  return `${outcome.outcome}${reference}`;
}

function noSuch(noun: string, id: string, known: Iterable<string>): string {
  const all = [...known];
  const like = nearest(id, all);
  const hint = like === null ? `there are ${all.join(', ')}` : `did you mean "${like}"?`;
  return `no ${noun} "${id}": ${hint}`;
}
