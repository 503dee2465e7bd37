/**
 * How a configuration crosses from the thread that read it. Copying ten thousand checks at once would
 * hold the loop that receives them: they come in parcels, and the next one only leaves when it is
 * asked for, in another turn of the loop.
 */
import type { Check } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';

/** Some two milliseconds of copying: more is not heard of in one turn. */
export const CHECKS_A_PARCEL = 250;

/** The last one is what is left, and what they belong to. */
export type Parcel =
  { readonly checks: readonly Check[] } | { readonly last: LoadedConfig; readonly checks?: never };

/** As a worker and its parent, or the ends of a channel, have it. */
interface Port {
  postMessage(value: unknown): void;
  once(event: 'message', hear: (value: Parcel) => void): unknown;
}

/** Answers each message with a parcel until there are no more. */
export function sendParcels(port: Port, loaded: LoadedConfig): void {
  const parcels = parcelsOf(loaded);
  const next = (): void => {
    const parcel = parcels.next();
    if (parcel.done === true) return;
    port.once('message', next);
    port.postMessage(parcel.value);
  };
  port.once('message', next);
}

function* parcelsOf(loaded: LoadedConfig): Generator<Parcel, void> {
  if ('problems' in loaded) {
    yield { last: loaded };
    return;
  }
  const checks = [...loaded.config.checks.values()].map(sharing());
  for (let i = 0; i < checks.length; i += CHECKS_A_PARCEL) {
    yield { checks: checks.slice(i, i + CHECKS_A_PARCEL) };
  }
  yield { last: { ...loaded, config: { ...loaded.config, checks: new Map() } } };
}

/**
 * Makes one of what is the same in many checks, such as `expect` and `confirm`: a third of the copying,
 * of the memory, and of what a collection has to move while a configuration is changed for another.
 */
function sharing(): (check: Check) => Check {
  const known = new Map<string, unknown>();
  const share = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const written = JSON.stringify(value);
    if (!known.has(written)) known.set(written, value);
    return known.get(written);
  };
  const shareEach = <T extends object>(values: T): T =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, share(value)])) as T;
  return (check) => ({ ...shareEach(check), options: shareEach(check.options) });
}

export async function receiveParcels(port: Port): Promise<LoadedConfig> {
  const checks = new Map<string, Check>();
  for (;;) {
    const parcel = await new Promise<Parcel>((resolve) => {
      port.once('message', resolve);
      port.postMessage(null);
    });
    if (parcel.checks === undefined) {
      const { last } = parcel;
      return 'problems' in last ? last : { ...last, config: { ...last.config, checks } };
    }
    for (const check of parcel.checks) checks.set(check.id, check);
  }
}
