/** An incident on a terminal: what is down, who has it, what was sent to whom, what happened. */
import type { IncidentView } from '../incident/view.ts';
import { ask } from './_operator.ts';
import {
  table,
  type AskOptions,
  type CommonOptions,
  type ExitCode,
  type Terminal,
} from './terminal.ts';

export const INCIDENT_COLUMNS = ['code', 'state', 'severity', 'title', 'opened', 'has it'];

export function incidentLine(incident: IncidentView): readonly string[] {
  const { code, state, severity, title, checksTotal, openedAt } = incident;
  const { acknowledgedBy, silencedAt } = incident;
  const more = checksTotal > 1 ? ` +${String(checksTotal - 1)} more` : '';
  const shown = silencedAt === null ? state : `${state}, silenced`;
  return [code, shown, severity, title + more, openedAt, acknowledgedBy ?? ''];
}

/** Whoever is at the terminal, if no other is named. */
export function whoSays({ by }: { readonly by?: string }, { env }: Terminal): string {
  return by ?? env['USER'] ?? 'cli';
}

/** A person's word about an incident, given to the daemon; prints what it is like afterwards. */
export async function sayOf(
  code: string,
  what: 'acknowledge' | 'resolve' | 'notes' | 'severity' | 'page',
  body: Readonly<Record<string, unknown>>,
  options: AskOptions & { readonly by?: string },
  terminal: Terminal,
): Promise<{ readonly incident: IncidentView } | { readonly failed: ExitCode }> {
  const by = whoSays(options, terminal);
  const path = `/api/v1/incidents/${encodeURIComponent(code)}/${what}`;
  const asked = await ask(options, terminal, 'POST', path, { by, ...body });
  if ('failed' in asked) return asked;
  const incident = asked.body as IncidentView;
  printIncident(incident, options, terminal, asked.recorded);
  return { incident };
}

export function printIncident(
  incident: IncidentView,
  { json }: CommonOptions,
  terminal: Terminal,
  recorded = true,
): void {
  if (!recorded) terminal.err('it took effect, but is not stored yet: a crash now may lose it');
  if (json === true) {
    terminal.out(JSON.stringify(incident, null, 2));
    return;
  }
  const { checks, timeline, notifications } = incident;
  for (const line of table(INCIDENT_COLUMNS, [incidentLine(incident)])) terminal.out(line);
  section(
    'Checks',
    ['check', 'state', 'reason', 'since', ''],
    checks.map(({ id, state, since, reason, below }) => {
      return [id, state, reason ?? '', since, below === undefined ? '' : `below ${below}`];
    }),
    terminal,
  );
  section(
    'Timeline',
    ['at', 'what', 'who or which', 'text'],
    timeline.map(({ at, type, by, check, text }) => [at, type, by ?? check ?? '', text ?? '']),
    terminal,
  );
  section(
    'Notifications',
    ['kind', 'to', 'channel', 'state', 'reason or reference'],
    notifications.map((sent) => [
      sent.kind,
      sent.responder ?? '',
      sent.channel,
      sent.state,
      sent.reason ?? sent.reference ?? '',
    ]),
    terminal,
  );
}

function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): void {
  if (rows.length === 0) return;
  terminal.out(`\n${title}`);
  for (const line of table(columns, rows)) terminal.out(`  ${line}`);
}
