/** The templates that ship, parsed. */
import { readFileSync } from 'node:fs';
import { TEMPLATES, type Templates } from '../../src/config/config.ts';
import { parseTemplates, type Texts } from '../../src/message/templates.ts';

const FOLDER = new URL('../../alerts/templates/', import.meta.url);

export const SHIPPED = Object.fromEntries(
  TEMPLATES.map((name) => [name, readFileSync(new URL(`${name}.mustache`, FOLDER), 'utf8')]),
) as Texts;

/** With these in place of the shipped ones. */
export function templates(changes: Partial<Texts> = {}): Templates {
  const parsed = parseTemplates({ ...SHIPPED, ...changes });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed;
}

export const DEFAULTS = templates();
