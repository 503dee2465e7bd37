/** What /metrics shows of HTTP, by the names of blackbox_exporter: of the last connection, or summed. */
import { tlsGauges } from './_certificate.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { connectionGauges } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import type { Looked } from './_http-look.ts';
import type { Gauge } from './probe.ts';

export interface HttpMeasured extends ConnectionFacts, Pick<Looked, 'phases' | 'isTls' | 'tls'> {
  readonly redirects: number;
  readonly answer: Pick<HttpAnswer, 'status' | 'version' | 'headers'> | null;
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
  ...tlsGauges,
];

function contentLength(header: string | undefined): number {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : -1;
}
