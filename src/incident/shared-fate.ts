/**
 * Which ways of telling are lost together with what is down, as far as the configuration knows.
 * Nothing here keeps anybody from being told: what is written is used all the same. It says what to
 * use beside it, and what readers should know.
 */
import type { ChannelConfig, Escalation, Responder } from '../config/config.ts';
import type { Fate } from '../config/fate.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';

/** Where an incident is posted, and what its readers should know of that. */
export interface Rooms {
  readonly rooms: readonly { readonly channel: string; readonly caveat?: string }[];
  /** null: one of those that are written is not lost with what is down, as far as is known. */
  readonly outcome: 'posted elsewhere' | 'posts at risk' | null;
}

/** A word for those who read a page where posts are at risk. */
export const POSTS_AT_RISK = 'posts may not arrive';

export function roomsFor(
  draft: Draft,
  { id }: Incident,
  escalation: Escalation | undefined,
): Rooms {
  const written = escalation?.post ?? [];
  const lost = lostWith(draft, [id]);
  const isSafe = (room: string): boolean => !isAtRisk(draft.config.channels.get(room), lost);
  const plain = written.map((channel) => ({ channel }));
  if (written.length === 0 || lost.size === 0 || written.some(isSafe)) {
    return { rooms: plain, outcome: null };
  }
  const spare = spareRooms(draft).find((room) => !written.includes(room) && isSafe(room));
  if (spare === undefined) {
    const warned = plain.map((room) => ({ ...room, caveat: POSTS_AT_RISK }));
    return { rooms: warned, outcome: 'posts at risk' };
  }
  const caveat = `posted here as ${written.join(', ')} may not work`;
  return { rooms: [...plain, { channel: spare, caveat }], outcome: 'posted elsewhere' };
}

/** Where other escalations post, and people read: nothing is said where nobody expects it. */
function spareRooms({ config: { channels, escalations } }: Draft): readonly string[] {
  const posted = new Set([...escalations.values()].flatMap(({ post }) => post));
  return [...channels.values()]
    .filter(({ id, type, forMachines }) => posted.has(id) && !forMachines && type !== 'console')
    .map(({ id }) => id);
}

/** A mail address may be lost without the channel. */
export function isLostWith(
  draft: Draft,
  incident: string,
  responder: string,
  channel: string,
): boolean {
  const lost = lostWith(draft, [incident]);
  const { channels, responders } = draft.config;
  return lost.size > 0 && isAtRisk(channels.get(channel), lost, responders.get(responder));
}

/** What the checks that are down stand or fall with. */
function lostWith(draft: Draft, about: readonly string[]): ReadonlySet<Fate> {
  const lost = new Set<Fate>();
  for (const incident of about) {
    for (const { check, state, leftAt } of draft.members(incident)) {
      if (state !== 'down' || leftAt !== null) continue;
      for (const fate of draft.check(check)?.fate ?? []) lost.add(fate);
    }
  }
  return lost;
}

/** One that is not configured any more is no way out. */
function isAtRisk(
  channel: ChannelConfig | undefined,
  lost: ReadonlySet<Fate>,
  responder?: Responder,
): boolean {
  if (channel === undefined) return true;
  const address = channel.address === 'email' ? (responder?.mailFate ?? []) : [];
  return [...(channel.fate ?? []), ...address].some((fate) => lost.has(fate));
}
