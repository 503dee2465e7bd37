/**
 * By what everybody of an escalation can be paged, now or by failover: the channels of its steps, and
 * every channel that reaches an address of theirs. A console reaches nobody who sleeps.
 */
import type { Config, Escalation, Responder } from '../config/config.ts';
import type { Fates, Stakes } from './stakes.ts';

export interface Reachable {
  /** A responder's. */
  readonly id: string;
  readonly ways: readonly Way[];
}

export interface Way {
  readonly channel: string;
  fates(stakes: Stakes): Fates;
}

/** Everybody of an escalation, with every way by which it or a failover goes. */
export function whoMayBePaged({ steps }: Escalation, config: Config): readonly Reachable[] {
  const { responders, rotations, channels } = config;
  const names = steps.flatMap(({ page }) => page).flatMap((name) => membersOf(name, rotations));
  return [...new Set(names)].flatMap((id) => {
    const responder = responders.get(id);
    if (!responder) return [];
    const named = steps.flatMap(({ by }) => by);
    const ways = [...channels.values()]
      .filter(({ id: channel, address, type }) =>
        address === null
          ? named.includes(channel) && type !== 'console'
          : responder.addresses.has(address),
      )
      .map(({ id: channel, address }) => wayTo(responder, channel, address === 'email'));
    return [{ id, ways }];
  });
}

function membersOf(name: string, rotations: Config['rotations']): readonly string[] {
  const rotation = rotations.get(name);
  return rotation ? rotation.layers.flatMap(({ members }) => members) : [name];
}

function wayTo({ id }: Responder, channel: string, isMail: boolean): Way {
  return {
    channel,
    fates: ({ channels, mail }) => [
      ...(channels.get(channel) ?? []),
      ...(isMail ? (mail.get(id) ?? []) : []),
    ],
  };
}
