/**
 * The JSON Schema of checks.yml, for editors: draft 7, which the YAML language servers in use read.
 * It describes what a person writes; what depends on other keys (references, `timeout` against
 * `every`) only the loader knows. `${env:…}` is let through wherever text may be.
 */
import { z } from 'zod';
import { heartbeat, heartbeatKeys } from './read-heartbeat.ts';
import { type ChannelKind, type ProbeKind, type Registries } from './registries.ts';
import {
  channelKeys,
  checkKeys,
  defaults,
  drill,
  escalation,
  hook,
  maintenance,
  responder,
  rootKeys,
  rotation,
  self,
} from './schema.ts';

export function jsonSchema(
  probes: ReadonlyMap<string, ProbeKind>,
  channels: ReadonlyMap<string, ChannelKind>,
): Record<string, unknown> {
  const root = z
    .strictObject({
      version: z.literal(1),
      include: orNothing(z.array(z.string()), 'array').meta({
        description: 'More files, merged by id',
      }),
      ...rootKeys.shape,
      defaults: orNothing(defaults, 'object').meta({
        description: 'For checks that do not say otherwise',
      }),
      checks: byId(anyOf(checkForms(probes))).meta({ description: 'What is watched' }),
      channels: byId(anyOf(channelForms({ probes, channels }))).meta({ description: 'Ways out' }),
      responders: byId(responder).meta({ description: 'Who is expected to act' }),
      escalations: byId(escalation).meta({ description: 'Who hears next if nobody acknowledges' }),
      hooks: byId(hook).meta({ description: 'Where others report alerts' }),
      rotations: byId(rotation).meta({ description: 'Whose turn it is' }),
      maintenance: orNothing(z.array(maintenance), 'array').meta({ description: 'Planned work' }),
      drills: orNothing(z.array(drill), 'array').meta({ description: 'Test pages on a plan' }),
      self: orNothing(self, 'object').meta({ description: 'Tocsin about itself' }),
    })
    .meta({ title: 'checks.yml of Tocsin' });
  return z.toJSONSchema(root, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema: node }) {
      // JSON Schema's own word for what is written and never shown.
      if (node['secret'] === true) node.writeOnly = true;
      delete node['secret'];
      if (node.format === 'email') {
        delete node.format;
        node.pattern = `${node.pattern ?? ''}|\\$\\{`;
      }
    },
  });
}

function checkForms(probes: ReadonlyMap<string, ProbeKind>): z.ZodObject[] {
  const passive = z.strictObject({ ...heartbeatKeys.shape, ...heartbeat.options.shape });
  return [
    ...[...probes.values()].map(({ options }) =>
      z.strictObject({ ...checkKeys.shape, ...options.shape }),
    ),
    passive,
  ];
}

function channelForms({ channels }: Registries): z.ZodObject[] {
  return [...channels.values()].map(({ type, options }) =>
    z.strictObject({ type: z.literal(type), ...channelKeys.shape, ...options.shape }),
  );
}

function byId(item: z.ZodType) {
  return orNothing(z.record(z.string(), item), 'object');
}

/** A section whose every line is commented out is there, and null. */
function orNothing(section: z.ZodType, type: 'object' | 'array'): z.ZodType {
  return section.optional().meta({ type: [type, 'null'] });
}

function anyOf(forms: readonly z.ZodObject[]): z.ZodType {
  const [first, ...others] = forms;
  return first === undefined ? z.never() : z.union([first, ...others]);
}
