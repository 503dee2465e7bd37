/**
 * What every section needs while a configuration is put together: the merged file, the registries,
 * the ids that were declared (valid or not, so that one mistake is not told twice), and where to put
 * complaints, warnings and secrets.
 */
import type { Complaints, Spot } from './problem.ts';
import type { Owner } from './explain.ts';
import type { Registries } from './registries.ts';
import { ID } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { entriesOf, isBlank, type Mapping, type NamedId, type Written } from './written.ts';

export interface Reading extends Registries {
  readonly root: Mapping;
  readonly names: Names;
  readonly complaints: Complaints;
  readonly warnings: string[];
  readonly secrets: Set<string>;
  /** A short, stable digest. */
  readonly hash: (text: string) => string;
  /** The absolute path of one that is relative to the file that names it. */
  readonly resolvePath: (path: string, from: Spot) => string;
}

const SECTIONS = {
  checks: 'check',
  channels: 'channel',
  responders: 'responder',
  rotations: 'rotation',
  escalations: 'escalation',
  hooks: 'hook',
} as const;
const SUCH_AS: Readonly<Record<string, string>> = {
  checks: ' such as { http: https://example.com/ }',
  channels: ' such as { type: console }',
  hooks: ' such as { type: alertmanager, token: "${env:TOKEN}" }',
};
export type Section = keyof typeof SECTIONS;
export const SECTION_KEYS = Object.keys(SECTIONS);
export type Names = Readonly<Record<Section, ReadonlySet<string>>>;

export function sectionOf(root: Mapping, section: Section): Written | undefined {
  return root.entries.get(section)?.value;
}

export function namesIn(root: Mapping): Names {
  const ids = (section: Section): ReadonlySet<string> =>
    new Set(entriesOf(sectionOf(root, section)).map(([id]) => id));
  return {
    checks: ids('checks'),
    channels: ids('channels'),
    responders: ids('responders'),
    rotations: ids('rotations'),
    escalations: ids('escalations'),
    hooks: ids('hooks'),
  };
}

export interface Item {
  readonly id: string;
  readonly node: Mapping;
  readonly owner: Owner;
}

/** The well-formed items of a section; it complains of the others. */
export function itemsOf({ root, complaints }: Reading, section: Section): Item[] {
  const node = sectionOf(root, section);
  const noun = SECTIONS[section];
  if (node === undefined || isBlank(node)) return [];
  if (node.kind !== 'mapping') {
    complaints.add(node.at, `${section}: expected ids and what they stand for`);
    return [];
  }
  const items: Item[] = [];
  for (const [id, { at, value }] of node.entries) {
    const owner = { name: `${noun} ${JSON.stringify(id)}`, at };
    if (!ID.test(id)) {
      complaints.add(at, `${owner.name}: an id has 1 to 64 letters, digits, "_", "." and "-"`);
    } else if (value.kind !== 'mapping') {
      const text = `expected keys and values${SUCH_AS[section] ?? ''}`;
      complaints.add(isBlank(value) ? at : value.at, `${owner.name}: ${text}`);
    } else {
      items.push({ id, node: value, owner });
    }
  }
  return items;
}

/** Complains where the id is not one of `known`. */
export function refer(
  { id, shown, at }: NamedId,
  noun: string,
  known: ReadonlySet<string>,
  where: string,
  complaints: Complaints,
): boolean {
  if (known.has(id)) return true;
  const unknown = `unknown ${noun} ${JSON.stringify(shown)} in ${where}`;
  complaints.add(at, () => unknown + (didYouMean(id, known) || listed(known)));
  return false;
}

const LISTED_MAX = 10;

function listed(known: ReadonlySet<string>): string {
  if (known.size === 0 || known.size > LISTED_MAX) return '';
  return `, expected ${known.size === 1 ? '' : 'one of '}${[...known].join(', ')}`;
}
