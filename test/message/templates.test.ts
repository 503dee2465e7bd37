import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TEMPLATES, type TemplateName } from '../../src/config/config.ts';
import { call } from '../../src/message/call.ts';
import { chat } from '../../src/message/chat.ts';
import { septets } from '../../src/message/gsm7.ts';
import { mail } from '../../src/message/mail.ts';
import { RESERVED, sms } from '../../src/message/sms.ts';
import { faultsOf, parse, render } from '../../src/message/template.ts';
import { parseTemplates, type Texts, VARIABLES } from '../../src/message/templates.ts';
import { EXAMPLES, facts, reader } from './facts.ts';
import { SHIPPED, templates } from './templates.ts';

const LINK = 'https://status.example.com/a/6tf0mcz1xw9qk2v7ydnb3h5ja';

/** What is wrong, as `NAME line:column text`. */
function wrongIn(changes: Partial<Texts>): string[] {
  const texts = { ...SHIPPED, ...changes };
  const parsed = parseTemplates(texts);
  if (!('faults' in parsed)) return [];
  return parsed.faults.map(({ template, offset, text }) => {
    const before = texts[template].slice(0, offset).split('\n');
    return `${template} ${before.length}:${(before.at(-1) ?? '').length + 1} ${text}`;
  });
}

/** An SMS about an incident in other words; the rest as it ships. */
const smsOf = (incident: string): string =>
  SHIPPED.sms.replace(/({{#incident}}\n).*(\n{{\/incident}})/s, `$1${incident}$2`);

describe('a template', () => {
  it.each<[string, string[]]>([
    ['{{code}} {{nmae}}', ['9 unknown variable "nmae"']],
    ['{{code', ['0 this {{ is never closed']],
    ['{{code} {{name}}', ['0 this {{ is never closed']],
    ['a {{#ask}} b', ['2 {{#ask}} is never closed: write {{/ask}}']],
    ['{{/ask}}', ['0 {{/ask}} closes nothing: no section is open']],
    ['{{#ask}}{{/drill}}', ['8 {{/drill}} closes nothing: write {{/ask}} before it']],
    ['{{> other}}', ['0 a template cannot take in another one']],
    ['{{=<% %>=}}', ['0 the delimiters are {{ and }}, and stay so']],
    ['{{{name}}}', ['0 write {{name}}: all is escaped as it must be']],
    ['{{&name}}', ['0 write {{name}}: all is escaped as it must be']],
    ['{{.}}', ['0 {{.}} is a line of a list: it stands within the section of one']],
    ['{{#ask}}{{.}}{{/ask}}', ['8 {{.}} is a line of a list: it stands within the section of one']],
    ['{{lines}}', ['0 "lines" is a list: write {{#lines}}{{.}}{{/lines}}']],
    ['{{#lines}}{{#lines}}{{.}}{{/lines}}{{/lines}}', ['10 a list cannot stand within a list']],
    ['{{ask}}', ['0 "ask" is yes or no: write {{#ask}}…{{/ask}}']],
    ['{{constructor}}', ['0 unknown variable "constructor"']],
    ['{{name.length}}', ['0 unknown variable "name.length"']],
    ['{{}}', ['0 unknown variable ""']],
    ['{{! {{ a comment may say anything }} {{ # ask }}x{{ / ask }}', []],
  ])('%j is told what is wrong with it: %j', (text, expected) => {
    const faults = faultsOf(text, VARIABLES['mail-text']);
    expect(faults.map((fault) => `${fault.offset} ${fault.text}`)).toEqual(expected);
  });

  it('without faults is parsed and rendered, whatever it is', () => {
    const names = Object.keys(VARIABLES['mail-text']);
    const tag = fc.tuple(fc.constantFrom('', '#', '^', '/', '!', ' '), fc.constantFrom(...names));
    const part = fc.oneof(
      tag.map(([sigil, name]) => `{{${sigil}${name}}}`),
      fc.constantFrom('{{', '}}', '{{.}}', '\n', ' ', '{{#ask}}', '{{/ask}}', '{{#lines}}', '{'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        if (faultsOf(text, VARIABLES['mail-text']).length > 0) return;
        expect(typeof render(parse(text), VARIABLES['mail-text'])).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read in time that its length alone decides', () => {
    const text = '{{#ask}}'.repeat(2_000);
    expect(faultsOf(text, VARIABLES.chat)).toHaveLength(2_000);
    expect(wrongIn({ chat: 'x'.repeat(16_385) })).toEqual([
      'chat 1:1 is too long: at most 16384 characters',
    ]);
  });
});

describe('the templates of a team', () => {
  it('say it in their words, in every medium', () => {
    const portuguese = templates({
      headline: SHIPPED.headline.replace('{{#opened}}\nDOWN', '{{#opened}}\nEM BAIXO'),
      details: SHIPPED.details.replaceAll('since {{since}}', 'desde as {{since}}'),
    });
    const to = reader({ templates: portuguese });
    expect(sms(facts(), 'page', to)).toBe(
      '7K EM BAIXO Shop home page: HTTP 503, desde as 04:12. Reply 7K = ack.',
    );
    expect(chat(facts(), 'page', to).title).toBe('7K EM BAIXO Shop home page');
    expect(mail(facts(), 'page', to).subject).toBe('7K EM BAIXO Shop home page');
    expect(call(facts(), 'page', to)).toContain('Shop home page em baixo. HTTP 503, desde as');
  });

  it('stay in one segment also in letters beyond GSM-7', () => {
    const to = reader({ templates: templates({ sms: smsOf('{{code}} ação “{{name}}” 🔥') }) });
    const said = sms(facts({ name: 'n'.repeat(200) }), 'page', to);
    expect(said).toMatch(/^7K acao "n+\.\." \?$/);
    expect(septets(said)).toBe(160);
  });

  it('escape in HTML what variables hold, and not what they say themselves', () => {
    const html = '<b title="{{name}}">{{headline}}</b>{{#lines}}<i>{{.}}</i>{{/lines}}';
    const to = reader({ templates: templates({ 'mail-html': html }) });
    const said = mail(facts({ name: '"><script>', brief: '<&>' }), 'page', to).html;
    expect(said).toMatch(
      /^<b title="&#34;&#62;&#60;script&#62;">DOWN<\/b><i>&#60;&#38;&#62;, since/,
    );
  });

  it('name the runbook, the tags and whoever reads it', () => {
    const words =
      '{{code}} {{responder}}: {{name}}{{#tags}} {{.}}{{/tags}}{{#runbook}} {{runbook}}{{/runbook}}';
    const told = facts({ runbook: 'https://wiki/1' });
    const to = (name: string | null) =>
      reader({ name, templates: templates({ sms: smsOf(words) }) });
    expect(sms(told, 'page', to('Ana'))).toBe(
      '7K Ana: Shop home page team=shop region=eu https://wiki/1',
    );
    const bare = facts({ runbook: undefined, tags: undefined });
    expect(sms(bare, 'page', to(null))).toBe('7K : Shop home page');
    const long = facts({ tags: Array(10).fill(`tag=${'t'.repeat(50)}`) });
    expect(sms(long, 'page', to('Ana'))).toBe('7K : Shop home page');
  });

  it('have a line for each of several incidents', () => {
    const story = '{{#down}}{{name}} ({{code}}){{/down}}{{^down}}{{code}} {{by}}{{/down}}';
    const { facts: told } = EXAMPLES.find(({ name }) => name === 'bundle-of-one') ?? {};
    const to = reader({ templates: templates({ story }) });
    expect(told && chat(told, 'page', to).lines.slice(0, 4)).toEqual([
      'Shop home page (7K)',
      '8M',
      '9M',
      '2B Ben Okoro',
    ]);
    expect(wrongIn({ story: '{{#down}}{{code}}{{/down}}{{#news}}{{code}}{{/news}}' })).toEqual([
      'story 1:1 says nothing of one that is {{#over}}',
    ]);
    expect(wrongIn({ story: '{{code}} {{severity}}' })).toEqual([
      'story 1:10 unknown variable "severity"',
    ]);
  });

  it('tell times where they are read', () => {
    const at = (timezone: string | null) => sms(facts(), 'page', reader({ timezone }));
    expect(at('Asia/Tokyo')).toContain('since 13:12.');
    expect(at(null)).toContain('since 04:12Z.');
  });

  it('may say the name twice: both are cut alike', () => {
    const to = reader({ templates: templates({ sms: smsOf('{{code}} {{name}} - {{name}}') }) });
    const said = sms(facts({ name: 'n'.repeat(200) }), 'page', to);
    expect(said).toMatch(/^7K (n+\.\.) - \1$/);
    expect(septets(said)).toBeGreaterThan(155);
  });

  it('may show what customers call it, which gives way before the details', () => {
    const text = '{{code}} {{#says}}{{says}}{{/says}}{{^says}}{{name}}{{/says}}: {{details}}';
    const to = reader({ templates: templates({ sms: smsOf(text) }) });
    expect(sms(facts(), 'page', to)).toBe('7K the online shop: HTTP 503, since 04:12');
    expect(sms(facts({ says: 's'.repeat(150) }), 'page', to)).toBe(
      '7K Shop home page: HTTP 503, since 04:12',
    );
  });
});

describe('what would be found out at night is found while loading', () => {
  it('an SMS that is too long when all that may has given way, and where', () => {
    const text = `{{code}} {{headline}} ${'x'.repeat(40)} {{name}}: {{by}}{{#link}} {{link}}{{/link}}`;
    expect(wrongIn({ sms: smsOf(text) })).toEqual([
      expect.stringMatching(
        /^sms 13:\d+ an SMS may come to \d+ of 160 characters when .* given way: it is full here$/,
      ),
    ]);
    expect(wrongIn({ sms: smsOf('{{code}} {{headline}} {{name}}: {{at}}') })).toEqual([]);
  });

  it('one that leaves no room for the name', () => {
    const text = `{{code}} ${'x'.repeat(145)} {{name}}`;
    expect(wrongIn({ sms: smsOf(text) })).toEqual([expect.stringContaining('sms 13:')]);
    expect(wrongIn({ sms: smsOf(`{{code}} ${'x'.repeat(139)} {{name}}`) })).toEqual([]);
  });

  it('one that does not begin with the code', () => {
    expect(wrongIn({ sms: smsOf('Hello {{code}} {{headline}}') })).toEqual([
      'sms 12:1 {{#incident}} must begin with {{code}}: it is what one answers with',
    ]);
  });

  it.each([...RESERVED])('one that asks for %s, which never reaches Tocsin', (word) => {
    expect(wrongIn({ sms: smsOf(`{{code}} {{headline}}. Reply ${word} = ack`) })).toEqual([
      `sms 13:30 ${word} is a word that Twilio keeps for itself: it never reaches Tocsin`,
    ]);
  });

  it.each<[TemplateName, string]>([
    ['chat', 'taken'],
    ['chat', 'words'],
    ['chat', 'incident'],
  ])('%s without {{#%s}}: such a message would be empty', (name, sort) => {
    const text = SHIPPED[name]
      .replace(`{{#${sort}}}`, '{{#several}}')
      .replace(`{{/${sort}}}`, '{{/several}}');
    expect(wrongIn({ [name]: text })).toContain(
      `${name} 1:1 says nothing within {{#${sort}}}…{{/${sort}}}`,
    );
  });

  it.each<[TemplateName, string, string]>([
    ['mail-html', '{{#lines}}{{.}}{{/lines}}'.repeat(40), 'may come to '],
    ['voice', '{{details}} '.repeat(20), 'may come to '],
  ])('%s that would be endless', (name, text, why) => {
    expect(wrongIn({ [name]: text })).toContainEqual(expect.stringContaining(`${name} 1:1 ${why}`));
  });
});

describe('docs/messages.md', () => {
  it('has every variable, and where it may stand', () => {
    const page = readFileSync('docs/messages.md', 'utf8');
    const listed = [...page.matchAll(/^\| `(\w+)` /gm)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(
      Object.keys({ ...VARIABLES['mail-html'], ...VARIABLES.voice }).toSorted(),
    );
  });

  it('has an example that says what it promises', () => {
    const page = readFileSync('docs/messages.md', 'utf8');
    const example = /^```mustache sms\n(.*?)^```/ms.exec(page)?.[1] ?? '';
    const promised = /^It says: `(.*?)`/m.exec(page)?.[1];
    const to = reader({ templates: templates({ sms: example }) });
    expect(sms(facts(), 'page', to)).toBe(promised);
  });

  it('has every template', () => {
    const page = readFileSync('docs/messages.md', 'utf8');
    const listed = [...page.matchAll(/^\| `([\w-]+)\.mustache` /gm)].map((match) => match[1]);
    expect(listed).toEqual([...TEMPLATES]);
  });
});

it('a page is rendered with the link only where one can acknowledge', () => {
  expect(sms(facts(), 'page', reader({ link: LINK }))).toContain(LINK);
  expect(sms(facts(), 'update', reader({ link: LINK }))).not.toContain(LINK);
});
