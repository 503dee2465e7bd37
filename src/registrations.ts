/**
 * What is known of the registrations that checks ask about: each is looked up about once a day, one
 * at a time, beside the looks. A look only reads what is there. What was known stays known for a
 * week while nobody answers, since a registration changes once a year.
 */
import type { Config } from './config/config.ts';
import type { Emit } from './events.ts';
import type { AnyProbe } from './probes/probe.ts';
import { createLookup } from './registration/lookup.ts';
import type { Registration } from './registration/rdap.ts';
import type { Alarm, Clock } from './system/clock.ts';
import type { Random } from './system/random.ts';
import type { Transport } from './system/transport.ts';

export interface Registrations {
  /** Another configuration is in force. */
  replace(): void;
  /** What is known now; of a name that is not asked about, nothing. */
  of(host: string): Registration;
  start(): void;
  /** What is being asked is given up. */
  stop(): void;
}

export interface RegistrationsParts {
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly config: () => Config;
  readonly probe: (type: string) => AnyProbe | undefined;
  readonly transport: Transport;
  readonly emit: Emit;
}

const HOUR_MS = 60 * 60 * 1_000;
const DAILY_MS = 24 * HOUR_MS;
/** Nobody answered: registries count how often they are asked. */
const AGAIN_MS = HOUR_MS;
const KNOWN_FOR_MS = 7 * DAILY_MS;
/** The first questions: a registry that has many of our names is not asked for all at once. */
const FIRST_APART_MS = 1_000;
const FIRST_WITHIN_MS = 60_000;
/** Of the time to wait, more or less. */
const JITTER = 0.1;
const NOT_YET: Registration = { unknown: 'not asked yet' };

interface Entry {
  readonly host: string;
  dueAt: number;
  registration: Registration;
  /** When the registry last said so, epoch ms. */
  knownAt: number;
}

/** Why it is not known may change with every answer, and is no news. */
function said(registration: Registration): number | boolean {
  return 'endsAt' in registration ? registration.endsAt : registration === NOT_YET;
}

export function createRegistrations(parts: RegistrationsParts): Registrations {
  const { clock, random, transport, config, emit } = parts;
  const lookup = createLookup({ clock, transport, bootstrap: () => config().self.rdap });
  const entries = new Map<string, Entry>();
  const stopped = new AbortController();
  let alarm: Alarm | null = null;
  let isStarted = false;
  let isAsking = false;

  function arm(): void {
    alarm?.cancel();
    alarm = null;
    const next = earliest();
    if (next === null || !isStarted || isAsking || stopped.signal.aborted) return;
    alarm = clock.alarm(next.dueAt, () => void ask(next));
  }

  function earliest(): Entry | null {
    let first: Entry | null = null;
    for (const entry of entries.values()) {
      if (first === null || entry.dueAt < first.dueAt) first = entry;
    }
    return first;
  }

  async function ask(entry: Entry): Promise<void> {
    isAsking = true;
    const { registration, isSettled } = await lookup.find(entry.host, stopped.signal);
    isAsking = false;
    if (stopped.signal.aborted) return;
    const now = clock.now();
    const wait = isSettled ? DAILY_MS : AGAIN_MS;
    entry.dueAt = now + wait * (1 - JITTER + 2 * JITTER * random.fraction());
    if (entries.get(entry.host) === entry) take(entry, registration, now);
    arm();
  }

  function take(entry: Entry, registration: Registration, now: number): void {
    const { host, registration: before } = entry;
    const isKnown = 'endsAt' in registration;
    const isKept = 'endsAt' in before && now < entry.knownAt + KNOWN_FOR_MS;
    if (isKnown) entry.knownAt = now;
    if (isKnown || !isKept) entry.registration = registration;
    const isNews = said(entry.registration) !== said(before);
    emit({ type: 'registration', host, registration, isNews });
  }

  return {
    replace() {
      const wanted = new Set<string>();
      for (const { type, options } of config().checks.values()) {
        const host = parts.probe(type)?.registered?.(options) ?? null;
        if (host !== null) wanted.add(host);
      }
      for (const host of entries.keys()) if (!wanted.has(host)) entries.delete(host);
      const fresh = [...wanted].filter((host) => !entries.has(host));
      const withinMs = Math.min(FIRST_WITHIN_MS, FIRST_APART_MS * fresh.length);
      for (const host of fresh) {
        const dueAt = clock.now() + random.fraction() * withinMs;
        entries.set(host, { host, dueAt, registration: NOT_YET, knownAt: -Infinity });
      }
      arm();
    },
    of: (host) => entries.get(host)?.registration ?? NOT_YET,
    start() {
      isStarted = true;
      arm();
    },
    stop() {
      stopped.abort();
      alarm?.cancel();
    },
  };
}
