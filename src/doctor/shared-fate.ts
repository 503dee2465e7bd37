/**
 * Where a page rides on what it reports about: a check's target against the ways by which it pages,
 * the status page, the dead-man switch and Tocsin itself. Pure: what `validate` says of the names
 * alone, and `doctor` again when it has asked for addresses and certificates.
 */
import type { Config, Escalation } from '../config/config.ts';
import type { Fate } from '../config/fate.ts';
import { several, type Finding } from './finding.ts';
import { sharedOf, sharedWithTocsin, type Fates, type Stakes } from './stakes.ts';
import { whoMayBePaged, type Way } from './ways.ts';

export type Naming = (fate: Fate) => string;

/** What a page may be about. */
interface Subject {
  readonly name: string;
  readonly fates: Fates;
}

export function sharedFates(config: Config, stakes: Stakes, naming: Naming): readonly Finding[] {
  const escalations = [...config.escalations.values()].filter((each) => pagesAnybody(each, config));
  // A check of the status page itself is no other thing that it could be lost with.
  const isOfPage = (id: string): boolean =>
    config.publicUrl !== null &&
    config.checks.get(id)?.target.startsWith(config.publicUrl) === true;
  const others = [...stakes.checks].filter(([id]) => !isOfPage(id));
  return [
    ...escalations.flatMap((escalation) => ofEscalation(escalation, config, stakes, naming)),
    ...ofTocsin(config, stakes, naming, new Set(escalations.map(({ id }) => id))),
    ...ofOne('the status page', ['public_url'], stakes.statusPage, WHY_STATUS, others, naming),
    ...ofOne('the dead-man switch', ['heartbeat_to'], stakes.deadMan, WHY_SWITCH, others, naming),
    ...ofSwitch(stakes, naming),
  ];
}

/** Otherwise "nobody is paged" has been said. */
function pagesAnybody({ post, steps }: Escalation, { channels }: Config): boolean {
  const used = [...post, ...steps.flatMap(({ by }) => by)];
  return used.some((id) => channels.get(id)?.type !== 'console');
}

function ofEscalation(
  escalation: Escalation,
  config: Config,
  stakes: Stakes,
  naming: Naming,
): readonly Finding[] {
  const { id, post } = escalation;
  const checks = [...config.checks.values()].filter((check) => check.escalation === id);
  const subjects = checks.map((check) => ({
    name: check.id,
    fates: stakes.checks.get(check.id) ?? [],
  }));
  const people = whoMayBePaged(escalation, config);
  const cutOff: [string, string, Subject][] = [];
  const ways: [string, string, Subject][] = [];
  const rooms: [string, string, Subject][] = [];
  for (const subject of subjects) {
    const lost = people.filter(({ ways }) => ways.length > 0 && ways.every((way) => !isSafe(way)));
    function isSafe(way: Way): boolean {
      return sharedOf(way.fates(stakes), subject.fates) === null;
    }
    const [first] = lost.flatMap(({ ways }) => ways);
    const because = first && sharedOf(first.fates(stakes), subject.fates);
    if (because) cutOff.push([several(lost.map((each) => each.id)), naming(because), subject]);
    const used = new Set(people.flatMap((person) => person.ways.map(({ channel }) => channel)));
    for (const channel of used) {
      const fate = sharedOf(stakes.channels.get(channel) ?? [], subject.fates);
      if (fate && !because) ways.push([channel, naming(fate), subject]);
    }
    const posted = post.map((room) => sharedOf(stakes.channels.get(room) ?? [], subject.fates));
    const [fate] = posted;
    if (fate && posted.every((each) => each !== null)) rooms.push(['', naming(fate), subject]);
  }
  return [
    ...grouped(cutOff).map(([who, fate, names]) =>
      finding(
        ['escalations', id],
        `${id} reaches ${who} about ${names} only by ways that are lost with them (${fate})`,
        `when ${fate} is lost, none of them hears of it`,
        'give each an address that another vendor reaches, and a channel for it',
      ),
    ),
    ...grouped(ways).map(([channel, fate, names]) =>
      finding(
        ['channels', channel],
        `channel ${channel} is lost with ${names} (${fate})`,
        `what it has to tell of them may not arrive`,
        `keep another way to everybody in ${id}: when ${channel} fails, it is used`,
      ),
    ),
    ...grouped(rooms).map(([, fate, names]) =>
      finding(
        ['escalations', id, 'post'],
        `every post of ${id} is lost with ${names} (${fate})`,
        'no post about them is out of band: the team may read nothing',
        'add a room to post that is elsewhere',
      ),
    ),
  ];
}

/** Of what is on its own machine, or where it is said to be: without a switch elsewhere nobody notices. */
function ofTocsin(
  { checks, fate = [] }: Config,
  stakes: Stakes,
  naming: Naming,
  paging: ReadonlySet<string>,
): readonly Finding[] {
  const isSwitchElsewhere =
    stakes.deadMan.length > 0 && sharedWithTocsin(stakes.deadMan, stakes) === null;
  if (isSwitchElsewhere) return [];
  const lost: [string, string, Subject][] = [];
  for (const { id, escalation, type } of checks.values()) {
    const fates = stakes.checks.get(id) ?? [];
    const shared = paging.has(escalation ?? '') ? sharedWithTocsin(fates, stakes) : null;
    if (shared && type !== 'heartbeat') lost.push(['', naming(shared), { name: id, fates }]);
  }
  return grouped(lost).map(([, what, names]) =>
    finding(
      fate.length > 0 ? ['fate'] : ['checks', lost[0]?.[2].name ?? ''],
      `Tocsin is lost with ${names} (${what})`,
      'then nobody is paged, and nothing says so',
      'set heartbeat_to to a dead-man switch that is run elsewhere',
    ),
  );
}

const WHY_STATUS = {
  why: 'customers cannot read that it is down',
  remedy: 'put the status page under another name, on another host',
};
const WHY_SWITCH = {
  why: 'it may fall silent for what is down, or be silent when Tocsin is',
  remedy: 'set heartbeat_to to a switch that is run elsewhere',
};

function ofOne(
  name: string,
  at: Finding['at'],
  fates: Fates,
  { why, remedy }: Pick<Finding, 'why' | 'remedy'>,
  checks: readonly (readonly [string, Fates])[],
  naming: Naming,
): readonly Finding[] {
  const lost = checks.flatMap(([id, of]): [string, string, Subject][] => {
    const fate = sharedOf(fates, of);
    return fate === null ? [] : [['', naming(fate), { name: id, fates: of }]];
  });
  return grouped(lost).map(([, fate, names]) =>
    finding(at, `${name} is lost with ${names} (${fate})`, why, remedy),
  );
}

function ofSwitch(stakes: Stakes, naming: Naming): readonly Finding[] {
  const fate = sharedWithTocsin(stakes.deadMan, stakes);
  if (fate === null) return [];
  const what = `the dead-man switch is lost with Tocsin (${naming(fate)})`;
  const why = 'it cannot tell anybody that Tocsin is gone';
  return [finding(['heartbeat_to'], what, why, WHY_SWITCH.remedy)];
}

/** One for each kind of loss, with everything it takes along. */
function grouped(
  all: readonly (readonly [string, string, Subject])[],
): readonly (readonly [string, string, string])[] {
  const groups = Map.groupBy(all, ([who, fate]) => `${who}\n${fate}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [[first[0], first[1], several(group.map(([, , { name }]) => name))]] : [];
  });
}

function finding(at: Finding['at'], what: string, why: string, remedy: string): Finding {
  return { level: 'risk', topic: 'shared fate', what, at, why, remedy };
}
