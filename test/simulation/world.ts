/**
 * A whole world for one daemon, made from a seed: the same parts as `src/daemon.ts` puts together, on
 * a clock, a disk, a network, vendors and people that fail as drawn by lot. A run is a wild time and
 * two quiet ones: first everything works but the targets stay as they are, then they are mended too.
 */
import type { Config } from '../../src/config/config.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { ReadonlyBoard } from '../../src/incident/board.ts';
import type { Change } from '../../src/incident/change.ts';
import { Checkers } from './checkers.ts';
import { Dice } from './dice.ts';
import { Disk } from './disk.ts';
import { drawFaults, type Fault } from './faults.ts';
import { Jobs } from './jobs.ts';
import { Ledger } from './ledger.ts';
import { Loop } from './loop.ts';
import { People } from './people.ts';
import { Process } from './process.ts';
import { drawRules, mended, withHandOvers, withProof } from './rules.ts';
import { Targets } from './targets.ts';
import { Vendors, type Message } from './vendors.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 2, 3);
/** A daemon holds its clock against the wall's every second. */
const NOTICED_MS = 500;
/** Incremental checkers look at what a step changed; all of it is looked at this often. */
const ALL_EVERY = 500;

const PURPOSES = [
  ...(['rules', 'looks', 'targets', 'vendors', 'people'] as const),
  ...(['disk', 'process', 'drills', 'turns'] as const),
] as const;
type Purpose = (typeof PURPOSES)[number];

export interface Setting {
  readonly seed: number;
  /** How long the wild times last together, ms. */
  readonly wildMs?: number;
  /** Instead of those that the seed draws. */
  readonly faults?: ReadonlySet<Fault>;
  /** Keeps the event log. */
  readonly isLogged?: boolean;
}

export class World {
  readonly loop = new Loop(START);
  readonly seed: number;
  readonly faults: ReadonlySet<Fault>;
  readonly dice: Readonly<Record<Purpose, Dice>>;
  readonly ledger = new Ledger();
  readonly checkers: Checkers;
  readonly targets: Targets;
  readonly disk: Disk;
  readonly vendors: Vendors;
  readonly people: People;
  readonly log: string[] = [];
  /** In force, or would be if a daemon ran. */
  config: Config;
  /** What is written in the file. */
  file: LoadedConfig;
  process: Process | null = null;
  isQuiet = false;
  /** By check: the true time since when it is configured. */
  readonly knownSince = new Map<string, number>();
  /** The machine's wall clock minus true time. */
  wallOffset = 0;
  wasSetBack = false;
  readonly #isLogged: boolean;
  readonly #wildMs: number;

  constructor(setting: Setting) {
    const { seed } = setting;
    this.seed = seed;
    this.#isLogged = setting.isLogged ?? false;
    this.faults = setting.faults ?? drawFaults(new Dice(seed, 'faults'));
    const dice = PURPOSES.map((purpose) => [purpose, new Dice(seed, purpose)]);
    this.dice = Object.fromEntries(dice) as Record<Purpose, Dice>;
    this.#wildMs = setting.wildMs ?? this.dice.rules.between(30, 150) * MINUTE;
    this.config = drawRules(this.dice.rules);
    if (this.faults.has('hand-overs')) this.config = withHandOvers(this.config);
    if (this.faults.has('proof of delivery')) this.config = withProof(this.config);
    this.file = { config: this.config, original: '' };
    this.checkers = new Checkers(this);
    this.targets = new Targets(this);
    this.disk = new Disk(this);
    this.vendors = new Vendors(this);
    this.people = new People(this);
    new Jobs(this);
    this.#upset();
  }

  async run(): Promise<void> {
    this.boot();
    let left = this.#wildMs;
    while (left > 0) {
      const wild = Math.min(left, 4 * HOUR);
      left -= wild;
      this.isQuiet = false;
      await this.#pass(wild);
      this.#calmDown();
      await this.#pass(30 * MINUTE);
      this.checkers.afterTrouble();
      this.targets.mendAll();
      await this.#pass(35 * MINUTE);
      this.checkers.afterRecovery();
    }
  }

  daysPassed(): number {
    return (this.loop.now - START) / (24 * HOUR);
  }

