/**
 * Who would be woken now, and by what. Addresses are shown in part: enough to tell an old number from
 * a new one, too little to call.
 */
import type { Config, Escalation } from '../config/config.ts';
import type { DutyView } from '../incident/duty-view.ts';
import { several, type Examined, type Finding } from './finding.ts';

export function examineDuty(config: Config, duties: readonly DutyView[]): Examined {
  const onDuty = new Map(duties.map(({ rotation, responder }) => [rotation, responder]));
  const escalations = [...config.escalations.values()];
  const gaps = duties.filter(({ responder }) => responder === null);
  return {
    seen: escalations.flatMap((escalation) => lineOf(escalation, config, onDuty)),
    findings: [
      ...gaps.map(({ rotation }) => gap(rotation)),
      ...escalations.flatMap((escalation) => silent(escalation, config)),
    ],
  };
}

function lineOf(
  { id, steps: [first] }: Escalation,
  config: Config,
  onDuty: ReadonlyMap<string, string | null>,
): readonly string[] {
  if (!first) return [];
  const people = first.page.flatMap((name) => (onDuty.has(name) ? onDuty.get(name) : name) ?? []);
  const known = [...new Set(people)].flatMap((name) => config.responders.get(name) ?? []);
  const each = known.map(({ name, addresses }) => {
    const ways = [...addresses].map(([kind, address]) => `${kind} ${masked(address)}`);
    return ways.length === 0 ? name : `${name} (${ways.join(', ')})`;
  });
  return [`${id} wakes ${several(each)} by ${several(first.by)}`];
}

/** `+351…678`, `a…@example.com`. */
function masked(address: string): string {
  const [user = '', domain] = address.split('@');
  if (domain !== undefined) return `${user.slice(0, 1)}…@${domain}`;
  return `${address.slice(0, 4)}…${address.slice(-3)}`;
}

function silent({ id, steps }: Escalation, { channels }: Config): readonly Finding[] {
  const used = steps.flatMap(({ by }) => by);
  if (used.some((channel) => channels.get(channel)?.type !== 'console')) return [];
  return [
    {
      level: 'fault',
      topic: 'duty',
      what: `${id} only prints to the console`,
      at: ['escalations', id],
      why: 'nobody is paged',
      remedy: 'add a channel that wakes somebody to its steps',
    },
  ];
}

function gap(rotation: string): Finding {
  return {
    level: 'fault',
    topic: 'duty',
    what: `nobody has ${rotation} now`,
    at: ['rotations', rotation],
    why: 'a step that pages it pages nobody',
    remedy: `fill the gap, or have somebody take it: tocsin override ${rotation}`,
  };
}
