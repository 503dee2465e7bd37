/**
 * One life of a simulated daemon, from a start to a stop or a crash. Once it is dead nothing of it
 * goes on: its alarms do not ring, its answers do not come, what it still says is not heard. Its clock
 * is the wall clock of its start plus the time since, until it notices that the wall clock was set.
 */
import { createCore, type Core } from '../../src/core.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Alarm, Clock, Instant } from '../../src/system/clock.ts';
import type { Transport } from '../../src/system/transport.ts';
import type { World } from './world.ts';

/** Nothing in this world has a socket. */
const NO_TRANSPORT = { letGo: () => undefined } as unknown as Transport;

/** Less is drift, or a slow moment. */
const DEPARTED_MS = 1_000;

export class Process {
  isAlive = true;
  core: Core | null = null;
  /** Its clock minus true time. */
  offset: number;
  readonly startedAt: number;
  readonly clock: Clock;
  /** True time until which it is held. */
  frozenUntil = -Infinity;
  /** True time at which it last noticed that its clock was not what it seemed. */
  departedAt = -Infinity;
  readonly #world: World;
  #isReady = false;

  constructor(world: World) {
    this.#world = world;
    const { loop } = world;
    this.offset = world.wallOffset;
    this.startedAt = loop.now;
    this.clock = {
      now: () => loop.now + this.offset,
      monotonic: () => loop.now - this.startedAt,
      alarm: (at, ring) => this.#alarm(at, ring),
    };
  }

  async start(): Promise<void> {
    const world = this.#world;
    const store = world.disk.open(this);
    const snapshot = await store.load();
    const answer = (ms: number, work: () => void): void => this.later(ms, work);
    const probe = world.targets.probe(answer);
    const core = createCore({
      clock: this.clock,
      random: world.dice.process.random(),
      store,
      snapshot,
      started: { config: world.config, original: '', broken: [] },
      load: () => Promise.resolve(world.file),
      probes: new Map([
        ['simulated', probe],
        ['dns', probe],
      ]),
      channels: world.vendors.channels(this),
      looking: NO_TRANSPORT,
      telling: NO_TRANSPORT,
      inspect: () => Promise.reject(new Error('nothing to inspect here')),
      mostWaiting: 100,
      // So that everything may happen between any two checks of a reload.
      checksASlice: 1,
      run: () => Promise.reject(new Error('no programs here')),
      emit: (event: TocsinEvent) => {
        if (this.isAlive) world.heard(this, event);
      },
      soon: (step) => {
        world.loop.soon(() => {
          if (this.isAlive) step();
        });
      },
    });
    world.restarted(core.board);
    this.core = core;
    world.checkers.starts(this, core.board);
    await core.start();
    this.#isReady = true;
    this.notice(0);
  }

  /** As the real clock does every second: it was set, or nothing could run for `gapMs`. */
  notice(gapMs: number): void {
    const { loop, wallOffset } = this.#world;
    if (!this.isAlive || !this.#isReady || this.frozenUntil > loop.now) return;
    const byMs = wallOffset - this.offset;
    const steppedMs = Math.abs(byMs) > DEPARTED_MS ? byMs : 0;
    if (gapMs <= DEPARTED_MS && steppedMs === 0) return;
    this.offset += steppedMs;
    this.departedAt = loop.now;
    this.core?.departed({ gapMs, steppedMs });
  }

  /** Drains as at SIGTERM. */
  async stop(): Promise<void> {
    await this.core?.rest();
    await this.core?.save();
    this.isAlive = false;
  }

  /** What comes from outside reaches it then, if it still lives; later if it is held. */
  later(ms: number, work: () => void): void {
    this.#at(this.#world.loop.now + ms, work);
  }

  /** An append has been handed to the disk. */
  appended(): void {
    const { faults, dice, isQuiet } = this.#world;
    if (isQuiet || !faults.has('crashes at appends')) return;
    if (dice.process.chance(0.02)) this.#world.crash('at an append');
  }

  /** An append has just been acknowledged: what waits for it has not gone on yet. */
  stored(): void {
    const { faults, dice, isQuiet } = this.#world;
    if (isQuiet || !faults.has('crashes at appends')) return;
    if (dice.process.chance(0.02)) this.#world.crash('after an append');
  }

  #alarm(at: Instant, ring: () => void): Alarm {
    return this.#at(at - this.offset, ring);
  }

  #at(at: number, work: () => void): Alarm {
    const { loop } = this.#world;
    let event = loop.at(at, () => {
      if (!this.isAlive) return;
      if (this.frozenUntil > loop.now) event = loop.at(this.frozenUntil, run);
      else work();
    });
    const run = (): void => {
      if (this.isAlive) work();
    };
    return { cancel: () => void (event.work = null) };
  }
}
