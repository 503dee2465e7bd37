/**
 * How much life a certificate must have left before it is worth a warning: a time, or a share of
 * the leaf's own life, which suits certificates of six days and of a year alike.
 */
import { z } from 'zod';
import type { TlsFacts } from '../system/transport.ts';
import { parseDuration, printDuration } from '../system/values.ts';
import { finding, rough } from './_look.ts';
import type { Finding } from './probe.ts';

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

export function certificateFinding(tls: TlsFacts | null, least: LifeLeft, at: number): Finding {
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
