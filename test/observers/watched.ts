/** Metrics over a board that a test changes, with a probe that has gauges of every shape. */
import type { Check, Config } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Change } from '../../src/incident/change.ts';
import type { Status } from '../../src/judge/verdict.ts';
import { createMetrics, type Metrics } from '../../src/observers/metrics.ts';
import type { Format } from '../../src/observers/exposition.ts';
import type { AnyProbe } from '../../src/probes/probe.ts';
import { aChange } from '../builders.ts';
import { boardOf, checkOf, configOf, MORNING, stateOf } from '../server/house.ts';
import type { Load } from '../../src/schedule/scheduler.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { readExposition, type Exposition } from './exposition-reader.ts';

interface Facts {
  readonly code?: number;
  readonly phases?: Readonly<Record<string, number>>;
  readonly subject?: string;
}

export const PROBES = new Map<string, AnyProbe>([
  [
    'http',
    {
      gauges: [
        {
          name: 'probe_http_status_code',
          help: 'The status of the answer.',
          read: ({ code }: Facts) => code,
        },
        {
          name: 'probe_http_duration_seconds',
          help: 'How long each phase took.',
          label: 'phase',
          read: ({ phases }: Facts) => phases && new Map(Object.entries(phases)),
        },
        { name: 'probe_ip_protocol', help: 'Four or six.', read: () => 4 },
        {
          name: 'probe_ssl_last_chain_info',
          help: 'What the certificate says of itself.',
          read: ({ subject }: Facts) => subject && { words: { subject, issuer: 'CN=Ours' } },
        },
      ],
    } as unknown as AnyProbe,
  ],
  [
    'tcp',
    {
      gauges: [{ name: 'probe_ip_protocol', help: 'Four or six.', read: () => 6 }],
    } as unknown as AnyProbe,
  ],
]);

export class Watched {
  readonly clock = new VirtualClock(MORNING);
  board = boardOf([], []);
  config: Config;
  pending = new Map<string, number>();
  load: Load = { lanes: [], waiting: 0, leftOut: { unfinished: 0, late: 0 } };
  readonly resolvers = { looks: { pending: 0 }, pages: { pending: 0 } };
  logLinesDropped = 0;
  readonly metrics: Metrics;

  constructor(checks: readonly Check[] = [checkOf('shop')], fields: Partial<Config> = {}) {
    this.config = configOf(checks, fields);
    this.metrics = createMetrics({
      board: () => this.board,
      config: () => this.config,
      probes: PROBES,
      version: '0.1.0',
      outboxPending: () => this.pending,
      load: {
        scheduler: { load: () => this.load },
        resolvers: this.resolvers,
        log: { dropped: () => this.logLinesDropped },
      },
      clock: this.clock,
    });
  }

  async read(): Promise<Exposition> {
    return readExposition(await this.text());
  }

  async text(format?: Format): Promise<string> {
    return Buffer.concat(await Array.fromAsync(this.metrics.render(format))).toString();
  }

  configure(config: Config): void {
    this.config = config;
    this.metrics.observe({
      ...{ type: 'configured', config, original: '', broken: [] },
      at: this.clock.now(),
    });
  }

  look(check: string, status: Status, facts: Facts | null) {
    const at = this.clock.now();
    const state = stateOf(check, { lookedAt: at, tookMs: 250, lastStatus: status });
    this.board.checks.set(check, state);
    const verdict = {
      check,
      generation: 'g1',
      from: 'here',
      at,
      tookMs: 250,
      status,
      findings: [],
      reason: null,
      brief: '',
    };
    this.metrics.observe({ type: 'looked', verdict, state, facts });
  }

  change(fields: Partial<Change>): void {
    this.metrics.observe(changed(fields));
  }
}

export function changed(fields: Partial<Change>): Extract<TocsinEvent, { type: 'changed' }> {
  return { type: 'changed', change: aChange(MORNING, fields), recorded: true };
}
