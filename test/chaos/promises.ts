/**
 * The promises, held against the vendors' ledgers, the people's memories and the API: nothing that
 * was opened or acknowledged is lost, a message is taken once more at most for each attempt that was
 * not confirmed, nobody hears an end without a beginning, and nobody is paged for what is well.
 */
import type { IncidentView } from '../../src/incident/view.ts';
import { allIncidents, incidentAt } from './api.ts';
import type { Place, Run } from './place.ts';
import type { Figures } from './story.ts';
import { isEnd, isPage, type Trouble } from './troubles.ts';

export interface Judgement extends Figures {
  readonly incidents: number;
  readonly acknowledgements: number;
  readonly messages: number;
  /** Taken by a vendor, and the daemon did not live to store that. */
  readonly unconfirmed: number;
  /** Taken more than once: all of them, and those that rang somebody's phone. */
  readonly duplicates: number;
  readonly 'duplicate SMS': number;
}

/** Rejects with all that was broken, a line each. */
export async function judge(place: Place, troubles: readonly Trouble[]): Promise<Judgement> {
  const incidents = await allIncidents(place.operator);
  const broken: string[] = [];
  for (const trouble of troubles) {
    const hers = incidents.filter(({ checks }) => checks.some(({ id }) => id === trouble.shop));
    broken.push(...brokenOf(trouble, hers, place));
  }
  for (const code of codesSeen(place)) {
    if ((await incidentAt(place.operator, code)) === null) broken.push(`${code} is not known`);
  }
  const repeats = repeatsOf(place);
  broken.push(...repeats.broken);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return {
    incidents: incidents.length,
    acknowledgements: troubles.filter(({ acknowledged }) => acknowledged).length,
    messages: place.twilio.requests.length + place.sink.requests.length,
    unconfirmed: repeats.unconfirmed,
    duplicates: repeats.duplicates,
    'duplicate SMS': repeats.duplicateSms,
  };
}

function* brokenOf(
  { shop, phone, state, isBlip, code, acknowledged }: Trouble,
  incidents: readonly IncidentView[],
  place: Place,
): Generator<string> {
  const told = place.smsTo(phone).map(({ body }) => body);
  const [first] = incidents;
  if (state === 'well') {
    if (first) yield `${shop} is well and in ${first.code}`;
    if (told.length > 0) yield `${shop} is well, and somebody was told: ${told.join(' | ')}`;
    return;
  }
  if (incidents.length > 1 && !isBlip) yield `${shop} is in ${incidents.length} incidents`;
  const isTold = told.some(isPage) || place.mailsTo(shop).length > 0;
  if (!isBlip && !isTold) yield `nobody was paged for ${shop}`;
  for (const incident of incidents) {
    const about = told.filter((body) => body.startsWith(`${incident.code} `));
    const paged = about.findIndex(isPage);
    const ended = about.findIndex(isEnd);
    // It may have been sent, for all that a daemon knew that was killed: then its end is told.
    const mayBePaged = incident.notifications.some(
      ({ kind, channel, state }) => kind === 'page' && channel === 'sms' && state === 'unconfirmed',
    );
    if (ended >= 0 && paged < 0 && !mayBePaged) {
      yield `${incident.code} ended for whom it never began`;
    }
    if (ended >= 0 && paged > ended) yield `${incident.code} ended before it began`;
    if (state === 'mended' && incident.state !== 'resolved') yield `${incident.code} never ends`;
    if (state === 'mended' && paged >= 0 && ended < 0) yield `${incident.code} has ended untold`;
    if (state === 'broken' && incident.state === 'resolved') yield `${incident.code} is not over`;
  }
  if (code === null) return;
  const incident = incidents.find((each) => each.code === code);
  if (!incident) yield `${code} of ${shop} is lost`;
  if (!incident || acknowledged === null) return;
  const isKept = incident.timeline.some(({ type }) => type === 'acknowledged');
  if (!isKept) yield `the acknowledgement of ${code} ${acknowledged} is lost`;
  const holds = incident.state === 'acknowledged' && incident.acknowledgedBy === shop;
  if (state === 'broken' && !holds) yield `the acknowledgement of ${code} does not hold`;
}

/** All that was ever shown to anybody. */
function codesSeen({ twilio, sink }: Place): ReadonlySet<string> {
  const sms = twilio.requests.filter(({ body }) => isPage(body) || isEnd(body));
  // What is said of an address that fails is about no incident.
  const posted = sink.requests.flatMap(
    ({ body }) => (body['incident'] as IncidentView | null) ?? [],
  );
  return new Set([
    ...sms.map(({ body }) => body.split(' ', 1)[0] ?? ''),
    ...posted.map(({ code }) => code),
  ]);
}

/** The vendor's own id of a message, as often as a daemon stored that it was taken. */
function confirmed(runs: readonly Run[]): ReadonlyMap<string, number> {
  const often = new Map<string, number>();
  for (const { daemon } of runs) {
    const accepted = new Map<string, string>();
    for (const { event, notification, reference, recorded } of daemon.lines) {
      const key = String(notification);
      if (event === 'delivery accepted') accepted.set(key, String(reference));
      const id = accepted.get(key);
      if (event !== 'receipt recorded' || recorded === false || id === undefined) continue;
      accepted.delete(key);
      often.set(id, (often.get(id) ?? 0) + 1);
    }
  }
  return often;
}

function repeatsOf({ twilio, sink, runs }: Place) {
  const often = confirmed(runs);
  // The words of a message are its own: its incident's code is in them.
  const sms = Map.groupBy(twilio.requests, ({ to, body }) => `${to} ${body}`);
  const posts = Map.groupBy(sink.requests, ({ id }) => id);
  const groups: { name: string; taken: number; stored: number }[] = [];
  for (const [name, all] of sms) {
    const stored = all.filter(({ sid }) => often.has(sid)).length;
    groups.push({ name, taken: all.length, stored });
  }
  for (const [id, all] of posts) {
    groups.push({ name: id, taken: all.length, stored: often.get(id) ?? 0 });
  }
  const broken = groups
    .filter(({ stored }) => stored > 1)
    .map(({ name, stored }) => `"${name}" was sent ${stored} times, and each time confirmed`);
  const count = (of: (group: (typeof groups)[number]) => number): number =>
    groups.reduce((sum, group) => sum + of(group), 0);
  return {
    broken,
    unconfirmed: count(({ taken, stored }) => taken - Math.min(taken, stored)),
    duplicates: count(({ taken }) => taken - 1),
    duplicateSms: twilio.requests.length - sms.size,
  };
}
