/**
 * What hangs on one thing alone: whoever can be paged by one channel, vendor or machine only, and
 * Tocsin itself, where nothing outside hears from it. Pure.
 */
import type { Config, Escalation } from '../config/config.ts';
import type { Fate } from '../config/fate.ts';
import { several, type Finding } from './finding.ts';
import type { Naming } from './shared-fate.ts';
import type { Stakes } from './stakes.ts';
import { whoMayBePaged } from './ways.ts';

export function reliance(config: Config, stakes: Stakes, naming: Naming): readonly Finding[] {
  const escalations = [...config.escalations.values()];
  return [
    ...escalations.flatMap((escalation) => ofEscalation(escalation, config, stakes, naming)),
    ...(stakes.deadMan.length === 0 ? [NOBODY_LISTENS] : []),
  ];
}

const NOBODY_LISTENS: Finding = {
  level: 'risk',
  topic: 'reliance',
  what: 'nothing outside notices when Tocsin falls silent',
  at: null,
  why: 'when its machine is gone, the night is quiet',
  remedy: 'set heartbeat_to to a dead-man switch that is run elsewhere',
};

function ofEscalation(
  escalation: Escalation,
  config: Config,
  stakes: Stakes,
  naming: Naming,
): readonly Finding[] {
  const alone = whoMayBePaged(escalation, config).flatMap(({ id, ways }) => {
    const [first, ...others] = ways;
    if (!first) return [];
    const channels = several(ways.map(({ channel }) => channel));
    if (others.length === 0) return [{ id, by: `by ${channels} alone` }];
    const common = others.reduce<readonly Fate[]>(
      (left, way) => left.filter((fate) => way.fates(stakes).includes(fate)),
      first.fates(stakes),
    );
    const [fate] = common.filter((each) => !each.startsWith('block:'));
    return fate ? [{ id, by: `by ${naming(fate)} alone (${channels})` }] : [];
  });
  return [...Map.groupBy(alone, ({ by }) => by)].map(([by, people]): Finding => ({
    level: 'risk',
    topic: 'reliance',
    what: `${escalation.id} pages ${several(people.map(({ id }) => id))} ${by}`,
    at: ['escalations', escalation.id],
    why: 'when that fails, nothing is left to wake them',
    remedy: 'add a channel of another vendor, and an address for it',
  }));
}
