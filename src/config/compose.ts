/**
 * The merged file → Config. Every section is read whatever the others have come to, so that all
 * problems are found in one go; there is a Config only if there was none.
 */
import type { AddressKind, Config, Templates } from './config.ts';
import { circles } from './cycles.ts';
import { namesIn, type Reading, sectionOf } from './reading.ts';
import { readChecks } from './read-checks.ts';
import { readDrills } from './read-drills.ts';
import { compiled, readEscalations } from './read-escalations.ts';
import { readHooks } from './read-hooks.ts';
import { readMaintenance } from './read-maintenance.ts';
import { readChannels, readResponders } from './read-people.ts';
import { readRotations } from './read-rotations.ts';
import { checkListeners, readRoot } from './read-root.ts';
import { readSelf } from './read-self.ts';
import { entriesOf, idsAt, valueAt } from './written.ts';

const CONSOLE = 'console';
const ON_CALL = 'on-call';

/** `templates: null`: they were not to be had, and that was said. */
export function compose(
  file: string,
  given: Omit<Reading, 'names'>,
  templates: Templates | null,
): Config | null {
  const declared = namesIn(given.root);
  // Nothing written: one escalation, to whoever is looking at the terminal.
  const isBare = declared.escalations.size === 0 && given.channels.has(CONSOLE);
  const names = isBare ? { ...declared, escalations: new Set([ON_CALL]) } : declared;
  const reading: Reading = { ...given, names };
  const { complaints, warnings } = reading;
  const root = readRoot(reading);
  if (root !== null) checkListeners(root, reading);
  const checks = readChecks(reading);
  complainOfCircles(reading);
  const people = {
    channels: readChannels(reading),
    responders: readResponders(reading),
    rotations: readRotations(reading),
    escalations: readEscalations(reading),
  };
  const hooks = readHooks(reading);
  const maintenance = readMaintenance(reading);
  const drills = readDrills(reading);
  const self = readSelf(reading, people.channels);
  if (complaints.count > 0 || root === null || templates === null) return null;
  if (checks.size === 0) warnings.push('nothing is watched: there are no checks');
  const reached = isBare ? withConsole(people) : people;
  warnings.push(...unpaged(isBare, reached));
  return {
    file,
    ...root,
    checks,
    ...reached,
    hooks,
    maintenance,
    drills,
    self,
    templates,
    warnings,
    secrets: [...reading.secrets],
  };
}

type People = Pick<Config, 'channels' | 'responders' | 'rotations' | 'escalations'>;

function withConsole({ channels, responders, rotations }: People): People {
  const id = [CONSOLE, 'tocsin-console'].find(
    (name) => (channels.get(name)?.type ?? CONSOLE) === CONSOLE,
  );
  const channel = id ?? CONSOLE;
  const addresses = new Map<AddressKind, string>();
  const printed = compiled(ON_CALL, { steps: [{ page: [CONSOLE], by: [channel] }] });
  return {
    channels: new Map([
      ...channels,
      [
        channel,
        {
          ...{ id: channel, type: CONSOLE, address: null, answerable: false },
          ...{ proof: 'acceptance', options: {} },
        },
      ],
    ]),
    responders: new Map([
      [CONSOLE, { id: CONSOLE, name: CONSOLE, addresses, timezone: null }],
      ...responders,
    ]),
    rotations,
    escalations: new Map([[ON_CALL, printed]]),
  };
}

function unpaged(isBare: boolean, { channels, escalations }: People): string[] {
  if (isBare) return ['nobody is paged'];
  const used = [...escalations.values()].flatMap(({ post, steps }) => [
    ...post,
    ...steps.flatMap(({ by }) => by),
  ]);
  return used.some((id) => channels.get(id)?.type !== CONSOLE)
    ? []
    : ['nobody is paged: every escalation only prints to the console'];
}

/** From what was written, so that a circle is seen however the checks in it were read. */
function complainOfCircles({ root, complaints }: Reading): void {
  const dependsOn = new Map(
    entriesOf(sectionOf(root, 'checks')).map(([id, { value }]) => [
      id,
      idsAt(value, ['depends_on']).map((parent) => parent.id),
    ]),
  );
  for (const circle of circles(dependsOn)) {
    const [id = ''] = circle;
    const at = valueAt(root, ['checks', id, 'depends_on'])?.at ?? root.at;
    complaints.add(at, `depends_on of check "${id}" goes in a circle: ${printCircle(circle)}`);
  }
}

/** At most so many ids: the others are found by following them. */
const CIRCLE_SHOWN = 10;

function printCircle(circle: readonly string[]): string {
  const more = circle.length - CIRCLE_SHOWN;
  if (more <= 1) return circle.join(' → ');
  const shown = [...circle.slice(0, CIRCLE_SHOWN - 1), `${more} more`, ...circle.slice(-1)];
  return shown.join(' → ');
}
