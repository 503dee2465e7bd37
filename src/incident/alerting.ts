/**
 * An alert that somebody else raises is a check that nobody here looks at: it joins, reopens and
 * ends incidents by the same rules. What one would get wrong: it is told again and again while it
 * fires, and only the first time says something.
 */
import type { AlertHook, Check, Config } from '../config/config.ts';
import type { Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import type { Incident, Member } from './incident.ts';
import type { Alert } from './input.ts';
import { cameUp } from './recovery.ts';
import { RANK } from './rank.ts';
import { broke, raise } from './trouble.ts';

/** Ids of checks hold no colon, so that these are nobody's. */
const PREFIX = 'alert';
const NOBODY = 'none';

export function takeAlert(draft: Draft, alert: Alert): void {
  const hook = draft.config.hooks.get(alert.hook);
  if (!hook) {
    draft.decided('unknown hook');
    return;
  }
  const check = checkOf(hook, alert, draft.config);
  const incident = draft.incidentOf(check.id);
  const member = draft.member(incident?.id ?? '', check.id);
  if (alert.status === 'resolved') {
    // Not in an incident it may still be silenced until it is over.
    const isOverAlready = member !== undefined && member.state !== 'down';
    if (isOverAlready) draft.decided('nothing changed', { check: check.id });
    else cameUp(draft, turnInto('up', check, alert, draft.now));
  } else if (incident && member?.state === 'down') {
    update(draft, incident, member, check, alert);
  } else {
    broke(draft, check, turnInto('down', check, alert, draft.now));
  }
}

/** Is this the id of an alert that a hook of this configuration may still say has ended? */
export function isAwaitedAlert({ hooks }: Pick<Config, 'hooks'>, id: string): boolean {
  const [prefix, hook = ''] = id.split(':', 2);
  return prefix === PREFIX && hooks.has(hook);
}

/** Fires still. What it is called may have changed, and it may have become worse. */
function update(
  draft: Draft,
  { id, severity }: Incident,
  member: Member,
  check: Check,
  { title, text }: Alert,
): void {
  const about = { incident: id, check: check.id };
  const brief = text ?? '';
  const isNews = member.name !== title || member.brief !== brief;
  if (isNews) draft.putMember({ ...member, name: title, brief });
  if (RANK[check.severity] > RANK[severity]) raise(draft, id, check.severity);
  else draft.decided(isNews ? 'member changed' : 'nothing changed', about);
}

function checkOf(hook: AlertHook, alert: Alert, { escalations }: Config): Check {
  return {
    ...bare,
    id: [PREFIX, hook.id, alert.fingerprint].join(':'),
    name: alert.title,
    target: hook.id,
    severity: alert.severity ?? hook.severity,
    escalation: escalationOf(hook, alert.escalation, escalations),
  };
}

/** What a label names may not be there (any more): then it pages as the hook says, not nobody. */
function escalationOf(
  hook: AlertHook,
  named: string | null,
  escalations: Config['escalations'],
): string | null {
  if (named === NOBODY) return null;
  return named !== null && escalations.has(named) ? named : hook.escalation;
}

function turnInto(to: 'up' | 'down', { id }: Check, { since, text }: Alert, at: number): Turn {
  const from = to === 'up' ? 'down' : 'up';
  // Another machine's clock: what began there tomorrow begins now.
  const began = to === 'down' ? Math.min(since ?? at, at) : at;
  return { check: id, from, to, at, since: began, reason: null, brief: text ?? '' };
}

const bare = {
  says: null,
  type: PREFIX,
  options: {},
  generation: PREFIX,
  rhythm: { everyMs: Infinity },
  timeoutMs: 0,
  confirm: { fail: 1, of: 1, recheckMs: 0, recover: 1 },
  heartbeat: null,
  dependsOn: [],
  tags: {},
  runbook: null,
} as const;
