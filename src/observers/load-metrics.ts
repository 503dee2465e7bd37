/**
 * What is bounded, and how near it is to its bound: lanes, queues, and what was dropped because one
 * was full. Gauges are asked for at the scrape; of what was dropped each part keeps its own count,
 * which starts at 0 with the process.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { TocsinEvent } from '../events.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Log } from '../system/log.ts';
import type { OwnResolver } from '../system/own-resolver.ts';

export interface LoadParts {
  readonly scheduler: Pick<Scheduler, 'load'>;
  /** By whom they look names up for. */
  readonly resolvers: Readonly<Record<'looks' | 'pages', Pick<OwnResolver, 'pending'>>>;
  readonly log: Pick<Log, 'dropped'>;
}

export interface LoadMetrics {
  observe(event: TocsinEvent): void;
}

const LOOKUPS = ['known', 'not_known'] as const;

export function createLoadMetrics(
  registers: Registry[],
  { scheduler, resolvers, log }: LoadParts,
): LoadMetrics {
  laneMetrics(registers, scheduler);
  new Gauge({
    name: 'tocsin_resolver_pending',
    help: 'Names that are being looked up, for looks and for pages.',
    labelNames: ['for'],
    registers,
    collect() {
      this.set({ for: 'looks' }, resolvers.looks.pending);
      this.set({ for: 'pages' }, resolvers.pages.pending);
    },
  });
  new Counter({
    name: 'tocsin_log_lines_dropped_total',
    help: 'Lines of the log that nobody took in time.',
    registers,
    collect() {
      this.reset();
      this.inc(log.dropped());
    },
  });
  const lost = new Counter({
    name: 'tocsin_history_looks_lost_total',
    help: 'Looks that the history did not take; what is decided never depends on it.',
    registers,
  });
  const spans = new Counter({
    name: 'tocsin_spans_lost_total',
    help: 'Spans that no collector took; none are made unless the environment asks for them.',
    registers,
  });
  const troubles = new Counter({
    name: 'tocsin_troubles_total',
    help: 'Things of our own that went wrong and were survived; the log says what.',
    registers,
  });
  const lookups = new Counter({
    name: 'tocsin_domain_lookups_total',
    help: 'Answers about registrations, by whether their end is known.',
    labelNames: ['result'],
    registers,
  });
  for (const result of LOOKUPS) lookups.inc({ result }, 0);
  return {
    observe(event) {
      if (event.type === 'looks_lost') lost.inc(event.count);
      if (event.type === 'spans_not_taken') spans.inc(event.lost);
      if (event.type === 'trouble') troubles.inc();
      if (event.type === 'registration') {
        lookups.inc({ result: 'endsAt' in event.registration ? 'known' : 'not_known' });
      }
    },
  };
}

function laneMetrics(registers: Registry[], scheduler: LoadParts['scheduler']): void {
  const byLane = (of: 'limit' | 'running' | 'queued', help: string) =>
    new Gauge({
      name: `tocsin_lane_${of}`,
      help,
      labelNames: ['lane'],
      registers,
      collect() {
        for (const view of scheduler.load().lanes) this.set({ lane: view.lane }, view[of]);
      },
    });
  byLane('limit', 'How many looks a lane takes at a time.');
  byLane('running', 'Looks that have a place in a lane.');
  byLane('queued', 'Looks that are due and wait for a place.');
  new Gauge({
    name: 'tocsin_looks_waiting',
    help: 'Looks that wait for their target without a place in a lane.',
    registers,
    collect() {
      this.set(scheduler.load().waiting);
    },
  });
  new Counter({
    name: 'tocsin_looks_left_out_total',
    help: 'Looks not made: the one before was queued or running (unfinished), or their time had passed (late).',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      const { unfinished, late } = scheduler.load().leftOut;
      this.inc({ reason: 'unfinished' }, unfinished);
      this.inc({ reason: 'late' }, late);
    },
  });
}
