/**
 * What a silence does to incidents. It stops the paging of those that it leaves nothing to page for,
 * and when it ends, what is still down pages, from the first step. It ends no incident, and whoever
 * was told of one is told of its end all the same.
 */
import { EVERY_CHECK, placeOf } from './coverage.ts';
import type { Draft } from './draft.ts';
import { pageFromTheStart } from './escalation.ts';
import type { Incident, Silence } from './incident.ts';
import { isOngoing, isQuiet } from './quiet.ts';
import { openWhatIsForgotten } from './reloading.ts';
import { lookForOrphans } from './suppression.ts';
import { nameOf, post, withholdPages } from './telling.ts';
import { leadMember } from './trouble-facts.ts';

/**
 * After all else was decided: what follows for the incidents that it concerns. Under a new
 * configuration a silence may cover other checks than before.
 */
export function settle(draft: Draft, isReloaded: boolean): void {
  const { silences } = draft.changed;
  const isAnyone = isReloaded || silences.length > 0;
  const concerned = isAnyone ? [...draft.incidents()].map(({ id }) => id) : draft.changed.incidents;
  for (const id of concerned) settleOne(draft, id);
  const places = silences.filter(({ endedAt }) => endedAt !== null).map(placeOf);
  if (places.length === 0) return;
  const isOfMany = places.includes(EVERY_CHECK);
  const among = isOfMany ? undefined : places.flatMap((id) => draft.check(id) ?? []);
  openWhatIsForgotten(draft, among);
  // What went down while it was silenced may be in an incident that is silenced for another's sake.
  for (const id of draft.changed.incidents) settleOne(draft, id);
}

function settleOne(draft: Draft, id: string): void {
  const before = draft.incident(id);
  if (!before || before.state === 'resolved') return;
  lookForOrphans(draft, before);
  const incident = draft.incident(id) ?? before;
  const quiet = isQuiet(draft, id);
  if (quiet && incident.silencedAt === null) hush(draft, incident);
  else if (!quiet && incident.silencedAt !== null) speak(draft, incident);
}

function hush(draft: Draft, { id }: Incident): void {
  withholdPages(draft, id, 'silenced');
  const silence = draft.silenceOf(leadMember(draft, id)?.check ?? '');
  const text = silence ? becauseOf(draft, silence) : 'silenced';
  draft.amend(id, {
    silencedAt: draft.now,
    stepDueAt: null,
    followUpAt: null,
    joinedSince: 0,
    awayMs: null,
  });
  draft.record(id, 'silenced', { text });
  draft.decided('paging silenced', { incident: id });
  post(draft, id, 'updated', { text });
}

/** `silenced by Ana: deploy`, `maintenance: weekly deploy`. */
export function becauseOf(draft: Draft, { window, by, why }: Silence): string {
  const what = window === null ? `silenced by ${nameOf(draft, by)}` : 'maintenance';
  return why === '' ? what : `${what}: ${why}`;
}

function speak(draft: Draft, incident: Incident): void {
  const { id, state } = incident;
  draft.amend(id, { silencedAt: null });
  draft.record(id, 'silence_ended');
  // In somebody's hands, or held open while it flaps: nobody is woken for it.
  if (state !== 'open' || !isOngoing(incident)) return;
  draft.decided('paging again', { incident: id });
  pageFromTheStart(draft, id, 'still_down', { text: 'no longer silenced' });
}
