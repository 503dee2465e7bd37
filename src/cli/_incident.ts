/**
 * An incident on a terminal: what is down, who has it, what was sent to whom, what happened. A code
 * may be a bundle's: then the daemon answers about several.
 */
import type {
  BundleActView,
  BundleView,
  IncidentView,
  NotificationView,
} from '../incident/view.ts';
import { ask } from './_operator.ts';
import { when } from './_when.ts';
import { whoSays } from './_who.ts';
import {
  show,
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
  return [code, shown, severity, title + more, when(openedAt), acknowledgedBy ?? ''];
}

type Act = 'acknowledge' | 'resolve' | 'notes' | 'severity' | 'page';
type Said = { readonly incident: IncidentView } | { readonly bundle: BundleActView };

/** A person's word about an incident, given to the daemon; prints what came of it in a line. */
export async function sayOf(
  code: string,
  what: Act,
  body: Readonly<Record<string, unknown>>,
  options: AskOptions & { readonly by?: string },
  terminal: Terminal,
): Promise<Said | { readonly failed: ExitCode }> {
  const by = await whoSays(options, terminal);
  const path = `/api/v1/incidents/${encodeURIComponent(code)}/${what}`;
  const asked = await ask(options, terminal, 'POST', path, { by, ...body });
  if ('failed' in asked) return asked;
  if (!asked.recorded) warnUnstored(terminal);
  const said = asked.body as IncidentView | BundleActView;
  if ('changed' in said) {
    printBundleAct(said, options, terminal);
    return { bundle: said };
  }
  show(said, options, terminal, () => [`${said.code} ${said.title}: ${outcomeOf(what, said)}`]);
  return { incident: said };
}

function outcomeOf(what: Act, { state, severity, ...incident }: IncidentView): string {
  if (what === 'notes') return 'noted';
  if (what === 'severity') return `${severity}, ${state}`;
  if (what === 'page') return 'paged';
  const { acknowledgedBy, acknowledgedUntil } = incident;
  if (what === 'resolve' || acknowledgedBy === null) return state;
  const until = acknowledgedUntil === undefined ? '' : ` until ${when(acknowledgedUntil)}`;
  return `${acknowledgedBy} has it${until}`;
}

function printBundleAct(act: BundleActView, { json }: CommonOptions, terminal: Terminal): void {
  if (json === true) {
    terminal.out(JSON.stringify(act, null, 2));
    return;
  }
  const { code, changed, unchanged } = act;
  const all = changed.length + unchanged.length;
  terminal.out(`${code}: ${String(changed.length)} of ${String(all)} incidents changed`);
  if (changed.length > 0) terminal.out(`  ${changed.join(' ')}`);
  for (const [why, codes] of Map.groupBy(unchanged, (one) => one.why)) {
    terminal.out(`${why}: ${codes.map((one) => one.code).join(' ')}`);
  }
}

export function printBundle(bundle: BundleView, { json }: CommonOptions, terminal: Terminal): void {
  if (json === true) {
    terminal.out(JSON.stringify(bundle, null, 2));
    return;
  }
  const { code, at, incidents, incidentsTotal } = bundle;
  terminal.out(`${code}: one message about ${String(incidentsTotal)} incidents, at ${when(at)}`);
  for (const line of table(INCIDENT_COLUMNS, incidents.map(incidentLine))) terminal.out(line);
  const more = incidentsTotal - incidents.length;
  if (more > 0) terminal.out(`+${String(more)} more`);
}

export function warnUnstored({ err }: Terminal): void {
  err('it took effect, but is not stored yet: a crash now may lose it');
}

export function printIncident(
  incident: IncidentView,
  { json }: CommonOptions,
  terminal: Terminal,
): void {
  if (json === true) {
    terminal.out(JSON.stringify(incident, null, 2));
    return;
  }
  const { checks, timeline, notifications } = incident;
  for (const line of table(INCIDENT_COLUMNS, [incidentLine(incident)])) terminal.out(line);
  section(
    'Checks',
    ['check', 'state', 'reason', 'since', 'runbook', ''],
    checks.map(({ id, state, since, reason, runbook = '', below }) => {
      const hangs = below === undefined ? '' : `below ${below}`;
      return [id, state, reason ?? '', when(since), runbook, hangs];
    }),
    terminal,
  );
  section(
    'Timeline',
    ['at', 'what', 'who or which', 'text'],
    timeline.map(({ at, type, by, check, text }) => [
      when(at),
      type,
      by ?? check ?? '',
      text ?? '',
    ]),
    terminal,
  );
  section(
    'Notifications',
    ['queued', 'kind', 'to', 'channel', 'state', 'accepted', 'delivered', 'what is known'],
    notifications.map((sent) => [
      when(sent.at),
      sent.kind,
      sent.responder ?? '',
      sent.channel,
      sent.state,
      after(sent.at, sent.acceptedAt),
      after(sent.at, sent.deliveredAt),
      known(sent),
    ]),
    terminal,
  );
}

/** `+3 s`, from when it was decided. */
function after(from: string, to: string | undefined): string {
  if (to === undefined) return '';
  return `+${String(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1_000)))} s`;
}

function known({ reason, detail, heldUntil, bundledInto, reference }: NotificationView): string {
  const words = [
    ...(reason === undefined ? [] : [reason]),
    ...(detail === undefined ? [] : [detail]),
    ...(heldUntil === undefined ? [] : [`held until ${when(heldUntil)}`]),
    ...(bundledInto === undefined ? [] : [`in ${bundledInto}`]),
    ...(reference === null ? [] : [reference]),
  ];
  return words.join(', ');
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
