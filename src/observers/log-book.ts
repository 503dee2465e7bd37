/**
 * Events as lines of the log: what turned, what was decided and why, what could not be delivered.
 * A line names things as the metrics do (`check`, `incident` by its code, `notification` by its
 * key) and never says how to reach a person: no number, no address, no text that somebody wrote.
 * What a vendor or a name may smuggle in, the log itself blots out.
 */
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Decision, DecisionOutcome } from '../incident/change.ts';
import type { Incident } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import type { Log } from '../system/log.ts';
import type { Trace } from '../system/trace.ts';

type Lines = Pick<Log, 'debug' | 'info' | 'warn' | 'error'>;

/** Decisions that nothing followed from: said, but only to whoever looks closely. */
const QUIET: ReadonlySet<DecisionOutcome> = new Set([
  'not part of an incident',
  'report kept',
  'member changed',
  'nothing joined',
  'receipt recorded',
  'unknown notification',
  'heard already',
  'heard in part',
  'nothing overdue',
  'nothing due',
  'nothing changed',
  'maintenance planned',
]);

/** Decisions after which somebody is told less than was planned. */
const WORRYING: ReadonlySet<DecisionOutcome> = new Set([
  'opened, nobody to page',
  'nowhere to fail over to',
  'nobody to tell',
  'no receipt',
  'last resort',
]);

export function createLogBook(
  log: Lines,
  board: () => ReadonlyBoard,
): (event: TocsinEvent) => void {
  const pulse = pulseLines(log);
  return (event) => {
    switch (event.type) {
      case 'configured':
        log.info('configured', counts(event.config));
        if (event.broken.length > 0) {
          log.error('the file is broken, the last good configuration runs', {
            problems: event.broken,
          });
        }
        for (const warning of event.config.warnings) log.warn(`WARNING: ${warning}`, {});
        break;
      case 'reload_failed':
        log.error('reload failed, the old configuration runs on', { problems: event.problems });
        break;
      case 'restart_needed':
        log.warn('restart needed: not what Tocsin was started with', { keys: event.keys });
        break;
      case 'looked': {
        const { check, status, reason, tookMs } = event.verdict;
        log.debug('looked', { check, status, reason, tookMs, ...traceId(event) });
        break;
      }
      case 'turned': {
        const { check, from, to, reason, brief, since } = event.turn;
        const write = to === 'down' ? log.warn : log.info;
        const why = reason === null ? {} : { reason, brief };
        write('turned', {
          check,
          from,
          to,
          ...why,
          ...traceId(event),
          since: new Date(since).toISOString(),
        });
        break;
      }
      case 'changed':
        writeDecisions(log, event, board());
        break;
      case 'attempted':
        writeAttempt(log, event, board());
        break;
      case 'followed':
        writeFate(log, event, board());
        break;
      case 'stranger':
        log.warn('a stranger was not answered', { channel: event.channel });
        break;
      case 'trouble':
        log.error('trouble', { where: event.where, what: event.what });
        break;
      case 'spans_not_taken':
        log.warn('traces are not taken', { lost: event.lost, why: event.why });
        break;
      case 'looks_lost':
        log.error('looks lost from the history', { looks: event.count, why: event.why });
        break;
      case 'registration':
        if (event.isNews) writeRegistration(log, event);
        break;
      case 'memory':
        if (event.kept) log.info('the store is back: everything is recorded again', {});
        else log.error('nothing can be stored: running without memory', {});
        break;
      case 'draining':
      case 'stopped':
        log.info(event.type, {});
        break;
      case 'pulse':
      case 'checked_up':
        pulse(event);
        break;
      case 'lag':
        break;
    }
  };
}

