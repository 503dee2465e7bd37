/**
 * Replies by SMS, polled: an acknowledgement that needs no open port and survives our own downtime.
 * The cursor is JSON: nothing sent before `since` counts any more, and what is in `seen` has been
 * heard. It trails behind, because the vendor's list may show a message late.
 */
import type { MessagePage } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { Instant } from '../system/clock.ts';
import { ride, troubleOn, type TwilioAccount } from './_twilio.ts';
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
  const now = line.clock.now();
  const known = read(cursor);
  if (known === null) return { spoken: [], cursor: print({ since: now, seen: [] }) };
  const listed = await list(inbox, known.since, line);
  if ('failure' in listed) return listed;

  const inbound = listed.messages
    .filter(({ direction }) => direction === 'inbound')
    .filter(({ messagingServiceSid: service }) =>
      inbox.from === undefined ? service === inbox.messaging_service_sid : true,
    )
    .map(spokenOf)
    .filter(({ sentAt }) => sentAt >= known.since)
    .sort((a, b) => a.sentAt - b.sentAt);
  const since = Math.max(known.since, floorToSecond(now - TRAIL_MS));
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

async function list(
  { from, ...account }: Inbox,
  since: Instant,
  line: Line,
): Promise<{ readonly messages: readonly Listed[] } | ListenFailure> {
  const { client, wire } = await ride(account, line);
  const messages: Listed[] = [];
  try {
    const filter = from === undefined ? {} : { to: from };
    const asked = { ...filter, dateSentAfter: new Date(since), pageSize: PAGE_SIZE };
    let page: Pick<MessagePage, 'instances' | 'nextPage'> | undefined =
      await client.messages.page(asked);
    for (let pages = 1; page !== undefined; pages++) {
      messages.push(...page.instances);
      page = pages < PAGES_MAX ? await page.nextPage() : undefined;
    }
    return { messages };
  } catch {
    return { failure: troubleOn(wire, line.clock.now()).detail };
  }
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
