/** What /metrics shows of HTTP, by the names of blackbox_exporter: of the last connection, or summed. */
import { tlsGauges } from './_certificate.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { connectionGauges } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import type { Looked } from './_http-look.ts';
import type { Gauge } from './probe.ts';

export interface HttpMeasured extends ConnectionFacts, Pick<Looked, 'phases' | 'isTls' | 'tls'> {
  readonly redirects: number;
  readonly answer: HttpAnswer | null;
}

export const httpGauges: readonly Gauge<HttpMeasured>[] = [
  ...connectionGauges,
  {
    name: 'probe_http_status_code',
    help: 'Status code of the last answer, 0 without one',
    read: ({ answer }) => answer?.status ?? 0,
  },
  {
    name: 'probe_http_duration_seconds',
    help: 'Duration by phase, summed over all redirects',
    label: 'phase',
    read: ({ phases }) =>
      new Map(Object.entries(phases).map(([phase, ms]: [string, number]) => [phase, ms / 1_000])),
  },
  {
    name: 'probe_http_ssl',
    help: '1 if the last connection used TLS',
    read: ({ isTls, answer }) => (isTls && answer !== null ? 1 : 0),
  },
  {
    name: 'probe_http_version',
    help: 'HTTP version of the last answer, 0 without one',
    read: ({ answer }) => Number(answer?.version ?? 0),
  },
  {
    name: 'probe_http_redirects',
    help: 'The number of redirects that were followed',
    read: ({ redirects }) => redirects,
  },
  {
    name: 'probe_http_content_length',
    help: 'Content length of the last answer, -1 if it did not say',
    read: ({ answer }) => contentLength(answer?.headers['content-length']),
  },
  {
    name: 'probe_http_uncompressed_body_length',
    help: 'Length of the last body as far as it was read, in bytes, decompressed',
    read: ({ answer }) => answer?.bodyBytes ?? 0,
  },
  {
    name: 'probe_http_last_modified_timestamp_seconds',
    help: 'When the last answer says that it was modified, in seconds since the epoch',
    read: ({ answer }) => timestamp(answer?.headers['last-modified']),
  },
  {
    name: 'probe_failed_due_to_regex',
    help: '1 if the last body, a header or a banner was not as expected',
    read: ({ answer }) => (answer !== null && isWrong(answer) ? 1 : 0),
  },
  ...tlsGauges,
];

function isWrong({ body, inspectedHeaders }: HttpAnswer): boolean {
  return [body, ...Object.values(inspectedHeaders)].some(
    (found) => found !== null && 'wrong' in found && found.wrong !== null,
  );
}

function timestamp(date: string | undefined): number | undefined {
  const ms = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : ms / 1_000;
}

function contentLength(header: string | undefined): number {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : -1;
}
