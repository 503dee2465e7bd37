/**
 * Whether our clock is right, by what others say the time is. Whoever answers over HTTP says so
 * (RFC 9110 §6.6.1), to the second; certificates are not verified for it: a clock that is far off
 * would find none of them valid.
 */
import type { Config } from '../config/config.ts';
import type { Registries } from '../config/registries.ts';
import type { Clock } from '../system/clock.ts';
import type { Transport } from '../system/transport.ts';
import { printDuration } from '../system/values.ts';
import type { Examined } from './finding.ts';
import { placesOf } from './stakes.ts';

const PATIENCE_MS = 5_000;
const ASKED_MAX = 5;
const SECOND_MS = 1_000;
const SKEW_RISK_MS = 2 * SECOND_MS;
const SKEW_FAULT_MS = 60 * SECOND_MS;

export async function examineClock(
  { channels }: Config,
  kinds: Registries['channels'],
  clock: Clock,
  transport: Pick<Transport, 'exchange'>,
): Promise<Examined> {
  const places = [...channels.values()].flatMap((channel) => placesOf(channel, kinds).slice(0, 1));
  const origins = places.flatMap((place) => {
    const url = URL.parse(place);
    return url !== null && /^https?:$/.test(url.protocol) ? [url.origin] : [];
  });
  const asked = [...new Set(origins)].slice(0, ASKED_MAX);
  const told = await Promise.all(asked.map((origin) => skewBy(origin, clock, transport)));
  return judgeClock(told.filter((skew) => skew !== null));
}

/** By how much our clock is before theirs, ms; null: they did not say. */
async function skewBy(
  origin: string,
  clock: Clock,
  transport: Pick<Transport, 'exchange'>,
): Promise<number | null> {
  const answer = await transport.exchange({
    url: new URL(`${origin}/`),
    method: 'HEAD',
    headers: {},
    body: null,
    maxBodyBytes: 0,
    timeoutMs: PATIENCE_MS,
    signal: AbortSignal.timeout(PATIENCE_MS),
    tls: { verify: false, ca: null, serverName: null },
  });
  const date = 'failure' in answer ? NaN : Date.parse(answer.headers['date'] ?? '');
  return Number.isNaN(date) ? null : clock.now() - (date + SECOND_MS / 2);
}

export function judgeClock(skews: readonly number[]): Examined {
  const sorted = skews.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return { seen: ['nobody told us the time'], findings: [] };
  const off = Math.abs(middle);
  const told = `${String(skews.length)} ${skews.length === 1 ? 'answer' : 'answers'}`;
  if (off < SKEW_RISK_MS) return { seen: [`right, by ${told}`], findings: [] };
  const by = printDuration(Math.round(off / SECOND_MS) * SECOND_MS);
  const finding = {
    level: off < SKEW_FAULT_MS ? ('risk' as const) : ('fault' as const),
    topic: 'clock' as const,
    what: `the clock is ${by} ${middle > 0 ? 'fast' : 'slow'}, by ${told}`,
    at: null,
    why: 'shifts change, hours begin and certificates end by it; signed requests are refused',
    remedy: 'have it set (chrony, systemd-timesyncd)',
  };
  return { seen: [], findings: [finding] };
}
