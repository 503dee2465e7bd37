/**
 * How much life a certificate must have left before it is worth a warning: a time, or a share of
 * the leaf's own life, which suits certificates of six days and of a year alike. And what /metrics
 * shows of a handshake.
 */
import { z } from 'zod';
import type { TlsFacts } from '../system/transport.ts';
import { parseDuration, printDuration } from '../system/values.ts';
import { finding, rough } from './_look.ts';
import type { Finding, Gauge } from './probe.ts';

export type LifeLeft = { readonly ms: number } | { readonly share: number };

const EXPECTED = 'expected a duration such as 14d, or a share of its life such as 20%';

export const lifeLeft = z
  .string({ error: () => EXPECTED })
  .meta({ examples: ['14d', '20%'] })
  .transform((written, { issues }): LifeLeft => {
    const percent = /^(\d{1,2}(?:\.\d+)?)%$/.exec(written);
    const parsed = percent ? { share: Number(percent[1]) / 100 } : parseDuration(written);
    if (!('why' in parsed)) return parsed;
    issues.push({ code: 'custom', input: written, message: `${EXPECTED}: ${parsed.why}` });
    return z.NEVER;
  });

type Life = Pick<TlsFacts, 'leafNotBefore' | 'leafNotAfter' | 'chainNotAfter'>;

export function certificateFinding(tls: Life | null, least: LifeLeft, at: number): Finding {
  const asked = 'ms' in least ? printDuration(least.ms) : `${least.share * 100}% of its life`;
  const about = {
    expectation: 'certificate',
    level: 'warn',
    expected: `at least ${asked} left`,
    reason: 'certificate',
  } as const;
  if (tls === null) {
    return finding({ ...about, met: false, seen: 'no certificate', brief: 'no certificate' });
  }
  const leastMs = 'ms' in least ? least.ms : least.share * (tls.leafNotAfter - tls.leafNotBefore);
  const leftMs = Math.min(tls.leafNotAfter, tls.chainNotAfter) - at;
  const seen = leftMs < 0 ? `expired ${rough(-leftMs)} ago` : `${rough(leftMs)} left`;
  const brief = leftMs < 0 ? `certificate ${seen}` : `certificate expires in ${rough(leftMs)}`;
  return finding({ ...about, met: leftMs >= leastMs, seen, brief });
}

/** `TLS 1.3` */
export function printProtocol(protocol: string): string {
  return protocol.replace('TLSv', 'TLS ');
}

export const tlsGauges: readonly Gauge<{
  /** Of the last connection; null without TLS. */
  readonly tls: Pick<
    TlsFacts,
    'protocol' | 'cipher' | 'chainNotAfter' | 'verifiedNotAfter' | 'leaf'
  > | null;
}>[] = [
  {
    name: 'probe_ssl_earliest_cert_expiry',
    help: 'When the first certificate of the chain expires, in seconds since the epoch',
    read: ({ tls }) => (tls === null ? undefined : tls.chainNotAfter / 1_000),
  },
  {
    name: 'probe_tls_version_info',
    help: 'The TLS version of the last connection',
    label: 'version',
    read: ({ tls }) => (tls === null ? undefined : new Map([[printProtocol(tls.protocol), 1]])),
  },
  {
    name: 'probe_tls_cipher_info',
    help: 'The cipher of the last connection',
    label: 'cipher',
    read: ({ tls }) => (tls === null ? undefined : new Map([[tls.cipher, 1]])),
  },
  {
    name: 'probe_ssl_last_chain_expiry_timestamp_seconds',
    help: 'When the chain that was accepted expires, in seconds since the epoch',
    read({ tls }) {
      const end = tls?.verifiedNotAfter ?? null;
      return end === null ? undefined : end / 1_000;
    },
  },
  {
    name: 'probe_ssl_last_chain_info',
    help: 'What the certificate of the last connection says of itself; always 1',
    read: ({ tls }) => (tls === null ? undefined : { words: certificateWords(tls.leaf) }),
  },
];

function certificateWords({ fingerprint, subject, issuer, names, serial }: TlsFacts['leaf']) {
  return {
    fingerprint_sha256: fingerprint,
    issuer,
    serialnumber: serial,
    subject,
    subjectalternative: names,
  };
}
