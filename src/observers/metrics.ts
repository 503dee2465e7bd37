/**
 * /metrics: what Tocsin knows about the checks and about itself. Gauges are read off the board when
 * they are asked for, so that they are right after a restart before anything has happened; only
 * counters and histograms live here. A label is a word of the configuration or of an enumeration,
 * never an error's text.
 */
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Check, Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { AnyProbe } from '../probes/probe.ts';
import type { Clock } from '../system/clock.ts';
import { createBundleMetrics } from './bundle-metrics.ts';
import { createChannelMetrics } from './channel-metrics.ts';
import { createCheckSeries } from './check-series.ts';
import { END, openMetrics, type Format } from './exposition.ts';
import { drillMetrics } from './drill-metrics.ts';
import { createIncidentMetrics } from './incident-metrics.ts';
import { createSlices } from './in-slices.ts';
import { createLoadMetrics, type LoadParts } from './load-metrics.ts';
import { createLastLooks } from './last-looks.ts';
import { probeStory } from './probe-story.ts';
import { reachMetrics } from './reach-metrics.ts';
import { selfMetrics } from './self-metrics.ts';

const LAG_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
const LOOK_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BLOCK_BUCKETS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** Each sample wakes the process: the usual 10 ms would be a twentieth of what a hundred looks cost. */
const LOOP_SAMPLE_MS = 20;
/** Gauges that end in `_total`, which promtool rightly refuses. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export interface MetricsParts {
  readonly board: () => ReadonlyBoard;
  /** In force now; the series follow it when `configured` is observed. */
  readonly config: () => Config;
  readonly probes: ReadonlyMap<string, AnyProbe>;
  readonly version: string;
  /** By channel: notifications waiting or being sent. */
  readonly outboxPending: () => ReadonlyMap<string, number>;
  readonly load: LoadParts;
  readonly clock: Clock;
}

export interface Metrics {
  observe(event: TocsinEvent): void;
  /** The event loop was held for so long. */
  blocked(ms: number): void;
  /** UTF-8, in chunks of some ten kilobytes, made when they are asked for, with turns for others in between. */
  render(format?: Format): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** The last look of a check as blackbox_exporter answers; '' while nothing is known of it. */
  blackbox(check: string, format: Format): string;
  /** What the last look of a check was, what followed from it and who was told, for people. */
  story(check: Check): string;
}

export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'tocsin_build_info',
    help: 'Which Tocsin this is; always 1.',
    labelNames: ['version'],
    registers,
  }).set({ version: parts.version }, 1);

  const checks = createCheckSeries(parts.probes);
  const looks = createLastLooks();
  const channels = createChannelMetrics(registers, parts.outboxPending, parts.clock);
  const bundles = createBundleMetrics(registers, parts.board, parts.config);
  const incidents = createIncidentMetrics(registers, parts.board, parts.config);
  drillMetrics(registers, parts.board, parts.config);
  reachMetrics(registers, parts.board, parts.config);
  const own = selfMetrics(registers, parts.board);
  const loop = loopMetrics(registers);
  const load = createLoadMetrics(registers, parts.load);
  const reloads = reloadMetrics(registers);

  function configure(config: Config): void {
    registry.setDefaultLabels(config.location === null ? {} : { location: config.location });
    checks.configure(config);
    channels.configure(config);
  }
  configure(parts.config());

  const inSlices = createSlices(parts.clock);
  const isGauge = (name: string) => registry.getSingleMetric(name) instanceof Gauge;
  function* pieces(format: Format): Generator<string | Promise<string>> {
    // One at a time: `registry.metrics()` would render all of them in one go.
    for (const { name } of registry.getMetricsAsArray()) {
      const text = registry.getSingleMetricAsString(name);
      if (format === 'text') yield text.then((family) => `${family}\n`);
      else
        yield text.then((family) => openMetrics(`${family}\n`, isGauge, incidents.exemplars(name)));
    }
    yield* checks.pieces(parts.board(), parts.clock.now(), format);
    if (format === 'openmetrics') yield END;
  }

  return {
    blocked: (ms) => {
      loop.block.observe(ms / 1000);
    },
    observe(event) {
      load.observe(event);
      switch (event.type) {
        case 'configured':
          configure(event.config);
          if (event.broken.length === 0) reloads.succeeded(event.at);
          else reloads.failed();
          break;
        case 'reload_failed':
          reloads.failed();
          break;
        case 'looked':
          checks.looked(event);
          looks.keep(event);
          if (!parts.config().checks.get(event.verdict.check)?.heartbeat) {
            loop.look.observe(event.verdict.tookMs / 1000);
          }
          break;
        case 'lag':
          loop.lag.observe(event.lagMs / 1000);
          break;
        case 'changed':
          bundles.changed(event);
          incidents.changed(event);
          own.changed(event);
          break;
        case 'pulse':
          own.pulse(event);
          break;
        case 'checked_up':
          channels.checkedUp(event);
          break;
        case 'attempted':
          channels.attempted(event);
          break;
        case 'followed':
          channels.followed(event);
          break;
        default:
      }
    },
    blackbox(check, format) {
      const text = checks.blackbox(check, parts.board(), parts.clock.now(), format);
      return format === 'text' ? text : text + END;
    },
    story: (check) =>
      probeStory(check, looks.of(check.id), parts.board(), parts.config(), parts.clock.now()),
    render: (format = 'text') => inSlices(pieces(format)),
  };
}

function loopMetrics(registers: Registry[]) {
  return {
    lag: new Histogram({
      name: 'tocsin_scheduler_lag_seconds',
      help: 'How late looks began, against when they were due.',
      buckets: LAG_BUCKETS_SECONDS,
      registers,
    }),
    look: new Histogram({
      name: 'tocsin_probe_seconds',
      help: 'How long looks took, over all checks.',
      buckets: LOOK_BUCKETS_SECONDS,
      registers,
    }),
    block: new Histogram({
      name: 'tocsin_event_loop_block_seconds',
      help: 'How long the event loop was held at a time.',
      buckets: BLOCK_BUCKETS_SECONDS,
      registers,
    }),
  };
}

/** Neither gauge says success before a configuration is known to be in force. */
function reloadMetrics(registers: Registry[]) {
  const successful = new Gauge({
    name: 'tocsin_config_last_reload_successful',
    help: 'Was the last attempt to load the configuration a success?',
    registers,
  });
  const at = new Gauge({
    name: 'tocsin_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration in force was loaded, Unix time; 0 before the first.',
    registers,
  });
  return {
    succeeded(now: number): void {
      successful.set(1);
      at.set(now / 1000);
    },
    failed(): void {
      successful.set(0);
    },
  };
}
