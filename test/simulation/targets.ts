/**
 * What is looked at, and the network in between: both break and mend on their own. The journal of
 * every check says what each look really saw, whatever the daemon made of it.
 */
import type { Config } from '../../src/config/config.ts';
import type { AnyProbe, Finding, Reason, Sight } from '../../src/probes/probe.ts';
import type { World } from './world.ts';

/** How a look came to nothing, or did not. `ours`: cut off; `fault`: the probe threw. */
type Seen = 'well' | 'slow' | 'bad' | 'ours' | 'fault';

export interface LookSeen {
  /** True time at which it ended. */
  readonly at: number;
  readonly seen: Seen;
  /** By what we were cut off when it began. */
  readonly cut: Cut;
}

type Cut = 'network' | 'resolver' | null;

interface Target {
  isBad: boolean;
  how: Reason | 'hang' | 'ignore';
  /** True time of the last change. */
  since: number;
}

interface Facts {
  readonly seen: Seen;
  readonly reason: Reason | null;
}

const MINUTE = 60_000;
const KEPT = 12;

export class Targets {
  readonly #world: World;
  readonly #targets = new Map<string, Target>();
  readonly #journal = new Map<string, LookSeen[]>();
  /** By what we are cut off ourselves. */
  cut: Cut = null;
  cutSince = -Infinity;
  #isSilent = false;

  constructor(world: World) {
    this.#world = world;
    const { faults } = world;
    if (faults.has('storms')) this.#keep(30 * MINUTE, () => this.#storm());
    for (const [fault, way] of [
      ['network cut', 'network'],
      ['resolver gone', 'resolver'],
    ] as const) {
      if (faults.has(fault)) this.#keep(40 * MINUTE, () => this.#cutOff(way));
    }
  }

