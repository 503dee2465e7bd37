/**
 * /metrics: what Tocsin knows about the checks and about itself. Gauges are read off the board when
 * they are asked for, so that they are right after a restart before anything has happened; only
 * counters and histograms live here. A label is a word of the configuration or of an enumeration,
 * never an error's text.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { AnyProbe } from '../probes/probe.ts';
import type { Clock } from '../system/clock.ts';
import { createChannelMetrics } from './channel-metrics.ts';
import { createCheckSeries } from './check-series.ts';
import { CONTENT_TYPE } from './exposition.ts';
import { createLoadMetrics, type LoadParts } from './load-metrics.ts';

/**
 * Two or three milliseconds of rendering: then others have their turn. In a storm their turn takes
 * ten times as long: with many small slices a scrape would not come to an end.
 */
const PIECES_A_SLICE = 3_000;
const SEVERITIES = ['critical', 'major', 'minor'] as const;
const LAG_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
const LOOK_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BLOCK_BUCKETS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
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
  /** Of the text that `render` makes. */
  readonly contentType: string;
  /** The text in chunks of some ten kilobytes, made when they are asked for, with turns for others in between. */
  render(): AsyncGenerator<string>;
}

export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'tocsin_build_info',
    help: 'Which Tocsin this is; always 1.',
    labelNames: ['version'],
    registers,
  }).set({ version: parts.version }, 1);

  const checks = createCheckSeries(parts.probes);
  const channels = createChannelMetrics(registers, parts.outboxPending, parts.clock);
  const incidents = incidentMetrics(registers, parts.board);
  const loop = loopMetrics(registers);
  const load = createLoadMetrics(registers, parts.load);
  const reloads = reloadMetrics(registers);

  function configure(config: Config): void {
    registry.setDefaultLabels(config.location === null ? {} : { location: config.location });
    checks.configure(config);
    channels.configure(config);
  }
  configure(parts.config());

  return {
    contentType: CONTENT_TYPE,
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
          if (!parts.config().checks.get(event.verdict.check)?.heartbeat) {
            loop.look.observe(event.verdict.tookMs / 1000);
          }
          break;
        case 'lag':
          loop.lag.observe(event.lagMs / 1000);
          break;
        case 'changed':
          incidents.changed(event);
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
    async *render() {
      yield await registry.metrics();
      let [chunk, pieces] = ['', 0];
      for (const piece of checks.pieces(parts.board(), parts.clock.now())) {
        chunk += piece;
        if (++pieces % PIECES_A_SLICE !== 0) continue;
        if (chunk !== '') yield chunk;
        chunk = '';
        await new Promise((resolve) => setImmediate(resolve));
      }
      yield chunk;
    },
  };
}

function incidentMetrics(registers: Registry[], board: () => ReadonlyBoard) {
  new Gauge({
    name: 'tocsin_incidents',
    help: 'Unresolved incidents.',
    labelNames: ['state', 'severity'],
    registers,
    collect() {
      for (const severity of SEVERITIES) {
        this.set({ state: 'open', severity }, 0);
        this.set({ state: 'acknowledged', severity }, 0);
      }
      for (const { state, severity } of board().incidents.values()) {
        if (state !== 'resolved') this.inc({ state, severity });
      }
    },
  });
  const opened = new Counter({
    name: 'tocsin_incidents_total',
    help: 'Incidents opened, by the severity they opened with.',
    labelNames: ['severity'],
    registers,
  });
  for (const severity of SEVERITIES) opened.inc({ severity }, 0);
  return {
    changed({ change }: Extract<TocsinEvent, { type: 'changed' }>): void {
      for (const { outcome, incident } of change.reasons) {
        if (outcome !== 'opened' && outcome !== 'opened, nobody to page') continue;
        const row = change.incidents.find(({ id }) => id === incident);
        if (row !== undefined) opened.inc({ severity: row.severity });
      }
    },
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
