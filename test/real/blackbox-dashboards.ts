/**
 * What the dashboards that people have for blackbox_exporter ask, by where they come from: numbers
 * are of grafana.com. `$instance` and `$job` stand for whatever a dashboard calls its variables. Of
 * 14928 only what its panels show is known here, not its file: those of 7587, with a job or without.
 */
const ONE = 'instance=~"$instance"';
const BOTH = 'job=~"$job", instance=~"$instance"';
const JOB = 'job=~"$job"';

export const BLACKBOX_DASHBOARDS: Readonly<Record<string, readonly string[]>> = {
  '7587, 14928': [
    'group by (instance) (probe_success)',
    `probe_success{${ONE}}`,
    `probe_duration_seconds{${ONE}}`,
    `probe_http_duration_seconds{${ONE}}`,
    `probe_http_status_code{${ONE}}`,
    `probe_http_version{${ONE}}`,
    `probe_http_ssl{${ONE}}`,
    `probe_ssl_earliest_cert_expiry{${ONE}} - time()`,
    `avg(probe_duration_seconds{${ONE}})`,
    `avg(probe_dns_lookup_time_seconds{${ONE}})`,
  ],
  '14928, with a job': [
    `probe_success{${BOTH}}`,
    `probe_duration_seconds{${BOTH}}`,
    `probe_http_duration_seconds{${BOTH}}`,
    `probe_http_status_code{${BOTH}}`,
    `probe_http_version{${BOTH}}`,
    `probe_http_ssl{${BOTH}}`,
    `probe_ssl_earliest_cert_expiry{${BOTH}} - time()`,
    `min(probe_ssl_earliest_cert_expiry{${BOTH}} - time()) by (instance)`,
    `avg(probe_duration_seconds{${BOTH}})`,
    `avg(probe_dns_lookup_time_seconds{${BOTH}})`,
  ],
  '13659': [
    `probe_success{${BOTH}}`,
    `probe_http_ssl{${BOTH}} > 0`,
    `(probe_ssl_earliest_cert_expiry{${BOTH}} - time()) / 3600 / 24`,
    `probe_http_status_code{${BOTH}} > 0`,
    `avg_over_time(probe_duration_seconds{${BOTH}}[1m])`,
    `probe_tls_version_info{${BOTH}}`,
    `avg_over_time(probe_dns_lookup_time_seconds{${BOTH}}[1m])`,
    'group by (job) (probe_success)',
    `group by (instance) (probe_success{${JOB}})`,
    `sum(probe_http_duration_seconds{${BOTH}}) by (instance)`,
    `probe_http_duration_seconds{${BOTH}}`,
  ],
  'rules about certificates': [
    `probe_ssl_last_chain_expiry_timestamp_seconds{${JOB}} - time()`,
    `count by (issuer) (probe_ssl_last_chain_info{${JOB}})`,
    `count by (cipher) (probe_tls_cipher_info{${JOB}})`,
  ],
  'the mixin of blackbox-exporter': [
    `max by (instance) (probe_success{${JOB}})`,
    `count(probe_success{${JOB}})`,
    `(count(probe_success{${JOB}} == 1) or vector(0)) / count(probe_success{${JOB}})`,
    `count(probe_http_ssl{${JOB}} == 1) / count(probe_http_version{${JOB}})`,
    `avg(probe_duration_seconds{${JOB}})`,
    `avg_over_time(probe_success{${BOTH}}[30d])`,
    `max by (instance) (probe_http_status_code{${BOTH}})`,
    `max by (instance) (probe_http_ssl{${BOTH}})`,
    `max by (instance, version) (probe_tls_version_info{${BOTH}})`,
    `max by (instance) (probe_http_redirects{${BOTH}})`,
    `max by (instance) (probe_http_version{${BOTH}})`,
    `min by (instance) (probe_ssl_earliest_cert_expiry{${BOTH}} - time())`,
    `avg by (instance) (probe_dns_lookup_time_seconds{${BOTH}})`,
    `sum by (instance) (probe_http_duration_seconds{${BOTH}})`,
    `sum by (phase) (probe_http_duration_seconds{${BOTH}})`,
    `sum by (phase) (probe_icmp_duration_seconds{${BOTH}})`,
    `probe_success{${JOB}} == 0`,
    `avg_over_time(probe_success{${JOB}}[30d]) * 100 < 99.9`,
  ],
};