  /** Is it bad, and since when? */
  truthOf(check: string): Target {
    const known = this.#targets.get(check);
    if (known) return known;
    const target: Target = { isBad: false, how: 'status', since: this.#world.loop.now };
    this.#targets.set(check, target);
    const { faults } = this.#world;
    if (check.startsWith('witness:')) return target;
    if (faults.has('outages')) this.#keep(25 * MINUTE, () => this.#break(check, 8 * MINUTE));
    if (faults.has('flapping')) this.#keep(3 * MINUTE, () => this.#break(check, 20_000));
    return target;
  }

  journalOf(check: string): readonly LookSeen[] {
    return this.#journal.get(check) ?? [];
  }

  /** A quiet time begins: we see again. Targets stay as they are. */
  see(): void {
    this.cut = null;
  }

  mendAll(): void {
    for (const check of this.#targets.keys()) this.#set(check, false);
  }

  probe(answer: (ms: number, work: () => void) => void): AnyProbe {
    return {
      type: 'simulated',
      target: () => '',
      options: undefined as never,
      gauges: [],
      observe: (options: { readonly id: string }, sight) =>
        this.#observe(options.id, sight, answer),
      assess: ({ seen, reason }: Facts): Finding[] => {
        if (seen === 'well') return [];
        return [
          {
            expectation: seen === 'slow' ? 'time' : 'status',
            level: seen === 'slow' ? 'warn' : 'expect',
            met: false,
            expected: 'well',
            seen,
            reason: reason ?? 'status',
            brief: `not well: ${String(reason)}`,
          },
        ];
      },
    };
  }

  #observe(
    check: string,
    { signal, timeoutMs }: Sight,
    answer: (ms: number, work: () => void) => void,
  ): Promise<Facts> {
    const { faults, dice, isQuiet, config } = this.#world;
    const target = this.truthOf(check);
    const die = dice.looks;
    if (faults.has('poisoned probe') && !isQuiet && check === 'shop' && die.chance(0.2)) {
      this.#saw(check, 'fault');
      throw new TypeError('poisoned');
    }
    const { promise, resolve } = Promise.withResolvers<Facts>();
    const { cut } = this;
    const tell = (seen: Seen, reason: Reason | null): void => {
      this.#saw(check, seen, cut ?? this.cut);
      resolve({ seen, reason });
    };
    const atTimeout = (seen: Seen, reason: Reason): void => {
      if (signal.aborted) tell(seen, reason);
      else signal.addEventListener('abort', () => tell(seen, reason));
    };
    if (this.#isCutOff(config, check)) {
      const reason = this.cut === 'resolver' ? 'dns' : 'unreachable';
      if (this.#isSilent) atTimeout('ours', reason === 'dns' ? 'dns' : 'timeout');
      else answer(die.between(1, 50), () => tell('ours', reason));
      return promise;
    }
    const isBad = target.isBad && !check.startsWith('witness:');
    if (!isBad) {
      const isSlow = faults.has('hanging targets') && !isQuiet && die.chance(0.02);
      const tookMs = isSlow ? die.between(10, timeoutMs) : die.between(1, 40);
      answer(tookMs, () => {
        // What was on its way when the network went does not arrive.
        if (this.cut === 'network' && this.#isCutOff(config, check)) atTimeout('ours', 'timeout');
        else tell(isSlow ? 'slow' : 'well', isSlow ? 'slow' : null);
      });
      return promise;
    }
    if (target.how === 'hang') atTimeout('bad', 'timeout');
    else if (target.how === 'ignore') this.#saw(check, 'bad');
    else {
      const { how } = target;
      answer(die.between(1, 40), () => tell('bad', how));
    }
    return promise;
  }

  #saw(check: string, seen: Seen, cut: Cut = null): void {
    const journal = this.#journal.get(check) ?? [];
    this.#journal.set(check, journal);
    journal.push({ at: this.#world.loop.now, seen, cut });
    if (journal.length > KEPT) journal.shift();
  }

  #isCutOff(config: Config, check: string): boolean {
    if (this.cut === null) return false;
    const target = (config.checks.get(check) ?? config.self.witnesses.get(check))?.target ?? '';
    const type = config.self.witnesses.get(check)?.type;
    if (this.cut === 'network') return type !== 'dns';
    return type === 'dns' || !/^\d/.test(target);
  }

  #break(check: string, meanMs: number): void {
    const { loop, dice, faults } = this.#world;
    const hows = faults.has('hanging targets') ? HANGING : ANSWERING;
    this.#set(check, true, dice.targets.pick(hows));
    loop.after(dice.targets.wait(meanMs), () => {
      if (!this.#world.isQuiet) this.#set(check, false);
    });
  }

  #storm(): void {
    for (const check of this.#targets.keys()) this.#break(check, 5 * MINUTE);
  }

  #set(check: string, isBad: boolean, how: Target['how'] = 'status'): void {
    const target = this.#targets.get(check);
    if (target?.isBad === isBad) return;
    const since = this.#world.loop.now;
    this.#targets.set(check, { isBad, how, since });
    this.#world.note(() => `${check} ${isBad ? `breaks: ${how}` : 'is mended'}`);
  }

  #cutOff(way: 'network' | 'resolver'): void {
    const { faults, dice, loop } = this.#world;
    this.#isSilent = faults.has('silent network') && dice.targets.chance(0.5);
    this.cut = way;
    this.cutSince = loop.now;
    this.#world.note(() => `${way} is cut${this.#isSilent ? ', silently' : ''}`);
    loop.after(dice.targets.wait(3 * MINUTE), () => {
      if (this.cut === way) this.cut = null;
      this.#world.note(() => `${way} is back`);
    });
  }

  /** Every `meanMs` on average, except in a quiet time. */
  #keep(meanMs: number, work: () => void): void {
    this.#world.keep(this.#world.dice.targets, meanMs, work);
  }
}

const ANSWERING = ['status', 'refused', 'reset', 'timeout'] as const;
const HANGING = ['status', 'hang', 'hang', 'ignore'] as const;
