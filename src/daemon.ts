/**
 * The composition root: gives the core its machine (clock, chance, sockets, disk, ports), starts all
 * in one straight line, and stops it in reverse. There is no logic here; what looks like some is a
 * part asking another.
 */
import { channels } from './channels/index.ts';
import { createCore } from './core.ts';
import type { Reloaded } from './reload.ts';
import { emitTo, type Emit } from './events.ts';
import { createHousekeeping } from './housekeeping.ts';
import { RESOLVED_STAYS_MS } from './incident/apply.ts';
import { createKeeper, loadForStart } from './loading/last-good.ts';
import { loadAside } from './loading/loading.ts';
import { createLogBook } from './observers/log-book.ts';
import { createMetrics } from './observers/metrics.ts';
import { createPulse } from './observers/pulse.ts';
import { createWatchdog } from './observers/watchdog.ts';
import { statusPage } from './observers/status-page.ts';
import { traceSettings } from './observers/trace-settings.ts';
import { withDeadline } from './outbox/deadline.ts';
import { probes } from './probes/index.ts';
import { createInspector } from './probes/inspector.ts';
import { createOperator } from './server/operator.ts';
import { createPublic } from './server/public.ts';
import { openStore } from './store/open-store.ts';
import { systemClock } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { createTransport } from './system/network.ts';
import { programRunner } from './system/program.ts';
import { mostSockets, uptimeMs, watchLoop } from './system/process.ts';
import { supervisorOf } from './system/supervisor.ts';
import { traceBeginner } from './system/trace.ts';
import { VERSION } from './system/version.ts';
import { systemRandom } from './system/random.ts';
import { lastingResolver, OwnResolver } from './system/own-resolver.ts';

/** A reader of the log that is stuck must not hold up the end. */
const FLUSH_MS = 1_000;

export interface DaemonParts {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

export interface Daemon {
  readonly operatorPort: number;
  readonly publicPort: number;
  reload(): Promise<Reloaded>;
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
  const { config } = loaded;
  log.redact(config.secrets);

  // What goes wrong with the store at the start is said, too.
  const listeners: Emit[] = [createLogBook(log, () => core.board)];
  const emit = emitTo(listeners, ({ type }, error) => {
    log.error('an observer failed', { type, why: String(error) });
  });

  const reopens = [...config.escalations.values()].map(({ reopenMs }) => reopenMs);
  const keepResolvedMs = Math.max(RESOLVED_STAYS_MS, ...reopens);
  const opened = await openStore({ directory: config.data, clock, emit, keepResolvedMs });
  if ('refused' in opened) return opened;
  const { store } = opened;
  // Apart, so that a flood of looks takes neither sockets nor answers of the resolver from a page.
  const resolvers = { looks: new OwnResolver({ clock }), pages: lastingResolver(clock) };
  const looking = createTransport({ resolver: resolvers.looks, clock });
  const telling = createTransport({ resolver: resolvers.pages, clock });
  // On its own, so that it says how we are and not how busy the others are.
  const outside = createTransport({ resolver: lastingResolver(clock), clock, connections: 1 });
  const inspector = createInspector(clock);

  const run = programRunner(clock);
  const { settings: tracing, warnings } = traceSettings(parts.env);
  for (const warning of warnings) log.warn(`WARNING: ${warning}`);
  log.redact(Object.values(tracing?.headers ?? {}));

  const core = createCore({
    clock,
    random: systemRandom,
    store,
    snapshot: await store.load(),
    started: loaded,
    load: async (signal) => {
      const next = await loadAside(parts, signal);
      if ('config' in next) log.redact(next.config.secrets);
      return next;
    },
    probes,
    channels,
    looking,
    telling,
    run,
    inspect: inspector.inspect,
    mostWaiting: mostSockets(),
    uptimeMs,
    beginTrace: tracing ? traceBeginner(systemRandom, clock, tracing.share) : undefined,
    emit,
  });
  const { board, pipeline, courier, scheduler, heartbeats, self } = core;
  const inForce = core.config;

  const metrics = createMetrics({
    board: () => board,
    config: inForce,
    probes,
    version: VERSION,
    outboxPending: () => courier.pending(),
    load: { scheduler, resolvers, log },
    clock,
  });
  const pulse = createPulse({
    ...{ clock, transport: outside, config: inForce, emit },
    test: core.selfTest.run,
    unheard: self.unheard,
  });
  const watchdog = createWatchdog({
    clock,
    supervisor: supervisorOf({
      ...{ env: parts.env, run },
      trouble: (what) => emit({ type: 'trouble', where: 'supervisor', what }),
    }),
    checks: () => inForce().checks.size,
    isAwake: core.selfTest.isAwake,
  });
  const reload = () => watchdog.whileReloading(core.reload);
  // Loaded only where it is asked for; with sockets of its own, so that a dead collector takes none.
  const traces = tracing
    ? (await import('./observers/traces.ts')).createTraces({
        ...{ settings: tracing, version: VERSION, probes, config: inForce, board: () => board },
        transport: createTransport({ resolver: new OwnResolver({ clock }), clock, connections: 1 }),
        ...{ clock, emit },
      })
    : null;
  const loop = watchLoop(clock, (seconds) => metrics.blocked(seconds * 1_000));
  const keepAsGood = createKeeper(config.data, emit);
  listeners.push(
    (event) => {
      metrics.observe(event);
    },
    watchdog.observe,
    (event) => {
      traces?.observe(event);
      if (event.type === 'looked') store.history.record(event.verdict);
      if (event.type === 'memory') self.remembers(event.kept);
      if (event.type !== 'configured') return;
      pulse.configured();
      self.configured(event.broken);
      if (event.broken.length === 0) keepAsGood(event.original);
    },
  );

  let isReady = false;
  const operator = createOperator({
    config: inForce,
    pipeline,
    history: store.history,
    nextAt: (check) => scheduler.nextAt(check) ?? heartbeats.dueAt(check),
    reload,
    ready: () => isReady,
    metrics,
    emit,
    clock,
  });
  const customers = createPublic({
    page: () => statusPage(inForce(), board, clock.now()),
    checkOf: heartbeats.checkOf,
    hear: heartbeats.hear,
    ...core.links,
    publicUrl: () => inForce().publicUrl,
    called: core.called,
    hooks: () => inForce().hooks,
    alerts: core.alerts,
    emit,
    clock,
  });
  const housekeeping = createHousekeeping({
    history: store.history,
    board,
    config: inForce,
    clock,
    log,
  });

  async function release(): Promise<void> {
    loop.cancel();
    await Promise.all([operator.stop(), customers.stop(), housekeeping.stop(), traces?.stop()]);
    await store.close();
    await Promise.all([looking, telling, outside, inspector].map((part) => part.close()));
  }
  const operatorStarted = await operator.start(config.listen.operator);
  const publicStarted =
    'refused' in operatorStarted ? operatorStarted : await customers.start(config.listen.public);
  if ('refused' in operatorStarted || 'refused' in publicStarted) {
    await release();
    return 'refused' in operatorStarted ? operatorStarted : (publicStarted as { refused: string });
  }

  await core.start();
  void opened.found?.then(core.remember);
  const departures = clock.watch(core.departed);
  housekeeping.start();
  pulse.start();
  isReady = true;
  watchdog.start();

  async function drain(): Promise<void> {
    isReady = false;
    watchdog.stop();
    emit({ type: 'draining' });
    departures.cancel();
    pulse.stop();
    await core.rest();
    // What jobs report until here is stored; from here on they cannot reach us, and try again.
    await customers.stop();
    await core.save();
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
