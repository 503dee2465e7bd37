/**
 * How much of a registration must be left before it is worth a warning. A probe asks nobody: it
 * reads what is known by then, and what is not known is not judged.
 */
import type { Registration } from '../registration/rdap.ts';
import { duration, printDuration } from '../system/values.ts';
import { finding, rough } from './_look.ts';
import type { Finding, Gauge, Sight } from './probe.ts';

/** The option `warn: { domain: 30d }`. */
export const registrationLeft = () =>
  duration({ min: 1 }).describe('Less left of the registration of the domain, as RDAP says');

const NEEDED = 'needs a name that somebody has registered, such as shop.example.com';

/** Why nothing like it can be registered; null: it can. */
export function domainFault(host: string): string | null {
  if (host.includes(':') || /^[\d.]+$/.test(host)) return `${NEEDED}: this is an address`;
  return host.replace(/\.$/, '').includes('.') ? null : `${NEEDED}: this name has no domain`;
}

interface Domained {
  readonly domain?: number | undefined;
}

/** null: nobody wants to know. */
export function registrationOf(
  { domain }: Domained,
  host: string,
  sight: Pick<Sight, 'registration'>,
): Registration | null {
  return domain === undefined ? null : sight.registration(host);
}

export function domainFinding(registration: Registration, leastMs: number, at: number): Finding {
  const about = {
    expectation: 'domain',
    level: 'warn',
    expected: `at least ${printDuration(leastMs)} left`,
    reason: 'dns',
  } as const;
  if ('unknown' in registration) {
    const seen = `not known: ${registration.unknown}`;
    return { ...finding({ ...about, met: true, seen, brief: '' }), isJudged: false };
  }
  const { domain, endsAt } = registration;
  const leftMs = endsAt - at;
  const isOver = leftMs < 0;
  const seen = isOver
    ? `${domain} ended ${rough(-leftMs)} ago`
    : `${rough(leftMs)} left of ${domain}`;
  const brief = isOver ? `domain ended ${rough(-leftMs)} ago` : `domain ends in ${rough(leftMs)}`;
  return finding({ ...about, met: leftMs >= leastMs, seen, brief });
}

export const domainGauges: readonly Gauge<{ readonly registration: Registration | null }>[] = [
  {
    name: 'tocsin_domain_expiry_timestamp_seconds',
    help: 'When the registration of the domain ends, Unix time; absent while that is not known',
    read: ({ registration }) =>
      registration !== null && 'endsAt' in registration ? registration.endsAt / 1_000 : undefined,
  },
];
