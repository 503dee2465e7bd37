/**
 * Which checks a silence covers, and since when until when. It covers by name, by tag or all of
 * them; what hangs below is covered only if it says so. What one would get wrong: `*` and tags mean
 * the checks of the configuration, never Tocsin's own: who would say then that it is blind?
 */
import type { Config } from '../config/config.ts';
import { ancestorsOf } from './ancestry.ts';
import type { Silence } from './incident.ts';

export const EVERY_CHECK = '*';

export type Coverage = Pick<Silence, 'covers' | 'below'>;

export function covers({ covers: named, below }: Coverage, check: string, config: Config): boolean {
  if (isNamed(named, check, config)) return true;
  return below && ancestorsOf(config, check).some((above) => isNamed(named, above, config));
}

function isNamed(named: readonly string[], check: string, { checks }: Config): boolean {
  const tags = checks.get(check)?.tags;
  return named.some((name) => {
    if (name === check) return true;
    return tags !== undefined && (name === EVERY_CHECK || isTagged(tags, name));
  });
}

/** `team=shop` */
function isTagged(tags: Readonly<Record<string, string>>, name: string): boolean {
  const tagEnds = name.indexOf('=');
  return tagEnds > 0 && tags[name.slice(0, tagEnds)] === name.slice(tagEnds + 1);
}

/** Is it the name of a check, and not of many? */
export function isOneCheck(name: string): boolean {
  return name !== EVERY_CHECK && !name.includes('=');
}

/** Begun by the clock and not over, whether or not that has been dealt with. */
export function isInForce({ startsAt, endsAt, endedAt }: Silence, now: number): boolean {
  return endedAt === null && startsAt <= now && (endsAt === null || endsAt > now);
}

/** Where a silence is looked for: under the one check that it is about, or under `*`. */
export function placeOf({ covers: [first = EVERY_CHECK, ...others], below }: Coverage): string {
  return others.length === 0 && !below && isOneCheck(first) ? first : EVERY_CHECK;
}

/** Of those in force that cover this check, the one that lasts longest. */
export function longestOver(
  silences: Iterable<Silence>,
  check: string,
  config: Config,
  now: number,
): Silence | undefined {
  let longest: Silence | undefined;
  const end = ({ endsAt }: Silence): number => endsAt ?? Infinity;
  for (const silence of silences) {
    if (!isInForce(silence, now) || !covers(silence, check, config)) continue;
    if (longest === undefined || end(silence) > end(longest)) longest = silence;
  }
  return longest;
}

/** As the board has them by now. */
export function silenceOver(
  board: {
    readonly silences: ReadonlyMap<string, Silence>;
    readonly silencesAt: ReadonlyMap<string, ReadonlySet<string>>;
  },
  check: string,
  config: Config,
  now: number,
): Silence | undefined {
  if (board.silences.size === 0) return undefined;
  const candidates = [check, EVERY_CHECK].flatMap((place) => [
    ...(board.silencesAt.get(place) ?? []),
  ]);
  const known = candidates.flatMap((id) => board.silences.get(id) ?? []);
  return longestOver(known, check, config, now);
}
