/**
 * The composition root: builds every part once, in one straight line, and stops them in reverse.
 * There is no logic here; what looks like some is a part asking another.
 */
import { channels } from './channels/index.ts';
import { watchedBy, type Config } from './config/config.ts';
import { lookAtUnfinished, onDeparture } from './departure.ts';
import { emitTo, type Emit } from './events.ts';
import { createHeartbeats } from './heartbeats.ts';
import { createHousekeeping } from './housekeeping.ts';
import { forgetChecks, rebuild, RESOLVED_STAYS_MS } from './incident/apply.ts';
import { awaitsFreshLook } from './incident/board.ts';
import { viewOnBoard } from './incident/incident-view.ts';
import { createKeeper, loadForStart } from './loading/last-good.ts';
import { loadAside } from './loading/loading.ts';
import { createLogBook } from './observers/log-book.ts';
import { createMetrics } from './observers/metrics.ts';
import { statusPage } from './observers/status-page.ts';
import { createCourier, type Courier } from './outbox/courier.ts';
import { withDeadline } from './outbox/deadline.ts';
import { createEar } from './outbox/ear.ts';
import { createPipeline } from './pipeline.ts';
import { probes } from './probes/index.ts';
import { createInspector } from './probes/inspector.ts';
import { meansOf } from './probes/probe.ts';
import { createRegistrations } from './registrations.ts';
import { createReload } from './reload.ts';
import { createScheduler } from './schedule/scheduler.ts';
import { createOperator } from './server/operator.ts';
import { createPublic } from './server/public.ts';
import { openStore } from './store/open-store.ts';
import { systemClock } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { createTransport } from './system/network.ts';
import { programRunner } from './system/program.ts';
import { mostSockets, watchLoop } from './system/process.ts';
import { VERSION } from './system/version.ts';
import { systemRandom } from './system/random.ts';
import { lastingResolver, OwnResolver } from './system/own-resolver.ts';
import { addressOf, readerOf, responderWith, wayOf } from './directory.ts';
import { createSelf } from './self.ts';
import { createWatch } from './watch.ts';

/** At a stop, looks and then attempts under way get this long each; what is left of ten seconds is the store's. */
const DRAIN_MS = 3_500;
/** And a second of grace: a reader of the log that is stuck must not hold up the end. */
const FLUSH_MS = 200;

