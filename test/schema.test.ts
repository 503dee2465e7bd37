/** The JSON Schema that editors read is made from the code, and committed: the two must be equal. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { channels } from '../src/channels/index.ts';
import { jsonSchema } from '../src/config/json-schema.ts';
import { probes } from '../src/probes/index.ts';

const committed = JSON.parse(readFileSync('checks.schema.json', 'utf8')) as object;

describe('checks.schema.json', () => {
  it('is what `npm run schema` prints', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(jsonSchema(probes, channels))));
  });

  it('accepts the shipped checks.yml, and not an unknown key', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(committed);
    const shipped = parse(readFileSync('checks.yml', 'utf8')) as object;
    expect(validate(shipped), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...shipped, chekcs: {} })).toBe(false);
  });
});
