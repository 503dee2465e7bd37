/** Options that name files (`tls.ca`): what the probe gets is the content, as it was at the load. */
import type { Complaints, Spot } from './problem.ts';
import type { ProbeKind } from './registries.ts';
import type { ReadText } from './secrets.ts';
import { mapValues, type Mapping, type Scalar, type Written } from './written.ts';

type Probes = ReadonlyMap<string, ProbeKind>;

export function optionFiles(root: Mapping, probes: Probes): { path: string; from: Spot }[] {
  const named: { path: string; from: Spot }[] = [];
  mapOptionFiles(root, probes, (scalar) => {
    if (typeof scalar.value === 'string') named.push({ path: scalar.value, from: scalar.at });
    return scalar;
  });
  return named;
}

export function fillOptionFiles(
  root: Mapping,
  probes: Probes,
  readText: ReadText,
  complaints: Complaints,
): Mapping {
  return mapOptionFiles(root, probes, (scalar) => {
    if (typeof scalar.value !== 'string') return scalar;
    const read = readText(scalar.value, scalar.at);
    if ('text' in read) return { ...scalar, value: read.text };
    complaints.addOnly(scalar.at, [`${scalar.shown ?? scalar.value} cannot be read: ${read.why}`]);
    return scalar;
  });
}

function mapOptionFiles(
  root: Mapping,
  probes: Probes,
  change: (scalar: Scalar) => Scalar,
): Mapping {
  return mapValues(root, (section, key) => {
    if (key !== 'checks' || section.kind !== 'mapping') return section;
    return mapValues(section, (check) => {
      if (check.kind !== 'mapping') return check;
      const kinds = [...check.entries.keys()].flatMap((type) => probes.get(type) ?? []);
      return kinds
        .flatMap(({ files = [] }) => files)
        .reduce<Written>((node, path) => changeAt(node, path, change), check);
    });
  });
}

function changeAt(
  node: Written,
  [key, ...rest]: readonly string[],
  change: (scalar: Scalar) => Scalar,
): Written {
  if (key === undefined) return node.kind === 'scalar' ? change(node) : node;
  if (node.kind === 'list') {
    const path = [key, ...rest];
    return { ...node, items: node.items.map((item) => changeAt(item, path, change)) };
  }
  if (node.kind !== 'mapping') return node;
  return mapValues(node, (value, name) => (name === key ? changeAt(value, rest, change) : value));
}