/** A line for each that is news: they come every minute. */
function pulseLines(log: Lines) {
  const ill = new Map<string, string>();
  const isNews = (what: string, why: string): boolean => {
    const before = ill.get(what) ?? '';
    ill.set(what, why);
    return before !== why;
  };
  return (event: Extract<TocsinEvent, { type: 'pulse' | 'checked_up' }>): void => {
    if (event.type === 'checked_up') {
      const { channel, outcome } = event;
      const why = 'reason' in outcome ? outcome.reason : '';
      if (!isNews(`channel ${channel}`, why)) return;
      if (!('reason' in outcome)) log.info('a channel can be reached again', { channel });
      else
        log.warn('a channel cannot be reached', { channel, reason: why, detail: outcome.detail });
      return;
    }
    const { failed, refusal } = event;
    if (isNews('self-test', failed.join(', '))) {
      if (failed.length === 0) log.info('the self-test passes again', {});
      else log.error('the self-test has failed: no heartbeat leaves', { failed });
    }
    if (failed.length > 0 || !isNews('refusal', refusal ?? '')) return;
    if (refusal === null) log.info('the heartbeat is taken again', {});
    else log.error('the heartbeat is not taken', { why: refusal });
  };
}

function writeRegistration(
  log: Lines,
  { host, registration }: Extract<TocsinEvent, { type: 'registration' }>,
): void {
  if ('unknown' in registration) {
    log.warn('the end of a registration is not known', { host, why: registration.unknown });
  } else {
    const { domain, endsAt } = registration;
    log.info('registration', { host, domain, ends: new Date(endsAt).toISOString() });
  }
}

function counts({ checks, channels, responders, escalations }: Config): Record<string, number> {
  return {
    checks: checks.size,
    channels: channels.size,
    responders: responders.size,
    escalations: escalations.size,
  };
}

function writeDecisions(
  log: Lines,
  { change, recorded }: Extract<TocsinEvent, { type: 'changed' }>,
  board: ReadonlyBoard,
): void {
  // The board may be further by now.
  const incidents = new Map(change.incidents.map((incident) => [incident.id, incident]));
  for (const decision of change.reasons) {
    const id = decision.incident ?? '';
    writeDecision(log, decision, incidents.get(id) ?? board.incidents.get(id), recorded);
  }
}

function writeDecision(
  log: Lines,
  { outcome, check, key, silence }: Decision,
  row: Incident | undefined,
  recorded: boolean,
): void {
  const fields = {
    ...(row === undefined ? {} : { incident: row.code, severity: row.severity }),
    ...(check === undefined ? {} : { check }),
    ...(key === undefined ? {} : { notification: key }),
    ...(silence === undefined ? {} : { silence }),
    ...(outcome === 'acknowledged' && row?.acknowledgedBy ? { by: row.acknowledgedBy } : {}),
    ...(outcome === 'resolved' && row?.resolvedBecause ? { because: row.resolvedBecause } : {}),
    ...(recorded ? {} : { recorded }),
  };
  const write = QUIET.has(outcome) ? log.debug : WORRYING.has(outcome) ? log.warn : log.info;
  write(outcome, fields);
}

function writeAttempt(
  log: Lines,
  { notification, outcome, tookMs, ...traced }: Extract<TocsinEvent, { type: 'attempted' }>,
  board: ReadonlyBoard,
): void {
  const fields = {
    notification: notification.key,
    ...codeOf(notification, board),
    kind: notification.kind,
    channel: notification.channel,
    responder: notification.responder,
    attempt: notification.attempts,
    tookMs: Math.round(tookMs),
    ...traceId(traced),
  };
  if ('reason' in outcome) {
    const { reason, detail } = outcome;
    log.warn(`delivery ${outcome.outcome}`, {
      ...fields,
      reason,
      detail,
    });
  } else {
    log.info(`delivery ${outcome.outcome}`, { ...fields, reference: outcome.reference });
  }
}

function writeFate(
  log: Lines,
  { notification, outcome }: Extract<TocsinEvent, { type: 'followed' }>,
  board: ReadonlyBoard,
): void {
  const { key, kind, channel, responder } = notification;
  const fields = { notification: key, ...codeOf(notification, board), kind, channel, responder };
  if (!('reason' in outcome)) log.info('delivery proven', fields);
  else log.warn('delivery lost', { ...fields, reason: outcome.reason, detail: outcome.detail });
}

/** Of a message about several, the first one's: the board has the rest. */
function codeOf({ about }: Notification, { incidents }: ReadonlyBoard): { incident?: string } {
  const first = incidents.get(about[0] ?? '');
  return first === undefined ? {} : { incident: first.code };
}

/** By the name under which others look for it in logs. */
function traceId({ trace }: { readonly trace?: Trace }): { trace_id?: string } {
  return trace === undefined ? {} : { trace_id: trace.traceId };
}
