/**
 * Reading a zod schema instead of parsing with it: which keys would have been right at a path, and
 * which values are secret. It sees the input side: what a person writes.
 */
import { z } from 'zod';
import type { Path } from './written.ts';

type Schema = z.core.$ZodType;

/** Through optional, default, pipe and union to the schemas that say what may be written. */
function forms(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return forms(def.innerType);
    case 'pipe':
      // z.preprocess() is a pipe whose first half is a function.
      return forms(def.in._zod.def.type === 'transform' ? def.out : def.in);
    case 'union':
      return def.options.flatMap(forms);
    case 'lazy':
      return forms(def.getter());
    default:
      return [schema];
  }
}

function inside(schema: Schema, key: PropertyKey): Schema[] {
  return forms(schema).flatMap((form) => {
    const { def } = (form as z.core.$ZodTypes)._zod;
    if (def.type === 'object') return def.shape[String(key)] ?? [];
    if (def.type === 'record') return [def.valueType];
    return def.type === 'array' ? [def.element] : [];
  });
}

/** The keys that an object at this path may have. */
export function keysAt(schema: Schema, path: Path): string[] {
  const [key, ...rest] = path;
  if (key !== undefined) return inside(schema, key).flatMap((next) => keysAt(next, rest));
  return forms(schema).flatMap((form) => {
    const { def } = (form as z.core.$ZodTypes)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
}

/** The values that the schema marks `.meta({ secret: true })`. */
export function secretsIn(schema: Schema, value: unknown): string[] {
  if (typeof value === 'string') return isSecret(schema) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    inside(schema, key).flatMap((next) => secretsIn(next, item)),
  );
}

function isSecret(schema: Schema): boolean {
  return forms(schema).some((form) => z.globalRegistry.get(form)?.['secret'] === true);
}
