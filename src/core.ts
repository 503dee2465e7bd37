/**
 * The daemon without its machine: all that looks, decides and tells, wired to whatever clock, chance,
 * store and ways out it is handed. It does not start by itself: what listens (metrics, the log, a
 * port) is put in place first, and stopping has two halves, for jobs may report until the second.
 */
import type { AnyChannel } from './channels/channel.ts';
import { BROKEN, watchedBy, type Config } from './config/config.ts';
import type { LoadedConfig } from './config/load.ts';
import { createAckLinks, type AckLinks } from './ack-links.ts';
import { lookAtUnfinished, onDeparture } from './departure.ts';
import { createDirectory } from './directory.ts';
import type { Emit, TocsinEvent } from './events.ts';
import { createHeartbeats, type Heartbeats } from './heartbeats.ts';
import { forgetChecks, rebuild } from './incident/apply.ts';
import { awaitsFreshLook, type ReadonlyBoard, type Snapshot } from './incident/board.ts';
import { viewOnBoard } from './incident/incident-view.ts';
import type { Notification } from './incident/notification.ts';
import type { Started } from './loading/last-good.ts';
import { createCourier, type Courier } from './outbox/courier.ts';
import { createInbound, type Inbound } from './inbound.ts';
import { createChannelHealth } from './outbox/channel-health.ts';
import { createCheckup } from './outbox/checkup.ts';
import { createEar, type Ear } from './outbox/ear.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { meansOf, type AnyProbe, type Sight } from './probes/probe.ts';
import { createRegistrations } from './registrations.ts';
import { createReload, type Reload } from './reload.ts';
import { createScheduler, type Scheduler } from './schedule/scheduler.ts';
import { createSelf, type Self } from './self.ts';
import { createSelfTest, type SelfTest } from './self-test.ts';
import type { Store } from './store/store.ts';
import type { Clock, Departure } from './system/clock.ts';
import type { RunProgram } from './system/program.ts';
import type { Random } from './system/random.ts';
import type { BeginTrace } from './system/trace.ts';
import type { Transport } from './system/transport.ts';
import { createWatch } from './watch.ts';

/** At a stop, looks and then attempts under way get this long each; what is left of ten seconds is the store's. */
const DRAIN_MS = 3_500;

export interface CoreParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  /** What the store gave back. */
  readonly snapshot: Snapshot;
  /** What is in force until a reload, and what it was made of. */
  readonly started: Started;
  readonly load: (signal: AbortSignal) => Promise<LoadedConfig>;
  readonly probes: ReadonlyMap<string, AnyProbe>;
  readonly channels: ReadonlyMap<string, AnyChannel>;
  /** Apart, so that a flood of looks takes neither sockets nor answers of the resolver from a page. */
  readonly looking: Transport;
  readonly telling: Transport;
  readonly run: RunProgram;
  readonly inspect: Sight['inspect'];
  /** How many looks may wait for their targets without a place in a lane. */
  readonly mostWaiting: number;
  /** Of each look and each attempt to deliver; absent: they are not recorded. */
  readonly beginTrace?: BeginTrace | undefined;
  readonly emit: Emit;
  /** For how long this process has been there; what it took to begin is not counted unless it is given. */
  readonly uptimeMs?: () => number;
  /** Through how many checks a reload goes before others have a turn; as many as take 2 ms unless it is given. */
  readonly checksASlice?: number;
  /** Calls back in the next turn of the loop; `setImmediate` unless it is given. */
  readonly soon?: (step: () => void) => void;
}

export interface Core {
  readonly board: ReadonlyBoard;
  readonly pipeline: Pipeline;
  readonly courier: Courier;
  readonly scheduler: Scheduler;
  readonly heartbeats: Heartbeats;
  readonly self: Self;
  readonly selfTest: SelfTest;
  readonly reload: Reload;
  readonly links: AckLinks;
  readonly called: Ear['called'];
  readonly alerts: Inbound['alerts'];
  /** The configuration in force. */
  config(): Config;
  /** Time was not what it seemed: to be told of between `start` and `rest`. */
  departed(departure: Departure): void;
  /** Resolves when all that was unfinished is on its way again. */
  start(): Promise<void>;
  /** What a store held that was not there at the start: after `start`, once. */
  remember(snapshot: Snapshot): Promise<void>;
  /** Looks and attempts under way end; none begins. */
  rest(): Promise<void>;
  /** After `rest`: decides what has come in until here, and stores everything. */
  save(): Promise<void>;
}

