/** Tocsin itself: is it late, held up, full, without its memory? */
import { heading, labelValues, series, stat, type Board } from './board.ts';

const SELF = 'job=~"$job", instance=~"$instance"';

const perSecond = (metric: string, by: string) =>
  `sum by (${by}) (rate(${metric}{${SELF}}[$__rate_interval]))`;
const late = (q: number, metric: string) =>
  `histogram_quantile(${q}, sum by (instance, le) (rate(${metric}_bucket{${SELF}}[$__rate_interval])))`;

export const tocsin: Board = {
  uid: 'tocsin-itself',
  title: 'Tocsin: itself',
  description: 'Lag, loop, lanes, resolver, store, outbox, memory.',
  from: 'now-6h',
  variables: [
    labelValues('instance', 'Instance', 'label_values(tocsin_build_info{job=~"$job"}, instance)'),
  ],
  panels: [
    heading('Now'),
    stat({
      title: 'Version',
      description: 'Which Tocsin runs.',
      unit: 'none',
      queries: [{ expr: `tocsin_build_info{${SELF}}`, legend: '{{version}}' }],
      words: { '1': ' ' },
    }),
    stat({
      title: 'Started',
      description: 'When the process started.',
      unit: 'dateTimeFromNow',
      queries: [{ expr: `process_start_time_seconds{${SELF}} * 1000`, legend: '{{instance}}' }],
    }),
    stat({
      title: 'Configuration in force since',
      description: 'When it was loaded.',
      unit: 'dateTimeFromNow',
      queries: [
        {
          expr: `tocsin_config_last_reload_success_timestamp_seconds{${SELF}} * 1000`,
          legend: '{{instance}}',
        },
      ],
    }),
    stat({
      title: 'Last reload',
      description: 'Refused: it runs on an older configuration than the one on the disk.',
      unit: 'none',
      steps: [
        { from: null, color: 'red' },
        { from: 1, color: 'green' },
      ],
      words: { '0': 'refused', '1': 'taken' },
      queries: [{ expr: `tocsin_config_last_reload_successful{${SELF}}`, legend: '{{instance}}' }],
    }),
    stat({
      title: 'Its own troubles',
      description:
        'Blind (no witness answers), without memory (the store fails), stale (behind with looks), pulse (its dead-man switch does not hear it).',
      unit: 'none',
      width: 8,
      steps: [
        { from: null, color: 'green' },
        { from: 1, color: 'red' },
      ],
      words: { '0': 'no', '1': 'yes' },
      queries: [{ expr: `max by (trouble) (tocsin_self_trouble{${SELF}})`, legend: '{{trouble}}' }],
    }),
    heading('Who watches it'),
    stat({
      title: 'Last self-test',
      description:
        'Made before each heartbeat to heartbeat_to; a part that failed keeps the heartbeat back.',
      unit: 'none',
      width: 8,
      steps: [
        { from: null, color: 'green' },
        { from: 1, color: 'red' },
      ],
      words: { '0': 'passed', '1': 'failed' },
      queries: [{ expr: `max by (part) (tocsin_self_test_failed{${SELF}})`, legend: '{{part}}' }],
    }),
    stat({
      title: 'Last heartbeat',
      description: 'When the dead-man switch of heartbeat_to last took one, since the start.',
      unit: 'dateTimeFromNow',
      words: { '0': 'none since the start' },
      queries: [
        {
          expr: `tocsin_pulse_last_success_timestamp_seconds{${SELF}} * 1000`,
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      title: 'Heartbeats not taken',
      description: 'By the dead-man switch of heartbeat_to; the log says how it answered.',
      unit: 'short',
      height: 4,
      queries: [
        {
          expr: `sum by (instance) (increase(tocsin_pulse_refused_total{${SELF}}[$__rate_interval]))`,
          legend: '{{instance}}',
        },
      ],
    }),
    heading('In time'),
    series({
      title: 'Lag',
      description: 'How late looks began, against when they were due.',
      unit: 's',
      queries: [
        { expr: late(0.5, 'tocsin_scheduler_lag_seconds'), legend: 'half within {{instance}}' },
        { expr: late(0.99, 'tocsin_scheduler_lag_seconds'), legend: '99 % within {{instance}}' },
      ],
    }),
    series({
      title: 'Loop held',
      description:
        'Share of the time in which the event loop was held for longer than it should be.',
      unit: 'percentunit',
      queries: [
        {
          expr: perSecond('tocsin_event_loop_block_seconds_sum', 'instance'),
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      title: 'Looks',
      description: 'Looks a second by how they came out.',
      unit: 'ops',
      queries: [{ expr: perSecond('tocsin_probe_results_total', 'result'), legend: '{{result}}' }],
    }),
    series({
      title: 'How long looks take',
      description: 'Over all checks.',
      unit: 's',
      queries: [
        { expr: late(0.5, 'tocsin_probe_seconds'), legend: 'half within {{instance}}' },
        { expr: late(0.99, 'tocsin_probe_seconds'), legend: '99 % within {{instance}}' },
      ],
    }),
    heading('How full'),
    series({
      title: 'Lanes: running',
      description: 'Looks that have a place, by lane.',
      unit: 'short',
      queries: [{ expr: `sum by (lane) (tocsin_lane_running{${SELF}})`, legend: '{{lane}}' }],
    }),
    series({
      title: 'Lanes: queued',
      description: 'Looks that are due and wait for a place; more than 0 for long is too much.',
      unit: 'short',
      queries: [{ expr: `sum by (lane) (tocsin_lane_queued{${SELF}})`, legend: '{{lane}}' }],
    }),
    series({
      title: 'Waiting for targets, and left out',
      description: 'Looks that only wait for their target; looks a second that were not made.',
      unit: 'short',
      queries: [
        { expr: `sum(tocsin_looks_waiting{${SELF}})`, legend: 'waiting' },
        {
          expr: perSecond('tocsin_looks_left_out_total', 'reason'),
          legend: 'left out: {{reason}}',
        },
      ],
    }),
    series({
      title: 'Resolver',
      description: 'Names being looked up, for looks and for pages.',
      unit: 'short',
      queries: [{ expr: `sum by (for) (tocsin_resolver_pending{${SELF}})`, legend: '{{for}}' }],
    }),
    series({
      title: 'Outbox',
      description: 'Notifications that wait or are being sent.',
      unit: 'short',
      queries: [
        { expr: `sum by (channel) (tocsin_outbox_pending{${SELF}})`, legend: '{{channel}}' },
      ],
    }),
    series({
      title: 'Store',
      description: 'Decisions a second, by whether they were stored before anybody was told.',
      unit: 'ops',
      queries: [
        { expr: perSecond('tocsin_changes_total', 'recorded'), legend: 'recorded: {{recorded}}' },
      ],
    }),
    series({
      title: 'Lost and survived',
      description:
        'Looks that the history did not take, lines of the log dropped, spans without a collector, troubles survived.',
      unit: 'ops',
      queries: [
        { expr: perSecond('tocsin_history_looks_lost_total', 'instance'), legend: 'looks' },
        { expr: perSecond('tocsin_log_lines_dropped_total', 'instance'), legend: 'log lines' },
        { expr: perSecond('tocsin_spans_lost_total', 'instance'), legend: 'spans' },
        { expr: perSecond('tocsin_troubles_total', 'instance'), legend: 'troubles' },
      ],
    }),
    heading('Process'),
    series({
      title: 'Memory',
      description: 'Of the process, and of it JavaScript.',
      unit: 'bytes',
      queries: [
        { expr: `process_resident_memory_bytes{${SELF}}`, legend: 'resident {{instance}}' },
        { expr: `nodejs_heap_size_used_bytes{${SELF}}`, legend: 'heap {{instance}}' },
      ],
    }),
    series({
      title: 'CPU',
      description: 'Cores in use.',
      unit: 'percentunit',
      queries: [
        { expr: perSecond('process_cpu_seconds_total', 'instance'), legend: '{{instance}}' },
      ],
    }),
  ],
};
