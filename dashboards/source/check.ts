/** One check: how it is, where its time goes, its certificate, and what became of it. */
import { choice, heading, labelValues, lanes, series, stat, table, type Board } from './board.ts';
import { budgetLeft, CHECK, downShare, JOB } from './expressions.ts';

export const check: Board = {
  uid: 'tocsin-check',
  title: 'Tocsin: one check',
  description: 'State, phases, certificate, history and incidents of one check.',
  from: 'now-6h',
  variables: [
    labelValues('check', 'Check', 'label_values(tocsin_check_info{job=~"$job"}, check)', false),
    choice('objective', 'Objective %', ['99', '99.5', '99.9', '99.95', '99.99'], '99.9'),
  ],
  annotations: [{ name: 'Incident {{incident}}', expr: `tocsin_check_incident_info{${CHECK}}` }],
  panels: [
    heading('$check'),
    stat({
      title: 'Now',
      description: 'The confirmed state.',
      unit: 'none',
      queries: [{ expr: `tocsin_check_state{${CHECK}} == 1`, legend: '{{state}}' }],
      words: { '1': ' ' },
    }),
    stat({
      title: 'Since',
      description: 'When this state began.',
      unit: 'dateTimeFromNow',
      queries: [{ expr: `tocsin_check_since_timestamp_seconds{${CHECK}} * 1000` }],
    }),
    stat({
      title: 'Last look',
      description: 'When the last look began.',
      unit: 'dateTimeFromNow',
      queries: [{ expr: `tocsin_probe_last_run_timestamp_seconds{${CHECK}} * 1000` }],
      words: { '0': 'never' },
    }),
    stat({
      title: 'Uptime',
      description: 'Share of the range in which it was not down.',
      unit: 'percentunit',
      queries: [{ expr: `1 - ${downShare(CHECK)}` }],
    }),
    stat({
      title: 'Error budget left',
      description: '100 % is untouched, below 0 is overdrawn.',
      unit: 'percentunit',
      steps: [
        { from: null, color: 'red' },
        { from: 0, color: 'green' },
      ],
      queries: [{ expr: budgetLeft(downShare(CHECK)) }],
    }),
    table({
      title: 'What it is',
      description: 'As it is configured.',
      unit: 'none',
      width: 4,
      height: 4,
      queries: [{ expr: `tocsin_check_info{${CHECK}}` }],
      columns: { name: 'Name', type: 'Type', severity: 'Severity', escalation: 'Pages' },
      value: 'Checks',
    }),
    lanes({
      title: 'History',
      description: 'Which state it was in.',
      unit: 'none',
      steps: [
        { from: null, color: 'blue' },
        { from: 1, color: 'green' },
      ],
      words: { '0': 'no', '1': 'yes' },
      queries: [{ expr: `tocsin_check_state{${CHECK}}`, legend: '{{state}}' }],
    }),
    heading('Looks'),
    series({
      title: 'Duration',
      description: 'How long looks took.',
      unit: 's',
      queries: [{ expr: `probe_duration_seconds{${CHECK}}`, legend: 'the whole look' }],
    }),
    series({
      title: 'Phases',
      description: 'Where the time of an HTTP look goes. Only for checks of type http.',
      unit: 's',
      queries: [{ expr: `probe_http_duration_seconds{${CHECK}}`, legend: '{{phase}}' }],
    }),
    series({
      title: 'Results',
      description: 'Looks a second by how they came out, before any confirming.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (result) (rate(tocsin_probe_results_total{${CHECK}}[$__rate_interval]))`,
          legend: '{{result}}',
        },
      ],
    }),
    series({
      title: 'Success',
      description:
        'The last look as it was: 1 for up and degraded. A gap is a look that could not tell.',
      unit: 'none',
      queries: [{ expr: `probe_success{${CHECK}}`, legend: 'success' }],
    }),
    heading('HTTP and TLS'),
    stat({
      title: 'Status code',
      description: 'Of the last answer. Only for checks of type http.',
      unit: 'none',
      queries: [{ expr: `probe_http_status_code{${CHECK}}` }],
    }),
    stat({
      title: 'HTTP version',
      description: 'Of the last answer. Only for checks of type http.',
      unit: 'none',
      queries: [{ expr: `probe_http_version{${CHECK}}` }],
    }),
    stat({
      title: 'Redirects',
      description: 'Followed by the last look. Only for checks of type http.',
      unit: 'none',
      queries: [{ expr: `probe_http_redirects{${CHECK}}` }],
    }),
    stat({
      title: 'TLS version',
      description: 'As agreed upon by the last look. Only for checks that go over TLS.',
      unit: 'none',
      queries: [{ expr: `probe_tls_version_info{${CHECK}}`, legend: '{{version}}' }],
      words: { '1': ' ' },
    }),
    stat({
      title: 'Certificate ends in',
      description: 'The first to end of leaf and chain. Only for checks that go over TLS.',
      unit: 's',
      width: 8,
      steps: [
        { from: null, color: 'red' },
        { from: 7 * 86_400, color: 'orange' },
        { from: 21 * 86_400, color: 'green' },
      ],
      queries: [{ expr: `probe_ssl_earliest_cert_expiry{${CHECK}} - time()` }],
    }),
    table({
      title: 'Certificate',
      description:
        'What the one of the last look says of itself. Only for checks that go over TLS.',
      unit: 'none',
      width: 24,
      height: 4,
      queries: [
        {
          expr: `probe_ssl_last_chain_info{${CHECK}} * on (job, instance, check) group_left (cipher) probe_tls_cipher_info{${CHECK}}`,
        },
      ],
      columns: {
        subject: 'Subject',
        issuer: 'Issuer',
        subjectalternative: 'Names',
        serialnumber: 'Serial number',
        cipher: 'Cipher',
      },
      value: 'Certificates',
    }),
    heading('Incidents'),
    table({
      title: 'Its incident',
      description: 'The unresolved incident that it is in, and who has it. Empty when all is well.',
      unit: 'dateTimeFromNow',
      width: 24,
      height: 5,
      queries: [
        {
          expr: `(tocsin_check_incident_info{${CHECK}} * on (job, instance, incident) group_left (severity, state, by) tocsin_incident_info{${JOB}}) * on (job, instance, incident) group_left () tocsin_incident_opened_timestamp_seconds{${JOB}} * 1000`,
        },
      ],
      columns: { incident: 'Incident', severity: 'Severity', state: 'State', by: 'Who has it' },
      value: 'Opened',
    }),
  ],
};
