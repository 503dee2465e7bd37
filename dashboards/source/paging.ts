/** Whether pages get through, and how long people take: the part of Tocsin that must not fail. */
import { heading, series, stat, table, type Board } from './board.ts';
import { JOB, quantile } from './expressions.ts';

function times(title: string, metric: string, description: string) {
  return stat({
    title,
    description: `${description} Median and 95th percentile over the range. Empty when all is well.`,
    unit: 's',
    width: 8,
    queries: [
      { expr: quantile(0.5, metric, JOB), legend: 'half within' },
      { expr: quantile(0.95, metric, JOB), legend: '95 % within' },
    ],
  });
}

export const paging: Board = {
  uid: 'tocsin-paging',
  title: 'Tocsin: paging',
  description:
    'Time to page, to acknowledge, to resolve; deliveries, failures, who can be reached.',
  from: 'now-7d',
  variables: [],
  panels: [
    heading('How long it takes'),
    times(
      'To page',
      'tocsin_incident_time_to_page_seconds',
      'From the first failure until a channel accepted the first page.',
    ),
    times(
      'To acknowledge',
      'tocsin_incident_time_to_acknowledge_seconds',
      'From the opening until somebody had it.',
    ),
    times(
      'To resolve',
      'tocsin_incident_time_to_resolve_seconds',
      'From the opening until the end.',
    ),
    series({
      title: 'Incidents opened',
      description: 'By the severity they opened with.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (severity) (increase(tocsin_incidents_total{${JOB}}[$__rate_interval]))`,
          legend: '{{severity}}',
        },
      ],
    }),
    series({
      title: 'Unresolved incidents',
      description: 'Open: nobody has them. Acknowledged: somebody has.',
      unit: 'short',
      queries: [{ expr: `sum by (state) (tocsin_incidents{${JOB}})`, legend: '{{state}}' }],
    }),
    heading('Deliveries'),
    series({
      title: 'Attempts by channel',
      description: 'Every attempt to deliver, the failed ones too.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (channel) (increase(tocsin_notifications_total{${JOB}}[$__rate_interval]))`,
          legend: '{{channel}}',
        },
      ],
    }),
    series({
      title: 'Attempts by kind',
      description: 'What for: pages, updates, acknowledgements, ends, drills, posts.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (kind) (increase(tocsin_notifications_total{${JOB}}[$__rate_interval]))`,
          legend: '{{kind}}',
        },
      ],
    }),
    series({
      title: 'Failures by channel and reason',
      description: 'Attempts that were not accepted, or lost after all.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (channel, reason) (increase(tocsin_notifications_failed_total{${JOB}}[$__rate_interval]))`,
          legend: '{{channel}} {{reason}}',
        },
      ],
    }),
    series({
      title: 'Outbox',
      description: 'Notifications that wait or are being sent.',
      unit: 'short',
      queries: [
        { expr: `sum by (channel) (tocsin_outbox_pending{${JOB}})`, legend: '{{channel}}' },
      ],
    }),
    series({
      title: 'Bundles',
      description:
        'Messages about several incidents, instead of more than a phone is to bear: how many left, and how many wait.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (channel) (increase(tocsin_bundles_total{${JOB}}[$__rate_interval]))`,
          legend: '{{channel}}',
        },
        {
          expr: `sum by (channel) (tocsin_bundles_held{${JOB}})`,
          legend: '{{channel}}: waiting',
        },
      ],
    }),
    table({
      title: 'Time to acceptance',
      description:
        'From the decision until the channel accepted it, 95th percentile over the range, of channels that had something to send.',
      unit: 's',
      queries: [
        {
          expr: `${quantile(0.95, 'tocsin_notification_latency_seconds', JOB, 'channel, le')} >= 0`,
        },
      ],
      columns: { channel: 'Channel' },
      value: '95 % within',
    }),
    table({
      title: 'Drills',
      description: 'Messages of drills over the range, by channel.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (channel) (increase(tocsin_notifications_total{${JOB}, kind="drill"}[$__range]))`,
        },
      ],
      columns: { channel: 'Channel' },
      value: 'Messages',
    }),
    table({
      title: 'Drills: the last one',
      description: 'When the last drill of each escalation was over.',
      unit: 'dateTimeFromNow',
      words: { '0': 'not that is known' },
      queries: [
        { expr: `max by (escalation) (tocsin_drill_last_timestamp_seconds{${JOB}}) * 1000` },
      ],
      columns: { escalation: 'Escalation' },
      value: 'Over',
    }),
    table({
      title: 'Drills: not answered',
      description: 'Responders who did not answer the last drill.',
      unit: 'short',
      words: { '-1': 'no drill yet' },
      queries: [
        {
          expr: `max by (escalation) (tocsin_drill_last_unanswered{${JOB}}) or max by (escalation) (tocsin_drill_last_timestamp_seconds{${JOB}} == 0) - 1`,
        },
      ],
      columns: { escalation: 'Escalation' },
      value: 'Did not answer',
    }),
    heading('Who can be reached'),
    table({
      title: 'Channels: last success',
      description: 'When each channel last accepted something, since the start.',
      unit: 'dateTimeFromNow',
      words: { '0': 'not since the start' },
      queries: [
        { expr: `max by (channel) (tocsin_channel_last_success_timestamp_seconds{${JOB}}) * 1000` },
      ],
      columns: { channel: 'Channel' },
      value: 'Last success',
    }),
    table({
      title: 'Channels: would take something',
      description:
        'As the vendor said when it was asked last. Only for channels that can be asked, with heartbeat_to.',
      unit: 'bool_yes_no',
      queries: [{ expr: `min by (channel) (tocsin_channel_check_success{${JOB}})` }],
      columns: { channel: 'Channel' },
      value: 'Takes it',
    }),
    table({
      title: 'Responders: last proven reachable',
      description:
        'When a message to each responder last got through: delivered, where receipts come.',
      unit: 'dateTimeFromNow',
      words: { '0': 'not that is known' },
      queries: [
        {
          expr: `max by (responder, channel) (tocsin_responder_last_reached_timestamp_seconds{${JOB}}) * 1000`,
        },
      ],
      columns: { responder: 'Responder', channel: 'Channel' },
      value: 'Last reached',
    }),
    table({
      title: 'Responders: last answer',
      description: 'When each responder last answered, a page or a drill.',
      unit: 'dateTimeFromNow',
      words: { '0': 'not that is known' },
      queries: [
        {
          expr: `max by (responder, channel) (tocsin_responder_last_answered_timestamp_seconds{${JOB}}) * 1000`,
        },
      ],
      columns: { responder: 'Responder', channel: 'Channel' },
      value: 'Last answered',
    }),
  ],
};
