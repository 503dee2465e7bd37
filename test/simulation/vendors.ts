/**
 * Those who carry messages, as bad as they are in life: they take a message and do not say so, say so
 * late, refuse, hang, lie about what arrived. Their journal is the truth about what was sent.
 */
import type { AnyChannel, Letter, Spoken } from '../../src/channels/channel.ts';
import type { Facts, NotificationKind, Outcome } from '../../src/incident/notification.ts';
import { sms } from '../../src/message/sms.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export interface Message {
  readonly key: string;
  readonly kind: NotificationKind;
  /** Ids of incidents; several for a bundle. */
  readonly about: readonly string[];
  /** The first of them; empty for an answer about none. */
  readonly incident: string;
  readonly code: string | null;
  readonly facts: Facts;
  readonly responder: string | null;
  readonly channel: string;
  readonly to: string;
  readonly body: string;
}

interface Taken {
  readonly message: Message;
  readonly at: number;
  readonly reference: string;
}

/** Of one channel, in force for a while. */
type Mood = 'well' | 'out' | 'hangs' | 'limits' | 'denies';

const MINUTE = 60_000;
const KEPT = 200;

export class Vendors {
  readonly #world: World;
  readonly #moods = new Map<string, Mood>();
  readonly inbox: Spoken[] = [];
  /** By reference: what becomes of an SMS where that is told. */
  readonly #fates = new Map<string, { readonly knownAt: number; readonly outcome: Outcome }>();
  #taken: Taken[] = [];
  #references = 0;

