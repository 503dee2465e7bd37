/**
 * The one function that decides: what is known and what happened go in, what changes comes out. It
 * asks nobody, waits for nothing, and every outcome has a name, the silent ones too.
 */
import type { Config } from '../config/config.ts';
import type { Seed } from '../system/random.ts';
import { acknowledge, expireAck } from './acknowledgement.ts';
import { takeAlert } from './alerting.ts';
import { openByHand, pageByHand, setSeverity } from './by-hand.ts';
import type { ReadonlyBoard } from './board.ts';
import type { Change } from './change.ts';
import { missProof, takeLaneDue, takeReceipt } from './delivery.ts';
import { Draft } from './draft.ts';
import { answerDrill } from './drill-answer.ts';
import { drillDueAt } from './drill.ts';
import { callOff, drillNow, sparePaged, takeDrillDue } from './drilling.ts';
import { escalate } from './escalation.ts';
import { followUp } from './follow-up.ts';
import { hear } from './hearing.ts';
import type { Incident } from './incident.ts';
import { settle } from './hush.ts';
import type { Due, Input } from './input.ts';
import { bundleDueAt, laneOf } from './lane.ts';
import type { Notification } from './notification.ts';
import { pace } from './pacing.ts';
import { isOngoing, isQuiet } from './quiet.ts';
import { override, unoverride } from './overriding.ts';
import { cameUp, end, partWithOrphans, resolveByHand } from './recovery.ts';
import { reloaded } from './reloading.ts';
import { remembered } from './remembering.ts';
import { resumed, returned, seenAfresh } from './return.ts';
import { silence, silenceDueAt, unsilence } from './silencing.ts';
import { stepped } from './stepped.ts';
import { nameOf, post, responderCalled } from './telling.ts';
import { wentDown } from './trouble.ts';
import { takeSilenceDue } from './windows.ts';

/**
 * Decides inputs together, in the order given. The Change's `reasons` say what was decided;
 * `reasonsOf` holds, for each input, which of them are about it.
 */
export function decide(
  board: ReadonlyBoard,
  inputs: readonly Input[],
  config: Config,
  now: number,
  seed: Seed,
): { readonly change: Change; readonly reasonsOf: readonly Change['reasons'][] } {
  const draft = new Draft(board, config, now, seed);
  const reasonsOf = inputs.map((input) => {
    const before = draft.decisions.length;
    take(draft, input);
    if (draft.decisions.length === before) draft.decided('nothing changed');
    return draft.decisions.slice(before);
  });
  const isAll = inputs.some(({ type }) => TURNS_ALL.has(type));
  settle(draft, isAll);
  sparePaged(draft);
  pace(draft);
  return { change: draft.change(), reasonsOf };
}

/** After these, nothing that was concluded before holds without being looked at again. */
const TURNS_ALL: ReadonlySet<Input['type']> = new Set(['reloaded', 'started', 'remembered']);

function take(draft: Draft, input: Input): void {
  switch (input.type) {
    case 'turn':
      draft.keepState(input.check);
      if (input.to === 'down') wentDown(draft, input);
      else if (input.to === 'unknown') draft.decided('nothing changed', { check: input.check });
      else cameUp(draft, input);
      return;
    case 'reported':
      draft.keepState(input.check);
      draft.decided('report kept', { check: input.check });
      return;
    case 'due':
      takeDeadlines(draft, input);
      return;
    case 'receipt':
      takeReceipt(draft, input);
      return;
    case 'heard':
      hear(draft, input);
      return;
    case 'listened':
      draft.putCursor({ channel: input.channel, value: input.cursor });
      draft.decided('cursor moved');
      return;
    case 'acknowledge':
      acknowledge(draft, input.incident, input.by, input);
      return;
    case 'resolve':
      resolveByHand(draft, input);
      return;
    case 'note':
      takeNote(draft, input);
      return;
    case 'silence':
      silence(draft, input);
      return;
    case 'override':
      override(draft, input);
      return;
    case 'unoverride':
      unoverride(draft, input.override);
      return;
    case 'unsilence':
      unsilence(draft, input.silence);
      return;
    case 'severity':
      setSeverity(draft, input);
      return;
    case 'page':
      pageByHand(draft, input);
      return;
    case 'open':
      openByHand(draft, input);
      return;
    case 'alert':
      takeAlert(draft, input);
      return;
    case 'drill':
      drillNow(draft, input);
      return;
    case 'answer':
      answerDrill(draft, input);
      return;
    case 'call_off':
      callOff(draft, input.drill, input.by);
      return;
    case 'stepped':
      stepped(draft, input.byMs);
      return;
    case 'resumed':
      resumed(draft, input.awaySince);
      return;
    case 'started':
      returned(draft, input.awaySince);
      return;
    case 'remembered':
      remembered(draft, input.snapshot);
      return;
    case 'fresh':
      seenAfresh(draft, input.check, input.down);
      return;
    case 'reloaded':
      reloaded(draft);
      return;
  }
}

