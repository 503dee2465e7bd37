/**
 * Are our stand-ins what the vendors say they are? Their parameters and our real requests are held
 * against the vendors' OpenAPI files, in the directory that VENDOR_SPECS names. The files are not
 * ours to ship, so without it this says that it was left out.
 */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import { letter } from '../channels/letters.ts';
import { EXAMPLES } from '../message/facts.ts';
import type { Received } from '../standins/_standin.ts';
import { MAIL_PARAMETERS } from '../standins/sendgrid.ts';
import { LIST_PARAMETERS, MESSAGE_PARAMETERS } from '../standins/twilio.ts';
import { hands, VENDORS } from './hands.ts';

interface Schema {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface Spec {
  readonly paths: Readonly<Record<string, { readonly get: Operation; readonly post: Operation }>>;
  readonly components: {
    readonly schemas: object;
    readonly requestBodies: Readonly<Record<string, Operation['requestBody']>>;
  };
}

const specs = process.env['VENDOR_SPECS'] ?? '';
const MESSAGES = '/2010-04-01/Accounts/{AccountSid}/Messages.json';
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const { clock, transport, run } = hands();
afterAll(() => transport.close());

it.runIf(specs === '')("was left out: VENDOR_SPECS names no directory of vendors' files", () => {
  console.log(
    'left out: the stand-ins were not held against the vendors (VENDOR_SPECS is not set)',
  );
  expect(specs).toBe('');
});

describe.runIf(specs !== '')('the stand-in of Twilio', () => {
  const spec = specs === '' ? null : read('twilio_messages_calls.json');
  const messages = () => spec!.paths[MESSAGES]!;
  const form = () => messages().post.requestBody.content[FORM]!.schema;

  it('knows only parameters that the vendor has, and requires what the vendor requires', () => {
    const known = [...MESSAGE_PARAMETERS.required, ...MESSAGE_PARAMETERS.optional];
    expect(Object.keys(form().properties)).toEqual(expect.arrayContaining(known));
    expect(MESSAGE_PARAMETERS.required).toEqual(form().required);
    const query = messages().get.parameters!.filter((parameter) => parameter.in === 'query');
    expect(query.map(({ name }) => name).sort()).toEqual([...LIST_PARAMETERS].sort());
  });

  it('is sent forms that the vendor would read', async () => {
    const ajv = withFormats(new Ajv({ strict: false, coerceTypes: true }));
    const isForm = ajv.compile({ ...form(), ...within(spec!), additionalProperties: false });
    for (const { body } of await everyMessage('twilio-sms')) {
      const asked = Object.fromEntries(new URLSearchParams(body));
      expect([isForm(asked), isForm.errors]).toEqual([true, null]);
    }
    expect(isForm({ To: '+351912345678', Unknown: 'x' })).toBe(false);
  });

  it('answers as the vendor does', async () => {
    const ajv = withFormats(new Ajv({ strict: false }));
    const answer = (status: string, operation: Operation) =>
      ajv.compile({ ...operation.responses[status]!.content[JSON_TYPE]!.schema, ...within(spec!) });
    const vendor = VENDORS.find(({ type }) => type === 'twilio-sms')!;
    const standin = await vendor.start();
    const [request] = await everyMessage('twilio-sms');
    const url = `${standin.url}${request!.path}`;
    const headers = { authorization: request!.headers.authorization!, 'content-type': FORM };
    const signal = new AbortController().signal;
    const ask = async (method: 'GET' | 'POST', body: string | null) => {
      const heard = await transport.call({ url, method, headers, body, signal });
      return JSON.parse('body' in heard ? heard.body : '') as unknown;
    };
    const isCreated = answer('201', messages().post);
    expect([isCreated(await ask('POST', request!.body)), isCreated.errors]).toEqual([true, null]);
    const isList = answer('200', messages().get);
    expect([isList(await ask('GET', null)), isList.errors]).toEqual([true, null]);
    await standin.close();
  });
});

describe.runIf(specs !== '')('the stand-in of SendGrid', () => {
  const spec = specs === '' ? null : read('sendgrid_tsg_mail_v3.json');
  const mail = () => spec!.components.requestBodies['PostMailSend']!.content[JSON_TYPE]!.schema;

  it('knows only parameters that the vendor has, and requires what the vendor requires', () => {
    const known = [...MAIL_PARAMETERS.required, ...MAIL_PARAMETERS.optional];
    expect(Object.keys(mail().properties)).toEqual(expect.arrayContaining(known));
    expect(MAIL_PARAMETERS.required).toEqual(expect.arrayContaining([...mail().required!]));
  });

  it('is sent mails that the vendor would read', async () => {
    const ajv = withFormats(new Ajv2020({ strict: false }));
    const isMail = ajv.compile({ ...mail(), ...within(spec!), additionalProperties: false });
    for (const { body } of await everyMessage('sendgrid')) {
      expect([isMail(JSON.parse(body)), isMail.errors]).toEqual([true, null]);
    }
    expect(isMail({ personalizations: [{}], from: {} })).toBe(false);
  });
});

function read(file: string): Spec {
  return JSON.parse(readFileSync(join(specs, file), 'utf8')) as Spec;
}

/** What `$ref`s in a schema of the specification point to. */
function within({ components }: Spec) {
  return { components };
}

/** With the formats that are the vendors' own. */
function withFormats<A extends Ajv | Ajv2020>(ajv: A): A {
  addFormats.default(ajv);
  ajv.addFormat('phone-number', /^\+[1-9]\d{1,14}$/);
  ajv.addFormat('date-time-rfc-2822', /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/);
  ajv.addFormat('currency', /^[A-Z]{3}$/);
  for (const format of ['uri-map', 'int64', 'http-method', 'uri']) ajv.addFormat(format, true);
  return ajv;
}

/** What our channel really posts, one of every message. */
async function everyMessage(type: string): Promise<readonly Received[]> {
  const vendor = VENDORS.find((candidate) => candidate.type === type)!;
  const channel = channels.get(type)!;
  const standin = await vendor.start();
  const options: object = channel.options.parse(vendor.options(standin.url));
  const line = { clock, transport, run, signal: new AbortController().signal };
  for (const example of EXAMPLES) {
    await channel.send(channel.render(letter(example, vendor.to), options), options, line);
  }
  await standin.close();
  expect(standin.received).toHaveLength(EXAMPLES.length);
  return standin.received;
}
