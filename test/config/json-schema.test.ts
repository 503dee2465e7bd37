/** What editors get to know of checks.yml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { channels } from '../../src/channels/index.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { probes } from '../../src/probes/index.ts';
import { FIXTURES } from './fixture.ts';

const schema = jsonSchema(probes, channels);
const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
const accepts = (name: string): boolean =>
  validate(parse(readFileSync(join(FIXTURES, name), 'utf8'), { stringKeys: true }));

describe('the JSON Schema', () => {
  it('is draft 7 and takes the whole of checks.yml, and references to secrets', () => {
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    expect(accepts('supported.yml'), JSON.stringify(validate.errors)).toBe(true);
    expect(accepts('contract.yml'), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    ...['version-missing', 'version-other', 'unknown-key', 'unknown-key-nested', 'unknown-key-top'],
    ...[
      'duration-bare',
      'duration-blank',
      'duration-empty',
      'severity',
      'check-text',
      'probe-missing',
    ],
    ...['channel-type-unknown', 'channel-key-missing', 'escalation-step-keys', 'listen-port'],
  ])('refuses invalid-%s.yml while it is being written', (name) => {
    expect(accepts(`invalid-${name}.yml`)).toBe(false);
  });

  it.each([
    'checks:\nchannels:\nresponders:\nescalations:\ndefaults:\nself:\ninclude:\n',
    'checks: { a: { http: "${env:URL}", runbook: "https://bücher.example/" } }',
    'checks: { a: { http: "HTTPS://a.example.com/", confirm: { fail: 3 of 5 } } }',
    'checks: { a: { http: "https://a.example.com/", expect: { status: [200, 3xx, 400-404] } } }',
    'channels: { war-room: { type: slack, webhook_url: "${env:HOOK}" } }',
    'responders: { ana: { email: "${env:MAIL}", sms: "${env:PHONE}" } }',
    'listen: { operator: "${env:HOST}:9110", public: "[::1]:65535" }',
  ])('takes %s', (text) => {
    expect(validate(parse(`version: 1\n${text}\n`)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    'checks: { a: { http: a.example.com } }',
    'checks: { a: { http: "https://a.example.com/", confirm: { fail: 0 } } }',
    'checks: { a: { http: "https://a.example.com/", expect: { status: 700 } } }',
    'checks: { a: { http: "https://a.example.com/", expect: { status: "ok" } } }',
    'checks: { a: { http: "https://a.example.com/", method: GTE } }',
    'checks: { a: { tcp: "a.example.com:65536" } }',
    'responders: { ana: { email: ana } }',
  ])('refuses %s', (text) => {
    expect(validate(parse(`version: 1\n${text}\n`))).toBe(false);
  });

  it('says what the keys mean, and which values are not to be shown', () => {
    const text = JSON.stringify(schema);
    expect(text).toContain('"description":"How often to look"');
    expect(text).toContain('"writeOnly":true');
    expect(text).not.toContain('"secret":true');
    // A format would refuse a reference, and not every editor knows every format.
    expect(text).not.toContain('"format"');
  });
});

/** Every object that may be written somewhere in a schema, as JSON Schema. */
function objects(node: unknown): Record<string, unknown>[] {
  if (typeof node !== 'object' || node === null) return [];
  const here = 'properties' in node ? [node as Record<string, unknown>] : [];
  return [...here, ...Object.values(node).flatMap(objects)];
}

it.each([...probes.values(), ...channels.values()].map(({ type, options }) => [type, options]))(
  'no key of %s can be misspelt and pass',
  (_, options: z.ZodObject) => {
    const written = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
    for (const object of objects(written)) expect(object['additionalProperties']).toBe(false);
  },
);