  constructor(world: World) {
    this.#world = world;
    const moods = [
      ['vendor outages', 'out'],
      ['vendor hangs', 'hangs'],
      ['rate limits', 'limits'],
      ['refusals', 'denies'],
    ] as const;
    for (const [fault, mood] of moods) {
      if (world.faults.has(fault)) {
        world.keep(world.dice.vendors, 30 * MINUTE, () => this.#spell(mood));
      }
    }
  }

  /** A quiet time begins. */
  mend(): void {
    this.#moods.clear();
  }

  /** A person has sent words to our number. */
  say(from: string, text: string, times = 1): void {
    const sentAt = Math.floor(this.#world.loop.now / 1_000) * 1_000;
    for (let n = 0; n < times; n++) {
      this.inbox.push({ from, text, sentAt, reference: `SM${this.#references++}` });
    }
  }

  channels(process: Process): ReadonlyMap<string, AnyChannel> {
    const of = (
      id: string,
      address: 'sms' | 'email' | null,
      more: object,
    ): [string, AnyChannel] => [
      id,
      {
        type: id,
        options: undefined as never,
        address,
        render: (letter: Letter) => this.#render(id, letter),
        send: (message: Message) => (process.isAlive ? this.#send(process, message) : NEVER),
        ...more,
      },
    ];
    return new Map([
      of('sms', 'sms', {
        find: (message: Message, since: number) => this.#find(process, message, since),
        follow: (reference: string) => this.#follow(process, reference),
        listen: (cursor: string | null) => this.#listen(process, cursor),
      }),
      of('email', 'email', {}),
      of('lifeline', null, {}),
    ]);
  }

  #render(channel: string, { notification, to, reader }: Letter): Message {
    const { key, kind, about, responder, facts } = notification;
    const { faults, dice, isQuiet } = this.#world;
    if (faults.has('poisoned message') && !isQuiet && dice.vendors.chance(0.02)) {
      throw new TypeError('poisoned');
    }
    const message: Message = {
      key,
      kind,
      incident: about[0] ?? '',
      about,
      code: 'code' in facts ? facts.code : null,
      facts,
      responder,
      channel,
      to: to ?? channel,
      body: sms(facts, kind, reader),
    };
    this.#world.checkers.attemptBegins(message);
    return message;
  }

  #send(process: Process, message: Message): Promise<Outcome> {
    const world = this.#world;
    const { faults, isQuiet } = world;
    const dice = world.dice.vendors;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const say = (outcome: Outcome): void => {
      process.later(dice.between(20, 400), () => resolve(outcome));
    };
    world.checkers.sent(message);
    const isOff = (fault: Parameters<typeof faults.has>[0], share: number): boolean =>
      !isQuiet && faults.has(fault) && dice.chance(share);
    if (world.targets.cut !== null) {
      say({ outcome: 'deferred', reason: 'network', detail: 'unreachable' });
      return promise;
    }
    const mood = this.#moods.get(message.channel) ?? 'well';
    if (mood !== 'well') {
      const answer = MOODS[mood];
      if (answer) say(answer);
      return promise;
    }
    if (isOff('lost answers', 0.15)) {
      this.#take(message);
      // Half of them never say a word; the other half break off.
      if (dice.chance(0.5)) say({ outcome: 'unconfirmed', reason: 'network', detail: 'reset' });
      return promise;
    }
    if (isOff('late acceptance', 0.05)) {
      world.loop.after(dice.between(9_000, 30_000), () => this.#take(message));
      return promise;
    }
    if (isOff('refusals', 0.05)) {
      say({ outcome: 'refused', reason: 'address', detail: 'no such number' });
      return promise;
    }
    const reference = this.#take(message);
    say({ outcome: 'accepted', reference });
    if (!isQuiet) this.#report(message, reference);
    return promise;
  }

  /** What becomes of a message, told later; not always the truth, nor once, nor in order. */
  #report(message: Message, reference: string): void {
    const world = this.#world;
    const { faults, loop } = world;
    const dice = world.dice.vendors;
    const submit = (outcome: Outcome): void => {
      const pipeline = world.process?.core?.pipeline;
      void pipeline?.submit({ type: 'receipt', key: message.key, retryAt: null, ...outcome });
    };
    if (faults.has('receipts')) {
      for (let times = dice.between(0, 3); times > 0; times--) {
        loop.after(dice.between(1, 60_000), () => submit({ outcome: 'delivered', reference }));
      }
    }
    if (faults.has('lies') && dice.chance(0.2)) {
      loop.after(dice.between(1_000, 60_000), () => {
        submit({ outcome: 'refused', reason: 'address', detail: 'undelivered' });
      });
    }
  }

  #find(process: Process, message: Message, since: number): Promise<Outcome | null> {
    const world = this.#world;
    const dice = world.dice.vendors;
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    const say = (outcome: Outcome | null): void => {
      process.later(dice.between(20, 400), () => resolve(outcome));
    };
    const isBroken = !world.isQuiet && world.faults.has('lookups fail') && dice.chance(0.3);
    if (isBroken || world.targets.cut !== null) {
      say({ outcome: 'unconfirmed', reason: 'network', detail: 'reset' });
      return promise;
    }
    const found = this.#taken.find(({ message: { to, body, channel }, at }) => {
      const isIt = channel === message.channel && to === message.to && body === message.body;
      return isIt && at >= since - 5_000;
    });
    say(found ? { outcome: 'accepted', reference: found.reference } : null);
    return promise;
  }

  #listen(process: Process, cursor: string | null) {
    const world = this.#world;
    const dice = world.dice.vendors;
    type Heard = { spoken: readonly Spoken[]; cursor: string } | { failure: string };
    const { promise, resolve } = Promise.withResolvers<Heard>();
    const say = (answer: Heard): void => {
      process.later(dice.between(20, 200), () => resolve(answer));
    };
    if (world.targets.cut !== null || (this.#moods.get('sms') ?? 'well') !== 'well') {
      say({ failure: 'HTTP 503' });
      return promise;
    }
    const from = cursor === null ? this.inbox.length : Number(cursor);
    const spoken = this.inbox.slice(from);
    // The same words may come by two ways at once.
    if (world.faults.has('double acks') && dice.chance(0.5)) spoken.push(...spoken);
    say({ spoken, cursor: String(this.inbox.length) });
    return promise;
  }

  #take(message: Message): string {
    const reference = `SM${this.#references++}`;
    if (message.channel === 'sms') this.#decideFate(reference);
    this.#taken.push({ message, at: this.#world.loop.now, reference });
    if (this.#taken.length > 2 * KEPT) this.#taken = this.#taken.slice(KEPT);
    this.#world.taken(message);
    return reference;
  }

  /** It arrives, gets lost, or nobody ever says. */
  #decideFate(reference: string): void {
    const { faults, dice, isQuiet, loop } = this.#world;
    if (!faults.has('proof of delivery')) return;
    const die = dice.vendors;
    const isBad = !isQuiet && die.chance(0.2);
    if (isBad && die.chance(0.5)) return;
    const outcome: Outcome = isBad
      ? { outcome: 'refused', reason: 'address', detail: 'undelivered' }
      : { outcome: 'delivered', reference };
    this.#fates.set(reference, { knownAt: loop.now + die.between(500, 90_000), outcome });
  }

  #follow(process: Process, reference: string): Promise<Outcome | null> {
    const { dice, loop, targets } = this.#world;
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    process.later(dice.vendors.between(20, 400), () => {
      const fate = this.#fates.get(reference);
      resolve(targets.cut === null && fate && fate.knownAt <= loop.now ? fate.outcome : null);
    });
    return promise;
  }

  #spell(mood: Mood): void {
    const { loop, dice } = this.#world;
    const channel = dice.vendors.pick(['sms', 'email', 'lifeline']);
    this.#moods.set(channel, mood);
    this.#world.note(() => `${channel} ${mood}`);
    loop.after(dice.vendors.wait(4 * MINUTE), () => {
      if (this.#moods.get(channel) === mood) this.#moods.delete(channel);
      this.#world.note(() => `${channel} is well`);
    });
  }
}

/** What a dead process hears. */
const NEVER = new Promise<never>(() => {});

/** null: no answer at all. */
const MOODS: Readonly<Record<Exclude<Mood, 'well'>, Outcome | null>> = {
  out: { outcome: 'deferred', reason: 'server', detail: 'HTTP 503' },
  hangs: null,
  limits: { outcome: 'deferred', reason: 'rate_limited', detail: 'HTTP 429', retryAfterMs: 5_000 },
  denies: { outcome: 'refused', reason: 'auth', detail: 'HTTP 401' },
};