function takeDeadlines(draft: Draft, due: Due): void {
  const before = draft.decisions.length;
  const { incident: only, silence: about, lane, drill } = due;
  const isWhichever = [only, about, lane, drill].every((id) => id === undefined);
  const lanes = isWhichever ? [...draft.board.lanes.keys()] : [lane ?? ''];
  const drills = isWhichever ? [...draft.drills.values()].map(({ id }) => id) : [drill ?? ''];
  const incidents = isWhichever ? [...draft.incidents()].map(({ id }) => id) : [only ?? ''];
  const silences = isWhichever ? [...draft.silences()].map(({ id }) => id) : [about ?? ''];
  for (const id of silences) takeSilenceDue(draft, id);
  for (const id of lanes) takeLaneDue(draft, id);
  for (const id of drills) takeDrillDue(draft, id);
  for (const id of incidents) {
    const incident = draft.incident(id);
    if (incident && incident.state !== 'resolved') takeDeadlinesOf(draft, incident);
  }
  if (draft.decisions.length === before) draft.decided('nothing due');
}

function takeDeadlinesOf(draft: Draft, incident: Incident): void {
  const { id, ackExpiresAt, steadyAt, orphansDueAt } = incident;
  const isDue = (deadline: number | null): boolean => deadline !== null && deadline <= draft.now;
  if (isDue(steadyAt) && incident.down === 0) {
    end(draft, id, 'recovered');
    return;
  }
  if (isDue(orphansDueAt)) {
    partWithOrphans(draft, id);
    if (draft.incident(id)?.state === 'resolved') return;
  }
  if (incident.state === 'acknowledged' && isDue(ackExpiresAt)) {
    if (isOngoing(incident)) expireAck(draft, incident);
    else draft.amend(id, { ackExpiresAt: steadyAt });
  }
  if (isDue(incident.proofDueAt)) missProof(draft, id);
  const now = draft.incident(id) ?? incident;
  const { stepDueAt, followUpAt } = now;
  if (isDue(stepDueAt)) {
    // Held open while flapping: nobody is woken for what is up, nor for what is silenced.
    if (!isOngoing(now)) draft.amend(id, { stepDueAt: steadyAt });
    else if (isQuiet(draft, id)) draft.amend(id, { stepDueAt: null });
    else escalate(draft, id);
  }
  if (isDue(followUpAt)) followUp(draft, id);
}

function takeNote(draft: Draft, input: Extract<Input, { type: 'note' }>): void {
  const incident = draft.find(input.incident);
  if (!incident) {
    draft.decided('unknown incident');
    return;
  }
  const by = responderCalled(draft, input.by)?.id ?? input.by;
  draft.record(incident.id, 'note', { by, text: input.text });
  draft.decided('noted', { incident: incident.id });
  post(draft, incident.id, 'updated', { by: nameOf(draft, by), text: input.text });
}

/** What has deadlines: a whole board, or the rows of a Change. */
export type Deadlines = ReadonlyBoard | Change;

/** When something of these is next due; null: never, unless something happens. */
export function nextDueAt(rows: Deadlines): number | null {
  let next: number | null = null;
  const take = (at: number | null): void => {
    if (at !== null && (next === null || at < next)) next = at;
  };
  for (const incident of rows.incidents.values()) take(dueAt(incident));
  for (const silence of rows.silences.values()) take(silenceDueAt(silence));
  for (const drill of rows.drills.values()) take(drillDueAt(drill));
  for (const row of 'lanes' in rows ? heldOn(rows) : rows.notifications) take(bundleDueAt(row));
  return next;
}

/** What is due at `now`: one input an incident, silence, lane or drill, so that none holds up another. */
export function dueBy(board: ReadonlyBoard, now: number): readonly Due[] {
  const isPast = (at: number | null): boolean => at !== null && at <= now;
  const due: Due[] = [];
  for (const silence of board.silences.values()) {
    if (isPast(silenceDueAt(silence))) due.push({ type: 'due', silence: silence.id });
  }
  const lanes = [...heldOn(board)].filter((row) => isPast(bundleDueAt(row))).map(laneOf);
  for (const lane of new Set(lanes)) due.push({ type: 'due', lane });
  for (const incident of board.incidents.values()) {
    if (isPast(dueAt(incident))) due.push({ type: 'due', incident: incident.id });
  }
  for (const drill of board.drills.values()) {
    if (isPast(drillDueAt(drill))) due.push({ type: 'due', drill: drill.id });
  }
  return due;
}

function* heldOn(board: ReadonlyBoard): Iterable<Notification> {
  for (const { held } of board.lanes.values()) {
    for (const key of held) {
      const row = board.notifications.get(key);
      if (row) yield row;
    }
  }
}

function dueAt(incident: Incident): number | null {
  const { state, stepDueAt, followUpAt, steadyAt, ackExpiresAt } = incident;
  const { proofDueAt, orphansDueAt } = incident;
  if (state === 'resolved') return null;
  const ackDueAt = state === 'acknowledged' ? ackExpiresAt : null;
  const all = [stepDueAt, followUpAt, steadyAt, ackDueAt, proofDueAt, orphansDueAt];
  const deadlines = all.filter((at) => at !== null);
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