export function createCore(parts: CoreParts): Core {
  const { clock, random, store, snapshot, channels, probes, telling, beginTrace, emit } = parts;
  let { config } = parts.started;
  const inForce = () => config;
  const recheckMs = (check: string) => config.checks.get(check)?.confirm.recheckMs ?? 0;
  const board = rebuild(snapshot, clock.now(), recheckMs);
  const isKnown = (check: string) => config.checks.has(check) || config.self.checks.has(check);

  /** What came of a message says whether its channel works. */
  function hearOfChannels(event: TocsinEvent): void {
    if (event.type === 'attempted' || event.type === 'followed') {
      health.heard(event.notification.channel, event.outcome);
    }
    emit(event);
  }

  const links = createAckLinks({
    config: inForce,
    board,
    secret: snapshot.secret,
    submit: (input) => pipeline.submit(input),
  });
  const directory = createDirectory(inForce, channels, links.linkIn);
  const outward = { clock, transport: telling, run: parts.run };
  const courier: Courier = createCourier({
    ...outward,
    ...directory,
    random,
    incident: ({ about }) => viewOnBoard(board, about[0]),
    submit: (receipt) => pipeline.submit({ type: 'receipt', ...receipt }),
    beginTrace,
    emit(event) {
      if (event.type === 'attempted') checkup.attempted(event.notification.channel, event.outcome);
      hearOfChannels(event);
    },
  });
  const pipeline = createPipeline({
    board,
    config: inForce,
    store,
    courier,
    clock,
    random,
    emit,
    ...(parts.soon && { soon: parts.soon }),
  });
  const scheduler = createScheduler({
    clock,
    look: (check, dueAt, signal) => watch.look(check, dueAt, signal),
    lookedAt: (check) => board.checks.get(check)?.lookedAt ?? null,
    means: ({ type, options }) => meansOf(probes.get(type), options),
    mostWaiting: parts.mostWaiting,
    checksASlice: parts.checksASlice,
    trouble: (what) => emit({ type: 'trouble', where: 'scheduler', what }),
  });
  const { counted, submit } = pipeline;
  const turning = { clock, config: inForce, board, counted, submit };
  const self = createSelf({ ...turning, scheduler });
  const heartbeats = createHeartbeats({ ...turning, emit });
  const probe = (type: string) => probes.get(type);
  const registrations = createRegistrations({
    ...{ clock, random, config: inForce, probe, transport: parts.looking, emit },
  });
  const watch = createWatch({
    ...turning,
    transport: parts.looking,
    registration: (host) => registrations.of(host),
    run: parts.run,
    inspect: parts.inspect,
    probe,
    state: (check) => board.checks.get(check),
    isAwaited: (check) => awaitsFreshLook(board, check),
    scheduler,
    self,
    beginTrace,
    emit,
  });
  const checkup = createCheckup({ ...outward, ...directory, known: courier.known, emit });
  const health = createChannelHealth({
    clock,
    channels: () => config.channels.keys(),
    ask: checkup.ask,
    isBroken: (channel) => board.checks.get(`${BROKEN}${channel}`)?.status === 'down',
    told: self.broken,
  });
  const selfTest = createSelfTest({
    ...{ clock, scheduler, store },
    isAnyoneReachable: checkup.isAnyoneReachable,
  });
  const inbound = createInbound({ config: inForce, board, submit, emit: hearOfChannels });
  const ear = createEar({
    ...outward,
    ...directory,
    ...inbound,
    cursor: (channel) => board.cursors.get(channel) ?? null,
    awaited: (channel) => pipeline.awaited(channel),
    answered: (channel) => pipeline.answered(channel),
    emit,
  });
  const reload = createReload({
    load: parts.load,
    started: config,
    swap: (next: Config) => {
      config = next;
      parts.looking.letGo();
      heartbeats.replace();
    },
    async follow(next, rest) {
      await scheduler.replaceInSlices(watchedBy(next), rest);
      registrations.replace();
    },
    channels,
    submit: async (input) => {
      await submit(input);
      forgetChecks(board, isKnown);
    },
    emit,
    clock,
  });

  async function start(): Promise<void> {
    emit({ ...parts.started, type: 'configured', at: clock.now() });
    scheduler.replace(watchedBy(config));
    heartbeats.replace();
    registrations.replace();
    await pipeline.submit({ type: 'started', awaySince: snapshot.savedAt });
    forgetChecks(board, isKnown);
    pipeline.start();
    scheduler.start(parts.uptimeMs?.());
    heartbeats.start();
    registrations.start();
    self.start();
    lookAtUnfinished(board, scheduler, clock.now());
    await reload.prepare(config);
    // What was accepted may have to be followed until it has arrived.
    const unsettled = ({ dueAt, state }: Notification) => dueAt !== null || state === 'accepted';
    courier.take([...board.notifications.values()].filter(unsettled), true);
    ear.start();
    health.start();
  }

  return {
    board,
    pipeline,
    courier,
    scheduler,
    heartbeats,
    self,
    selfTest,
    reload,
    links,
    called: ear.called,
    alerts: inbound.alerts,
    config: inForce,
    departed: onDeparture({ ...turning, pipeline, watch, scheduler, heartbeats, self, emit }),
    start,
    async remember(held) {
      await pipeline.submit({ type: 'remembered', snapshot: held });
      lookAtUnfinished(board, scheduler, clock.now());
    },
    async rest() {
      reload.stop();
      self.stop();
      health.stop();
      heartbeats.stop();
      registrations.stop();
      await ear.drain();
      await scheduler.drain(DRAIN_MS);
      await watch.release();
      await courier.drain(DRAIN_MS);
    },
    save: () => pipeline.drain(),
  };
}