export interface DaemonParts {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

export interface Daemon {
  readonly operatorPort: number;
  readonly publicPort: number;
  /** What is wrong with the file as it is now; empty: it is in force. */
  reload(): Promise<readonly string[]>;
  /** Drains: running looks end, due messages are sent, everything is stored. Idempotent. */
  stop(): Promise<void>;
}

/** `invalid`: the configuration; `refused`: a port or the data directory. For people, line by line. */
export async function startDaemon(
  parts: DaemonParts,
): Promise<Daemon | { readonly invalid: readonly string[] } | { readonly refused: string }> {
  const { log } = parts;
  const clock = systemClock();
  const loaded = await loadForStart(parts);
  if ('invalid' in loaded) return loaded;
  let { config } = loaded;
  const inForce = () => config;
  log.redact(config.secrets);

  const listeners: Emit[] = [];
  const emit = emitTo(listeners, ({ type }, error) => {
    log.error('an observer failed', { type, why: String(error) });
  });

  const reopens = [...config.escalations.values()].map(({ reopenMs }) => reopenMs);
  const keepResolvedMs = Math.max(RESOLVED_STAYS_MS, ...reopens);
  const opened = await openStore({ directory: config.data, clock, emit, keepResolvedMs });
  if ('refused' in opened) return opened;
  const { store } = opened;
  const snapshot = await store.load();
  const board = rebuild(snapshot, clock.now());
  const isKnown = (check: string) => config.checks.has(check) || config.self.checks.has(check);
  forgetChecks(board, isKnown);

  // Apart, so that a flood of looks takes neither sockets nor answers of the resolver from a page.
  const resolvers = { looks: new OwnResolver({ clock }), pages: lastingResolver(clock) };
  const looking = createTransport({ resolver: resolvers.looks, clock });
  const telling = createTransport({ resolver: resolvers.pages, clock });
  const inspector = createInspector(clock);

  const courier: Courier = createCourier({
    clock,
    random: systemRandom,
    transport: telling,
    channel: (id) => wayOf(config, channels, id),
    address: (responder, kind) => addressOf(config, responder, kind),
    reader: (notification, channel) => readerOf(config, notification, channel),
    incident: ({ about }) => viewOnBoard(board, about[0]),
    submit: (receipt) => pipeline.submit({ type: 'receipt', ...receipt }),
    emit,
  });
  const pipeline = createPipeline({
    board,
    config: inForce,
    store,
    courier,
    clock,
    random: systemRandom,
    emit,
  });
  const scheduler = createScheduler({
    clock,
    look: (check, dueAt, signal) => watch.look(check, dueAt, signal),
    lookedAt: (check) => board.checks.get(check)?.lookedAt ?? null,
    means: ({ type, options }) => meansOf(probes.get(type), options),
    mostWaiting: mostSockets(),
    trouble: (what) => emit({ type: 'trouble', where: 'scheduler', what }),
  });
  const { counted, submit } = pipeline;
  const turning = { clock, config: inForce, board, counted, submit };
  const self = createSelf({ ...turning, scheduler });
  const heartbeats = createHeartbeats({ ...turning, emit });
  const registrations = createRegistrations({
    clock,
    random: systemRandom,
    config: inForce,
    probe: (type) => probes.get(type),
    transport: looking,
    emit,
  });
  const watch = createWatch({
    ...turning,
    transport: looking,
    registration: (host) => registrations.of(host),
    run: programRunner(clock),
    inspect: inspector.inspect,
    probe: (type) => probes.get(type),
    state: (check) => board.checks.get(check),
    isAwaited: (check) => awaitsFreshLook(board, check),
    scheduler,
    self,
    emit,
  });
  const ear = createEar({
    clock,
    transport: telling,
    channels: () => [...config.channels.keys()].flatMap((id) => wayOf(config, channels, id) ?? []),
    cursor: (channel) => board.cursors.get(channel) ?? null,
    awaited: (channel) => pipeline.isAwaited(channel),
    heard: (channel, spoken, cursor) =>
      Promise.all([
        ...spoken.map(({ from, ...words }) => {
          const responder = responderWith(config, from);
          if (responder !== null)
            return pipeline.submit({ type: 'heard', channel, responder, ...words });
          emit({ type: 'stranger', channel });
          return null;
        }),
        pipeline.submit({ type: 'listened', channel, cursor }),
      ]),
    emit,
  });

  const metrics = createMetrics({
    board: () => board,
    config: inForce,
    probes,
    version: VERSION,
    outboxPending: () => courier.pending(),
    load: { scheduler, resolvers, log },
    clock,
  });
  const loop = watchLoop(clock, (seconds) => metrics.blocked(seconds * 1_000));
  const keepAsGood = createKeeper(config.data, emit);
  listeners.push(
    createLogBook(log, () => board),
    (event) => metrics.observe(event),
    (event) => {
      if (event.type === 'looked') store.history.record(event.verdict);
      if (event.type === 'memory') self.remembers(event.kept);
      if (event.type !== 'configured') return;
      self.configured(event.broken);
      if (event.broken.length === 0) keepAsGood(event.original);
    },
  );

  const reload = createReload({
    load: (signal) => loadAside(parts, signal),
    started: config,
    swap: (next: Config) => {
      config = next;
      log.redact(next.secrets);
      looking.letGo();
      scheduler.replace(watchedBy(next));
      heartbeats.replace();
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
  let isReady = false;
  const operator = createOperator({
    config: inForce,
    pipeline,
    history: store.history,
    nextAt: (check) => scheduler.nextAt(check) ?? heartbeats.dueAt(check),
    reload: async () => {
      const problems = await reload();
      return problems.length === 0 ? { ok: true } : { problems };
    },
    ready: () => isReady,
    metrics,
    emit,
    clock,
  });
  const customers = createPublic({
    page: () => statusPage(config, board, clock.now()),
    checkOf: heartbeats.checkOf,
    hear: heartbeats.hear,
    emit,
    clock,
  });
  const housekeeping = createHousekeeping({ ...turning, history: store.history, log });

  async function release(): Promise<void> {
    loop.cancel();
    await Promise.all([operator.stop(), customers.stop(), housekeeping.stop()]);
    await store.close();
    await Promise.all([looking.close(), telling.close(), inspector.close()]);
  }
  const operatorStarted = await operator.start(config.listen.operator);
  const publicStarted =
    'refused' in operatorStarted ? operatorStarted : await customers.start(config.listen.public);
  if ('refused' in operatorStarted || 'refused' in publicStarted) {
    await release();
    return 'refused' in operatorStarted ? operatorStarted : (publicStarted as { refused: string });
  }

  emit({ ...loaded, type: 'configured', at: clock.now() });
  scheduler.replace(watchedBy(config));
  heartbeats.replace();
  registrations.replace();
  await pipeline.submit({ type: 'started', awaySince: snapshot.savedAt });
  pipeline.start();
  scheduler.start();
  heartbeats.start();
  registrations.start();
  self.start();
  const departures = clock.watch(
    onDeparture({ ...turning, pipeline, watch, scheduler, heartbeats, self, emit }),
  );
  lookAtUnfinished(board, scheduler, clock.now());
  await reload.prepare(config);
  courier.take(
    [...board.notifications.values()].filter(({ dueAt }) => dueAt !== null),
    true,
  );
  ear.start();
  housekeeping.start();
  isReady = true;

  async function drain(): Promise<void> {
    isReady = false;
    emit({ type: 'draining' });
    departures.cancel();
    reload.stop();
    self.stop();
    heartbeats.stop();
    registrations.stop();
    await ear.drain();
    await scheduler.drain(DRAIN_MS);
    await watch.release();
    await courier.drain(DRAIN_MS);
    // What jobs report until here is stored; from here on they cannot reach us, and try again.
    await customers.stop();
    await pipeline.drain();
    await release();
    emit({ type: 'stopped' });
    await withDeadline(clock, FLUSH_MS, () => log.flush());
  }
  let stopping: Promise<void> | undefined;
  return {
    operatorPort: operatorStarted.port,
    publicPort: publicStarted.port,
    reload,
    stop: () => (stopping ??= drain()),
  };
}
