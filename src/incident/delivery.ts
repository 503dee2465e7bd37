/**
 * What became of a message, and what follows: another try, another way, or telling somebody late
 * what has become true since. A receipt never makes a message less sure than it was.
 */
import { endsIn } from './bundle-parts.ts';
import type { Draft } from './draft.ts';
import { escalationOf, failOver, otherChannels } from './escalation.ts';
import { bundleDueAt, isBundle, isHeld } from './lane.ts';
import type { Notification, Receipt } from './notification.ts';
import { noteArrival } from './reaching.ts';
import { mayHaveArrived, nameOf, tell } from './telling.ts';
import { tellOfAddress } from './unreachable.ts';

/** News that could not be told for a day is not told any more; pages are tried while they matter. */
const NEWS_KEEPS_MS = 24 * 60 * 60 * 1000;

/** News that nobody confirms is tried at doubling distances until then: seven times or so. */
const UNCLEAR_NEWS_MS = 15 * 60 * 1000;
const UNCLEAR_APART_MS = 5 * 60 * 1000;
/** At least: it may have got old while Tocsin was away. */
const UNCLEAR_TRIES = 5;
/** An end that can be told by no other way: longer, and it comes late; shorter, and it may come often. */
const UNCLEAR_END_APART_MS = 30 * 60 * 1000;

export function takeReceipt(draft: Draft, receipt: Receipt): void {
  const before = draft.notification(receipt.key);
  if (!before) {
    draft.decided('unknown notification', { key: receipt.key });
    return;
  }
  // How it waits for its next try is decided last.
  const after = { ...withReceipt(draft, before, receipt), heldUntil: null };
  draft.putNotification(after);
  draft.decided('receipt recorded', { key: receipt.key });
  noteArrival(draft, before, after);
  if (receipt.outcome === 'refused' && receipt.unreachable !== undefined) {
    tellOfAddress(draft, after, receipt.unreachable);
  }
  const isLost = before.state === 'accepted' && after.state === 'failed';
  if (after.kind === 'page') {
    if (!mayHaveArrived(before) && mayHaveArrived(after)) tellLate(draft, after);
    if (after.proofDueAt !== null && !isBundle(after))
      awaitProof(draft, after.about[0] ?? '', after.proofDueAt);
    // Once, at the first sign of trouble: the page itself is tried again as well.
    const isFirst = before.attempts === 0 || receipt.outcome === 'refused';
    if (isLost || (isFirst && before.dueAt !== null && isTroubled(receipt))) failOver(draft, after);
  }
  if (isLost || (before.dueAt !== null && isGivenUp(after))) {
    const isTold = endsIn(draft, after).map((end) => tellByAnotherWay(draft, end));
    if (receipt.outcome === 'unconfirmed' && isTold.includes(false)) goOn(draft, after);
  }
}

/** As long as any news: whoever waits for the end has nobody else to hear it from. */
function goOn(draft: Draft, end: Notification): void {
  const age = draft.now - end.at;
  if (age >= NEWS_KEEPS_MS) return;
  draft.putNotification({ ...end, dueAt: draft.now + Math.min(age, UNCLEAR_END_APART_MS) });
}

function withReceipt(draft: Draft, before: Notification, receipt: Receipt): Notification {
  const after = settled(draft, before, receipt);
  // What is told of it is that of the receipt that gave it its reason.
  if (after.reason === before.reason && after.state === before.state) return after;
  return { ...after, detail: 'detail' in receipt ? receipt.detail : undefined };
}

function settled(draft: Draft, before: Notification, receipt: Receipt): Notification {
  const attempts = receipt.isLate ? before.attempts : before.attempts + 1;
  const isOver = before.dueAt === null;
  switch (receipt.outcome) {
    case 'accepted':
    case 'delivered':
      return {
        ...before,
        state: before.state === 'delivered' ? 'delivered' : receipt.outcome,
        reason: null,
        dueAt: null,
        attempts,
        acceptedAt: before.acceptedAt ?? draft.now,
        ...(receipt.outcome === 'delivered'
          ? { deliveredAt: before.deliveredAt ?? draft.now }
          : {}),
        proofDueAt: receipt.outcome === 'delivered' ? null : proofDueAt(draft, before),
        reference: receipt.reference ?? before.reference,
      };
    case 'unconfirmed': {
      const age = draft.now - before.at;
      const isNews = before.kind !== 'page';
      const unclear = (before.unclear ?? 0) + 1;
      const isTired = age >= UNCLEAR_NEWS_MS && unclear >= UNCLEAR_TRIES;
      const isEnough = isOver || (isNews && isTired) || isStale(draft, before);
      const later = draft.now + Math.min(age, UNCLEAR_APART_MS);
      const retryAt = isNews ? Math.max(receipt.retryAt ?? 0, later) : receipt.retryAt;
      return {
        ...before,
        state: isOver && before.state !== 'withheld' ? before.state : 'unconfirmed',
        reason: receipt.reason,
        dueAt: isEnough ? null : retryAt,
        attempts,
        unclear,
      };
    }
    case 'deferred': {
      if (isOver) return { ...before, attempts };
      const { reason, retryAt } = receipt;
      if (!isStale(draft, before)) return { ...before, reason, dueAt: retryAt, attempts };
      return {
        ...before,
        ...GIVEN_UP[before.state === 'unconfirmed' ? 'maybe' : 'no'],
        reason,
        attempts,
      };
    }
    case 'refused': {
      // Accepted, and then lost on the way; a receipt that it arrived is never taken back.
      if (receipt.isLate && before.state === 'accepted') {
        return { ...before, state: 'failed', reason: receipt.reason, proofDueAt: null };
      }
      if (isOver) return { ...before, attempts };
      // An earlier attempt may have arrived: whoever may have been told is told the end as well.
      const given = GIVEN_UP[before.state === 'unconfirmed' ? 'maybe' : 'no'];
      return { ...before, ...given, reason: receipt.gone ?? receipt.reason, attempts };
    }
  }
}