  note(text: () => string): void {
    if (!this.#isLogged) return;
    const at = new Date(this.loop.now).toISOString().slice(5, -1);
    this.log.push(`${String(this.loop.steps)} ${at} ${text()}`);
  }

  /** Every `meanMs` on average, except in a quiet time. */
  keep(dice: Dice, meanMs: number, work: () => void): void {
    this.loop.after(dice.wait(meanMs), () => {
      if (!this.isQuiet) work();
      this.keep(dice, meanMs, work);
    });
  }

  boot(): void {
    if (this.process) return;
    this.note(() => 'the daemon starts');
    const process = new Process(this);
    this.process = process;
    process.start().catch((error: unknown) => this.fail(error));
  }

  crash(how: string): void {
    const { process } = this;
    if (!process) return;
    this.note(() => `the daemon dies ${how}`);
    process.isAlive = false;
    this.process = null;
    this.disk.outlive();
    this.checkers.died();
    const { dice } = this;
    const away = dice.process.chance(0.1)
      ? dice.process.wait(30 * MINUTE)
      : dice.process.wait(8_000);
    this.loop.after(away, () => this.boot());
  }

  reload(): void {
    const { process } = this;
    if (!process?.core) return;
    const { reload } = process.core;
    reload().then(
      (reloaded) => {
        this.note(() => ('problems' in reloaded ? 'a bad reload' : 'a reload'));
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** A vendor has it: sooner or later it arrives. */
  taken(message: Message): void {
    this.note(() => `taken by ${message.channel}: ${message.body}`);
    this.checkers.taken(message);
    this.loop.after(this.dice.vendors.between(500, 20_000), () => this.people.read(message));
  }

  /** The disk has it. */
  kept(change: Change | ReadonlyBoard): void {
    this.ledger.keep(change);
    if ('reasons' in change) this.checkers.kept(change);
  }

  /** A write is acknowledged to the daemon. */
  stored(change: Change | ReadonlyBoard): void {
    this.checkers.stored(change);
  }

  restarted(board: ReadonlyBoard): void {
    this.ledger.compare(board, 'after a restart');
  }

  heard(process: Process, event: TocsinEvent): void {
    if (event.type === 'configured') this.#configured(event.config);
    this.checkers.heard(process, event);
    if (this.#isLogged) this.#logEvent(event);
  }

  #configured(config: Config): void {
    for (const [id, { generation }] of config.checks) {
      if (this.config.checks.get(id)?.generation === generation && this.knownSince.has(id))
        continue;
      this.knownSince.set(id, this.loop.now);
    }
    for (const id of this.knownSince.keys()) if (!config.checks.has(id)) this.knownSince.delete(id);
    this.config = config;
  }

  fail(error: unknown): void {
    this.loop.failure ??= error;
  }

  #pass(ms: number): Promise<void> {
    return this.loop.run(this.loop.now + ms, (steps) => {
      if (steps % ALL_EVERY === 0) this.checkers.all();
    });
  }

  /** Trouble with the machine and whoever holds it. */
  #upset(): void {
    const { faults, dice } = this;
    const die = dice.process;
    if (faults.has('crashes')) this.keep(die, 20 * MINUTE, () => this.crash('of itself'));
    if (faults.has('restarts')) this.keep(die, 40 * MINUTE, () => this.#restart());
    if (faults.has('freezes')) this.keep(die, 30 * MINUTE, () => this.#freeze());
    if (faults.has('wall clock steps')) {
      this.keep(die, 40 * MINUTE, () => {
        const by = die.pick([-1, 1]) * die.wait(5 * MINUTE);
        this.note(() => `the wall clock steps by ${String(by)} ms`);
        this.wallOffset += by;
        this.wasSetBack ||= by < 0;
        if (die.chance(0.2)) this.crash('before it notices');
        else this.loop.after(NOTICED_MS, () => this.process?.notice(0));
      });
    }
  }

  #restart(): void {
    const { process } = this;
    if (!process?.core) return;
    this.note(() => 'the daemon is stopped');
    process.stop().then(
      () => {
        if (this.process !== process) return;
        this.process = null;
        this.disk.outlive();
        this.checkers.died();
        this.loop.after(this.dice.process.wait(5_000), () => this.boot());
      },
      (error: unknown) => this.fail(error),
    );
  }

  #freeze(): void {
    const { process } = this;
    if (!process) return;
    const ms = this.dice.process.wait(40_000);
    this.note(() => `the daemon is held for ${String(ms)} ms`);
    process.frozenUntil = Math.max(process.frozenUntil, this.loop.now + ms);
    this.loop.at(process.frozenUntil, () => process.notice(ms));
  }

  /** From now on everything works. What is bad at the targets stays. */
  #calmDown(): void {
    this.note(() => 'a quiet time begins');
    this.isQuiet = true;
    this.targets.see();
    this.disk.mend();
    this.vendors.mend();
    this.file = { config: mended(this.config), original: '' };
    this.config = mended(this.config);
    if (this.process) this.reload();
    else this.boot();
  }

  #logEvent(event: TocsinEvent): void {
    switch (event.type) {
      case 'turned':
        this.note(() => `${event.turn.check} turned ${event.turn.to} (${event.turn.brief})`);
        return;
      case 'changed':
        for (const { outcome, ...about } of event.change.reasons) {
          this.note(() => `decided: ${outcome} ${JSON.stringify(about)}`);
        }
        return;
      case 'attempted':
        this.note(() => `${event.notification.key}: ${JSON.stringify(event.outcome)}`);
        return;
      case 'trouble':
        this.note(() => `trouble: ${event.what}`);
        return;
      default:
    }
  }
}
