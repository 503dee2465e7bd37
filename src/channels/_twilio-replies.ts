/**
 * Replies by SMS, polled: an acknowledgement that needs no open port and survives our own downtime.
 * The cursor is JSON: nothing sent before `since` counts any more, and what is in `seen` has been
 * heard. It trails behind, because the vendor's list may show a message late, and goes by the
 * vendor's clock alone: ours may be wrong.
 */
import type { MessagePage } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { Instant } from '../system/clock.ts';
import { ride, troubleOn, type TwilioAccount, type Wire } from './_twilio.ts';
import type { Line, ListenFailure, Spoken } from './channel.ts';

interface Inbox extends TwilioAccount {
  readonly from?: string | undefined;
  readonly messaging_service_sid?: string | undefined;
}

interface Cursor {
  readonly since: Instant;
  /** SIDs. */
  readonly seen: readonly string[];
}

interface Listed {
  readonly sid: string;
  readonly direction: string;
  readonly from: string;
  /** The vendor's own description lets it be null. */
  readonly body: string | null;
  readonly dateSent: Date | null;
  readonly dateCreated: Date;
  readonly messagingServiceSid: string | null;
}

/** How late a message may appear in the list: far more than has been seen. */
const TRAIL_MS = 300_000;
const SECOND_MS = 1_000;
const PAGE_SIZE = 200;
/** Beyond it the oldest of a flood are not heard: a poll must end. */
const PAGES_MAX = 5;

export async function listenTo(
  cursor: string | null,
  inbox: Inbox,
  line: Line,
): Promise<{ readonly spoken: readonly Spoken[]; readonly cursor: string } | ListenFailure> {
  const known = read(cursor);
  const listed = await list(inbox, known?.since ?? null, line);
  if ('failure' in listed) return listed;
  const { at } = listed;
  if (known === null) {
    return { spoken: [], cursor: print({ since: at ?? line.clock.now(), seen: [] }) };
  }
  const trail = at === null ? known.since : floorToSecond(at - TRAIL_MS);
  // Such a cursor was made by a clock of ours that was ahead.
  if (at !== null && known.since > at) {
    return { spoken: [], cursor: print({ since: trail, seen: known.seen }) };
  }

  const inbound = listed.messages
    .filter(({ direction }) => direction === 'inbound')
    .filter(({ messagingServiceSid: service }) =>
      inbox.from === undefined ? service === inbox.messaging_service_sid : true,
    )
    .map(spokenOf)
    .filter(({ sentAt }) => sentAt >= known.since)
    .sort((a, b) => a.sentAt - b.sentAt);
  const since = Math.max(known.since, trail);
  const remembered = inbound.filter(({ sentAt }) => sentAt >= since);
  return {
    spoken: inbound.filter(({ reference }) => !known.seen.includes(reference)),
    cursor: print({ since, seen: remembered.map(({ reference }) => reference) }),
  };
}

/** What a webhook has heard is not news to a poll. */
export function remember(cursor: string | null, heard: readonly string[], now: Instant): string {
  const { since, seen } = read(cursor) ?? { since: now, seen: [] };
  return print({ since, seen: [...new Set([...seen, ...heard])] });
}

interface Listing {
  readonly messages: readonly Listed[];
  /** By the vendor's clock; null: it did not say. */
  readonly at: Instant | null;
}

/** `since` null: it is only asked what time it is there. */
async function list(
  { from, ...account }: Inbox,
  since: Instant | null,
  line: Line,
): Promise<Listing | ListenFailure> {
  const { client, wire } = await ride(account, line);
  const messages: Listed[] = [];
  try {
    const filter = from === undefined ? {} : { to: from };
    const asked =
      since === null
        ? { ...filter, pageSize: 1 }
        : { ...filter, dateSentAfter: new Date(since), pageSize: PAGE_SIZE };
    const pagesMax = since === null ? 1 : PAGES_MAX;
    let page: Pick<MessagePage, 'instances' | 'nextPage'> | undefined =
      await client.messages.page(asked);
    for (let pages = 1; page !== undefined; pages++) {
      messages.push(...page.instances);
      page = pages < pagesMax ? await page.nextPage() : undefined;
    }
    return { messages, at: timeOf(wire) };
  } catch {
    return { failure: troubleOn(wire, line.clock.now()).detail };
  }
}

function timeOf({ heard }: Wire): Instant | null {
  const said = heard === null || 'failure' in heard ? undefined : heard.headers['date'];
  const at = Date.parse(said ?? '');
  return Number.isNaN(at) ? null : at;
}

function spokenOf({ sid, from, body, dateSent, dateCreated }: Listed): Spoken {
  return { from, text: body ?? '', sentAt: (dateSent ?? dateCreated).getTime(), reference: sid };
}

function print({ since, seen }: Cursor): string {
  return JSON.stringify({ since: floorToSecond(since), seen });
}

/** One that cannot be read means starting anew, from now on. */
function read(cursor: string | null): Cursor | null {
  if (cursor === null) return null;
  try {
    const { since, seen } = JSON.parse(cursor) as Partial<Cursor>;
    return typeof since === 'number' && Array.isArray(seen) ? { since, seen } : null;
  } catch {
    return null;
  }
}

/** The vendor tells times in whole seconds. */
function floorToSecond(instant: Instant): Instant {
  return Math.floor(instant / SECOND_MS) * SECOND_MS;
}