/** Only where acceptance proves nothing, and only for pages: what is news needs no failover. */
function proofDueAt(draft: Draft, page: Notification): number | null {
  if (page.acceptedAt !== null) return page.proofDueAt;
  const incident = draft.incident(page.about[0] ?? '');
  const escalation = incident && escalationOf(draft, incident);
  const isProof = draft.config.channels.get(page.channel)?.proof !== 'receipt';
  if (page.kind !== 'page' || isProof || !escalation) return null;
  return draft.now + escalation.failoverMs;
}

function awaitProof(draft: Draft, id: string, at: number): void {
  const incident = draft.incident(id);
  if (incident?.state !== 'open') return;
  draft.amend(id, { proofDueAt: Math.min(incident.proofDueAt ?? at, at) });
}

/** Accepted so long ago, and nobody says that it arrived: another way. */
export function missProof(draft: Draft, id: string): void {
  const from = draft.incident(id)?.proofDueAt ?? draft.now;
  let next: number | null = null;
  const overdue: Notification[] = [];
  for (const page of draft.notificationsOf(id)) {
    if (page.state !== 'accepted' || page.proofDueAt === null || page.proofDueAt < from) continue;
    if (isBundle(page)) continue;
    if (page.proofDueAt <= draft.now) overdue.push(page);
    else next = Math.min(next ?? page.proofDueAt, page.proofDueAt);
  }
  draft.amend(id, { proofDueAt: next });
  for (const page of overdue) {
    draft.decided('no receipt', { incident: id, key: page.key });
    failOver(draft, page);
  }
}

/** Of what was told together: it is time for it to leave, or for its receipt to be here. */
export function takeLaneDue(draft: Draft, lane: string): void {
  const { board, now } = draft;
  for (const key of board.lanes.get(lane)?.held ?? []) {
    const row = draft.notification(key);
    const dueAt = row && bundleDueAt(row);
    if (!row || typeof dueAt !== 'number' || dueAt > now) continue;
    if (typeof row.failedOver === 'number') {
      failOver(draft, row);
      draft.decided('failed over in part', { key });
    } else if (isHeld(row)) {
      draft.lanesDue.add(lane);
      draft.decided('bundle due', { key });
    } else {
      const unproven = { ...row, proofDueAt: null };
      draft.putNotification(unproven);
      draft.decided('no receipt', { key });
      failOver(draft, unproven);
    }
  }
}

const GIVEN_UP = {
  maybe: { state: 'unconfirmed', dueAt: null },
  no: { state: 'failed', dueAt: null },
} as const;

function isStale(draft: Draft, { kind, at }: Notification): boolean {
  return kind !== 'page' && draft.now - at > NEWS_KEEPS_MS;
}

function isTroubled({ outcome }: Receipt): boolean {
  return outcome === 'unconfirmed' || outcome === 'deferred' || outcome === 'refused';
}

function isGivenUp({ state, dueAt }: Notification): boolean {
  return dueAt === null && (state === 'failed' || state === 'unconfirmed');
}

/** Whoever was told that it began is told that it ended, even if that channel is lost by now. */
function tellByAnotherWay(draft: Draft, failed: Notification): boolean {
  const { responder } = failed;
  if (responder === null) return false;
  return otherChannels(draft, failed).some((channel) => {
    const to = [{ responder, channel }];
    return tell(draft, failed.about[0] ?? '', 'resolved', 'resolved', to).length > 0;
  });
}

/** A page got through after its incident moved on: whoever reads it hears the rest, in order. */
function tellLate(draft: Draft, page: Notification): void {
  for (const id of page.about) tellOneLate(draft, page, id);
}

function tellOneLate(draft: Draft, page: Notification, id: string): void {
  const { responder, channel } = page;
  const incident = draft.incident(id);
  if (!incident || responder === null) return;
  const to = [{ responder, channel }];
  if (incident.state === 'resolved') {
    tell(draft, incident.id, 'resolved', 'resolved', to);
    draft.decided('told late', { incident: incident.id, key: page.key });
  } else if (incident.state === 'acknowledged' && incident.acknowledgedBy !== responder) {
    const by = nameOf(draft, incident.acknowledgedBy ?? '');
    tell(draft, incident.id, 'acknowledged', 'acknowledged', to, { by });
    draft.decided('told late', { incident: incident.id, key: page.key });
  }
}
