/**
 * The story of a check's last looks, for a person who asks why somebody was paged, or was not: what
 * was seen and expected, what was counted, who was told and what was withheld. It stays open where
 * the API needs a token, so that it shows no address and no text that a target may have sent in full.
 */
import type { Check, Config } from '../config/config.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import { silenceOver } from '../incident/coverage.ts';
import type { CheckState } from '../judge/check-state.ts';
import { isFresh, statusNow } from '../judge/freshness.ts';
import type { LastLooks, Looked } from './last-looks.ts';

const WORDS_SHOWN = 80;
const TOLD_SHOWN = 30;

export function probeStory(
  check: Check,
  { success, failure }: ReturnType<LastLooks['of']>,
  board: ReadonlyBoard,
  config: Config,
  now: number,
): string {
  const state = board.checks.get(check.id);
  const looks = [success, failure]
    .filter((look) => look !== null)
    .sort((a, b) => b.verdict.at - a.verdict.at);
  const paragraphs = [
    [
      `Check ${check.id}: ${check.name}`,
      `type ${check.type}, target ${check.target}`,
      ...(check.runbook === null ? [] : [`runbook ${check.runbook}`]),
    ],
    state === undefined ? ['It was not looked at yet.'] : counted(check, state, now),
    ...looks.map((look, n) => told(look, n === 0 ? 'Last look' : 'Before that')),
    looks.length === 0 && state !== undefined ? ['What the last looks saw is not kept.'] : [],
    silenced(check, board, config, now),
    consequences(check, board),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function counted(check: Check, state: CheckState, now: number): string[] {
  const { fail, of, recover } = check.confirm;
  const failed = state.window.filter((look) => look.failed).length;
  const lines = [
    `State: ${statusNow(check, state, now)} since ${time(state.since)}${because(state.reason, state.brief)}`,
  ];
  if (!isFresh(check, state, now)) lines.push('  stale: nobody looked lately');
  if (state.status === 'down')
    lines.push(`  ${state.successes} of ${recover} successes to recover`);
  else if (failed > 0) lines.push(`  confirming: ${failed} of ${fail} failures in ${of} looks`);
  return lines;
}

function told({ verdict, facts }: Looked, title: string): string[] {
  const took = `${verdict.tookMs.toFixed(1)} ms`;
  return [
    `${title}: ${verdict.status} at ${time(verdict.at)}, took ${took}${because(verdict.reason, verdict.brief)}`,
    ...verdict.findings.map(
      ({ expectation, level, met, expected, seen }) =>
        `  ${met ? 'met   ' : 'NOT MET'} ${level} ${expectation}: expected ${expected}, saw ${seen}`,
    ),
    ...summary(facts, 'facts').map((line) => `  ${line}`),
  ];
}

/** Numbers, booleans and short words; of a list only how long it is. */
function summary(value: unknown, path: string): string[] {
  if (typeof value === 'number' || typeof value === 'boolean')
    return [`${path} = ${String(value)}`];
  if (typeof value === 'string') {
    const words =
      value.length <= WORDS_SHOWN ? JSON.stringify(value) : `${value.length} characters`;
    return [`${path} = ${words}`];
  }
  if (Array.isArray(value)) return [`${path} = ${value.length} of them`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => summary(part, `${path}.${key}`));
}

function silenced(check: Check, board: ReadonlyBoard, config: Config, now: number): string[] {
  const silence = silenceOver(board, check.id, config, now);
  if (silence === undefined) return [];
  const until = silence.endsAt === null ? 'it recovers' : time(silence.endsAt);
  return [`Silenced by ${silence.by} until ${until}: nobody is paged about it.`];
}

function consequences(check: Check, board: ReadonlyBoard): string[] {
  const id = board.incidentOf.get(check.id) ?? board.endedOf.get(check.id) ?? '';
  const incident = board.incidents.get(id);
  if (incident === undefined) return ['It is in no incident.'];
  const who =
    incident.acknowledgedBy === null ? '' : `, acknowledged by ${incident.acknowledgedBy}`;
  const lines = [
    `Incident ${incident.code}: ${incident.state}, ${incident.severity}, since ${time(incident.openedAt)}${who}`,
  ];
  if (incident.escalation === null) lines.push('  page: none, so that nobody is told');
  const below = board.members.get(id)?.get(check.id)?.below ?? null;
  if (below !== null) lines.push(`  it is below ${below}, which pages for it`);
  const all = [...(board.notificationsOf.get(id) ?? [])].flatMap(
    (key) => board.notifications.get(key) ?? [],
  );
  for (const { kind, responder, channel, state, reason, at, attempts } of all.slice(-TOLD_SHOWN)) {
    const to = responder === null ? channel : `${responder} by ${channel}`;
    const why = reason === null ? '' : ` (${reason})`;
    const tries = attempts > 1 ? `, ${attempts} attempts` : '';
    lines.push(`  ${time(at)} ${kind} to ${to}: ${state}${why}${tries}`);
  }
  if (all.length > TOLD_SHOWN) lines.push(`  and ${all.length - TOLD_SHOWN} before`);
  return lines;
}

function because(reason: string | null, brief: string): string {
  return reason === null ? '' : `: ${reason}${brief === '' ? '' : ` (${brief})`}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}
