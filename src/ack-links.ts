/**
 * Links that acknowledge: one for each incident, bundle of several or drill, and whoever was told of
 * it, a responder or a channel that is nobody's in particular; and of a responder for each way, for
 * whoever presses it has been reached by that way. A token is not drawn but
 * derived from a secret that the data holds, so that it is the same over retries and restarts and no
 * row has to keep it.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Config } from './config/config.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import { askedAboutIn, bundleCalled } from './incident/bundle-called.ts';
import type { Drill } from './incident/drill.ts';
import type { Incident } from './incident/incident.ts';
import type { Input } from './incident/input.ts';
import { isBundle } from './incident/lane.ts';
import type { Notification } from './incident/notification.ts';

export interface AckLinks {
  /** Where whoever reads this message can acknowledge; null: it asks for nothing, or there is no public URL. */
  linkIn(notification: Notification): string | null;
  /** Takes as long for a token that is nearly right as for any. undefined: unknown, or it ended with its incident. */
  holderOf(token: string): Holder | undefined;
  /** Resolves when it is stored, or the patience for that is over. */
  acknowledge(holder: Holder): Promise<{ readonly recorded: boolean }>;
  /** For people: a responder's name, or what was given as one. */
  nameOf(by: string): string;
}

export type Holder = {
  /** A responder's id, or a channel's. */
  readonly by: string;
  /** For people. */
  readonly name: string;
  /** IANA; null: UTC. */
  readonly timezone: string | null;
  /** By which the link came. */
  readonly channel: string;
} & (
  | {
      /** The incident's, or the bundle's. */
      readonly code: string;
      /** As they are now, at least one; resolved for as long as it may be reopened. Of a bundle, those that it called down. */
      readonly incidents: readonly Incident[];
    }
  | { readonly drill: Drill }
);

interface Place {
  readonly kind: 'incident' | 'bundle' | 'drill';
  /** Its id; a bundle's code. */
  readonly about: string;
  readonly responder: string | null;
  readonly channel: string;
}

const TOKEN_BYTES = 16;
/** 128 bits in base 36: short, and no phone takes its last letter for the end of a sentence. */
const RADIX = 36;
const TOKEN_LENGTH = 25;
/** Tokens of incidents that are gone are let go once there are twice as many as were left then. */
const PRUNE_AT_LEAST = 1_000;

export function createAckLinks(parts: {
  readonly config: () => Config;
  readonly board: Pick<ReadonlyBoard, 'incidents' | 'bundles' | 'drills' | 'notifications'>;
  readonly secret: string;
  readonly submit: (input: Input) => Promise<{ readonly recorded: boolean }>;
}): AckLinks {
  const { config, board, secret, submit } = parts;
  const places = new Map<string, Place>();
  let pruneAt = PRUNE_AT_LEAST;

  function tokenOf({ kind, about, responder, channel }: Place): string {
    const whose = responder === null ? ['channel', channel] : ['responder', responder, channel];
    const what = {
      incident: ['ack', about, ...whose],
      bundle: ['ack all', about, ...whose],
      drill: ['drill', about, ...whose],
    }[kind];
    const mac = createHmac('sha256', secret)
      .update(JSON.stringify(what))
      .digest('hex')
      .slice(0, 2 * TOKEN_BYTES);
    return BigInt(`0x${mac}`).toString(RADIX).padStart(TOKEN_LENGTH, '0');
  }

  function tokenIn(notification: Notification): string | null {
    const { kind, responder, channel } = notification;
    const [about] = notification.about;
    if (about === undefined) return null;
    const what = isBundle(notification)
      ? ({ kind: 'bundle', about: notification.facts.code } as const)
      : ({ kind: kind === 'drill' ? kind : 'incident', about } as const);
    const place = { ...what, responder, channel };
    const token = tokenOf(place);
    places.set(digest(token), place);
    if (places.size > pruneAt) prune();
    return token;
  }

  function prune(): void {
    for (const [key, place] of places) {
      if (!board.drills.has(place.about) && !incidentsAt(place)) places.delete(key);
    }
    pruneAt = Math.max(PRUNE_AT_LEAST, 2 * places.size);
  }

  function incidentsAt({ kind, about }: Place) {
    const bundle = kind === 'bundle' ? bundleCalled(board, about) : undefined;
    const ids = bundle ? askedAboutIn(bundle) : kind === 'incident' ? [about] : [];
    const incidents = ids.flatMap((id) => board.incidents.get(id) ?? []);
    const [first] = incidents;
    return first && { code: bundle?.facts.code ?? first.code, incidents };
  }

  for (const notification of board.notifications.values()) {
    if (asksForAck(notification)) tokenIn(notification);
  }
  return {
    linkIn(notification) {
      const { publicUrl } = config();
      if (publicUrl === null || !asksForAck(notification)) return null;
      const token = tokenIn(notification);
      return token === null ? null : `${publicUrl}/a/${token}`;
    },
    async acknowledge(holder) {
      const { by, channel } = holder;
      if ('drill' in holder) {
        const { drill } = holder;
        return submit({ type: 'answer', drill: drill.id, by, channel });
      }
      const open = holder.incidents.filter(({ state }) => state === 'open');
      const said = await Promise.all(
        open.map(({ id }) => submit({ type: 'acknowledge', incident: id, by, channel })),
      );
      return { recorded: said.every(({ recorded }) => recorded) };
    },
    nameOf: (by) => config().responders.get(by)?.name ?? by,
    holderOf(token) {
      const place = places.get(digest(token));
      if (!place) return undefined;
      const { responders, channels } = config();
      const { about, responder, channel } = place;
      const drill = board.drills.get(about);
      const asked = responders.get(responder ?? '');
      if (drill && asked) {
        return { drill, channel, by: asked.id, name: asked.name, timezone: asked.timezone };
      }
      const told = incidentsAt(place);
      if (!told) return undefined;
      if (responder === null) {
        const isThere = channels.has(channel);
        return isThere
          ? { ...told, channel, by: channel, name: channel, timezone: null }
          : undefined;
      }
      // Whoever has left the team acknowledges no more.
      const known = responders.get(responder);
      const { name, timezone } = known ?? { name: '', timezone: null };
      return known && { ...told, channel, by: responder, name, timezone };
    },
  };
}

/** Found by its hash: how long that takes tells about the hash, and nothing about the token. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function asksForAck({ kind, facts, responder }: Notification): boolean {
  if (kind === 'drill') return facts.event === 'drill' && responder !== null;
  if (kind !== 'page' && kind !== 'post') return false;
  // What it tells as news asks for nothing.
  if ('bundle' in facts && facts.bundle.down === 0) return false;
  switch (facts.event) {
    case 'opened':
    case 'escalated':
    case 'updated':
    case 'reopened':
    case 'flapping':
    case 'still_down':
      return true;
    case 'acknowledged':
    case 'resolved':
    case 'answer':
    case 'notice':
    case 'test':
    case 'drill':
    case 'drill_begun':
    case 'drill_over':
      return false;
  }
}
