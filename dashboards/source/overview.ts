/** What is down now, since when and who has it; and which checks deserve work. */
import { choice, heading, series, stat, table, type Board } from './board.ts';
import { budgetLeft, described, downShare, JOB, sinceWhen, withIncident } from './expressions.ts';

const GOOD_AT_0 = [
  { from: null, color: 'green' },
  { from: 1, color: 'red' },
] as const;

const counted = (state: string) => `sum(tocsin_check_state{${JOB}, state="${state}"})`;

export const overview: Board = {
  uid: 'tocsin-overview',
  title: 'Tocsin: overview',
  description: 'What is down, since when, who has it, and how much of the error budget is left.',
  from: 'now-24h',
  variables: [choice('objective', 'Objective %', ['99', '99.5', '99.9', '99.95', '99.99'], '99.9')],
  panels: [
    heading('Now'),
    stat({
      title: 'Down',
      description: 'Checks that are confirmed down.',
      unit: 'none',
      steps: GOOD_AT_0,
      queries: [{ expr: counted('down') }],
    }),
    stat({
      title: 'Degraded',
      description: 'Checks that are up with a warning: slow, a certificate that ends soon.',
      unit: 'none',
      steps: [
        { from: null, color: 'green' },
        { from: 1, color: 'orange' },
      ],
      queries: [{ expr: counted('degraded') }],
    }),
    stat({
      title: 'Not known',
      description: 'Checks that were not looked at lately, or that could not be seen from here.',
      unit: 'none',
      steps: [
        { from: null, color: 'green' },
        { from: 1, color: 'orange' },
      ],
      queries: [{ expr: counted('unknown') }],
    }),
    stat({
      title: 'Up',
      description: 'Checks that are up without a warning.',
      unit: 'none',
      queries: [{ expr: counted('up') }],
    }),
    stat({
      title: 'Incidents, nobody has them',
      description: 'Open incidents that nobody has acknowledged.',
      unit: 'none',
      steps: GOOD_AT_0,
      queries: [{ expr: `sum(tocsin_incidents{${JOB}, state="open"})` }],
    }),
    stat({
      title: 'Incidents, somebody has them',
      description: 'Acknowledged incidents.',
      unit: 'none',
      queries: [{ expr: `sum(tocsin_incidents{${JOB}, state="acknowledged"})` }],
    }),
    table({
      title: 'Down now',
      description:
        'Each check that is down, since when, and who has its incident. Empty when all is well.',
      unit: 'dateTimeFromNow',
      width: 24,
      queries: [{ expr: withIncident(described(sinceWhen('down', JOB))) }],
      columns: {
        name: 'Name',
        check: 'Check',
        severity: 'Severity',
        incident: 'Incident',
        by: 'Who has it',
      },
      value: 'Since',
    }),
    heading('Over the range chosen'),
    stat({
      title: 'Uptime',
      description: 'Share of the time in which checks were not down, over all of them.',
      unit: 'percentunit',
      width: 6,
      height: 8,
      queries: [{ expr: `1 - avg(${downShare(JOB)})` }],
    }),
    stat({
      title: 'Checks within the objective',
      description: 'Share of the checks that were down for less than the objective allows.',
      unit: 'percentunit',
      width: 6,
      height: 8,
      queries: [{ expr: `avg(${budgetLeft(downShare(JOB))} >= bool 0)` }],
    }),
    table({
      title: 'Error budget left',
      description:
        'The twenty checks with the least of it: 100 % is untouched, below 0 is overdrawn.',
      unit: 'percentunit',
      queries: [{ expr: `bottomk(20, ${budgetLeft(downShare(JOB))})` }],
      columns: { check: 'Check' },
      value: 'Left',
    }),
    table({
      title: 'Most failing',
      description: 'The ten checks with the most failed looks, before any confirming.',
      unit: 'short',
      queries: [
        {
          expr: `topk(10, sum by (check) (increase(tocsin_probe_results_total{${JOB}, result="down"}[$__range])))`,
        },
      ],
      columns: { check: 'Check' },
      value: 'Failed looks',
    }),
    table({
      title: 'Slowest',
      description: 'The ten checks whose looks took longest on average.',
      unit: 's',
      queries: [
        {
          expr: `topk(10, avg by (check) (avg_over_time(probe_duration_seconds{${JOB}}[$__range])))`,
        },
      ],
      columns: { check: 'Check' },
      value: 'Duration',
    }),
    series({
      title: 'Checks by state',
      description: 'How many checks are in each state.',
      unit: 'none',
      queries: [{ expr: `sum by (state) (tocsin_check_state{${JOB}})`, legend: '{{state}}' }],
    }),
    series({
      title: 'Failed looks',
      description: 'Looks a second that failed, the ten checks with the most of them.',
      unit: 'ops',
      queries: [
        {
          expr: `topk(10, sum by (check) (rate(tocsin_probe_results_total{${JOB}, result="down"}[$__rate_interval])))`,
          legend: '{{check}}',
        },
      ],
    }),
  ],
};
