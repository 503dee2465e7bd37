/**
 * escalations: who hears, by what, and next. Everything a step names must be there and must be able
 * to reach whom it pages: a page that cannot leave is found here and not at night.
 */
import type { z } from 'zod';
import { hoursOf } from '../calendar/hours.ts';
import type { AddressKind, Escalation } from './config.ts';
import { ofWhat, read } from './explain.ts';
import { isRoom } from './read-people.ts';
import { itemsOf, type Item, type Reading, refer } from './reading.ts';
import { escalation } from './schema.ts';
import { idsAt, type NamedId, valueAt } from './written.ts';

const MINUTE_MS = 60_000;
const BUILT_IN = {
  laterStepAfterMs: 5 * MINUTE_MS,
  repeatEveryMs: 30 * MINUTE_MS,
  failoverMs: MINUTE_MS,
  ackExpiresMs: 120 * MINUTE_MS,
  groupMs: MINUTE_MS,
  reopenMs: 10 * MINUTE_MS,
};
const ADDRESS_NOUNS: Readonly<Record<AddressKind, string>> = {
  sms: 'a phone number (sms)',
  email: 'a mail address (email)',
  pushover: 'a user key (pushover)',
  telegram: 'a user id (telegram)',
};

type Values = z.output<typeof escalation>;

export function readEscalations(reading: Reading): ReadonlyMap<string, Escalation> {
  const escalations = new Map<string, Escalation>();
  for (const item of itemsOf(reading, 'escalations')) {
    const { id, node, owner } = item;
    const { complaints } = reading;
    if (id === 'none') {
      complaints.add(
        owner.at,
        'escalation "none": `page: none` already means that nobody is paged',
      );
    }
    checkReach(item, reading);
    const values = read(escalation, node, owner, complaints);
    if (values === null) continue;
    if (values.wait !== undefined && values.hours === undefined) {
      const at = node.entries.get('wait')?.at ?? owner.at;
      complaints.add(at, `${ofWhat(['wait'], owner)} needs hours: to wait for`);
    }
    escalations.set(id, compiled(id, values));
  }
  return escalations;
}

/** With the built-in values where nothing was written. */
export function compiled(id: string, values: Values): Escalation {
  const { ack_expires: ackExpires = BUILT_IN.ackExpiresMs, hours } = values;
  return {
    id,
    post: values.post ?? [],
    steps: values.steps.map(({ after, page, by }, i) => ({
      afterMs: after ?? (i === 0 ? 0 : BUILT_IN.laterStepAfterMs),
      page,
      by,
    })),
    repeat: {
      everyMs: values.repeat?.every ?? BUILT_IN.repeatEveryMs,
      times: values.repeat?.times ?? null,
    },
    failoverMs: values.failover ?? BUILT_IN.failoverMs,
    ackExpiresMs: ackExpires === 'never' ? null : ackExpires,
    groupMs: values.group ?? BUILT_IN.groupMs,
    reopenMs: values.reopen ?? BUILT_IN.reopenMs,
    hours: hours
      ? { ...hoursOf(hours.days, hours.from, hours.to), timezone: hours.timezone ?? null }
      : null,
    waits: values.wait ?? [],
  };
}

function checkReach({ node, owner }: Item, reading: Reading): void {
  const { names, complaints } = reading;
  const people = names.responders.union(names.rotations);
  const channelAt = (channel: NamedId, where: string): AddressKind | null =>
    refer(channel, 'channel', names.channels, where, complaints)
      ? addressOf(channel.id, reading)
      : null;
  for (const channel of idsAt(node, ['post'])) {
    const { id, at } = channel;
    const where = ofWhat(['post'], owner);
    const kind = channelAt(channel, where);
    if (kind === null) continue;
    const needs = `channel "${id}" needs ${ADDRESS_NOUNS[kind]} of a responder`;
    complaints.add(at, `${where}: ${needs}: name it in a step's "by"`);
  }
  const steps = valueAt(node, ['steps']);
  for (const s of steps?.kind === 'list' ? steps.items.keys() : []) {
    const paged = idsAt(node, ['steps', s, 'page']);
    for (const person of paged) {
      refer(person, 'responder', people, ofWhat(['steps', s, 'page'], owner), complaints);
    }
    for (const channel of idsAt(node, ['steps', s, 'by'])) {
      const { id, at } = channel;
      const where = ofWhat(['steps', s, 'by'], owner);
      const kind = channelAt(channel, where);
      if (kind === null) continue;
      for (const person of paged.filter((one) => lacks(one.id, kind, reading))) {
        const needs = `channel "${id}" needs ${ADDRESS_NOUNS[kind]}`;
        complaints.add(
          at,
          `${where}: ${needs}, and ${whoLacks(person.id, kind, reading)} has none`,
        );
      }
    }
  }
}

/** What the channel needs of a responder, as far as its type is known. */
function addressOf(channel: string, { root, channels }: Reading): AddressKind | null {
  const node = valueAt(root, ['channels', channel]);
  const type = valueAt(root, ['channels', channel, 'type']);
  const kind = type?.kind === 'scalar' ? channels.get(String(type.value)) : undefined;
  if (kind === undefined || node?.kind !== 'mapping' || isRoom(kind, node)) return null;
  return kind.address;
}

/** `responder "ben"`, or `responder "ben" of rotation "primary"`. */
function whoLacks(person: string, kind: AddressKind, reading: Reading): string {
  if (reading.names.responders.has(person)) return `responder "${person}"`;
  const member = idsAt(reading.root, ['rotations', person, 'members']).find(({ id }) =>
    lacks(id, kind, reading),
  );
  return `responder "${member?.id ?? ''}" of rotation "${person}"`;
}

/** A rotation lacks what one of its members lacks; an unknown name lacks nothing. */
function lacks(person: string, kind: AddressKind, reading: Reading): boolean {
  const { root, names } = reading;
  if (names.responders.has(person)) {
    const responder = valueAt(root, ['responders', person]);
    return responder?.kind === 'mapping' && !responder.entries.has(kind);
  }
  return idsAt(root, ['rotations', person, 'members']).some(
    ({ id }) => names.responders.has(id) && lacks(id, kind, reading),
  );
}
