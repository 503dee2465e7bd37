/**
 * One template: Mustache without what would reach beyond it (files, other delimiters, text that is
 * not escaped). Everything is found wrong while it is read, in its place; rendering what was read
 * cannot fail, runs no code, and does no more than the template is long and its lists are.
 */
import Mustache from 'mustache';
import type { Template } from '../config/config.ts';

/** What a variable may hold; a section of a list is repeated for each line of it. */
export type Value = string | number | boolean | readonly string[];
export type Values = Readonly<Record<string, Value>>;

export interface Fault {
  /** Into the text, in UTF-16 units. */
  readonly offset: number;
  readonly text: string;
  /** The words that would have been right in place of this one. */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] };
}

/** `{{#name}}`: its sigil, which for a variable is empty, and its name. */
interface Tag {
  readonly offset: number;
  readonly end: number;
  readonly sigil: string;
  readonly name: string;
}

type Tokens = Parameters<InstanceType<typeof Mustache.Writer>['renderTokens']>[0];

const writer = new Mustache.Writer();

/** For a template without faults. */
export function parse(text: string): Template {
  return { text, tokens: new Mustache.Writer().parse(text) as readonly unknown[] };
}

/** `escape` is done to what variables hold, not to the template. */
export function render(
  { text, tokens }: Template,
  values: Values,
  escape: (value: string) => string = (value) => value,
): string {
  const context = new Mustache.Context(values);
  const config = { escape: (value: unknown): string => escape(String(value)) };
  return writer.renderTokens(tokens as Tokens, context, undefined, text, config);
}

/** What is wrong with a text, in its order. `values`: one of what each variable may hold. */
export function faultsOf(text: string, values: Values): Fault[] {
  const tags = tagsOf(text);
  const last = tags.at(-1);
  if (last?.end === Infinity) return [{ offset: last.offset, text: 'this {{ is never closed' }];
  const open: Tag[] = [];
  const faults: Fault[] = [];
  for (const tag of tags) {
    const why = misuse(tag, values, open);
    if (why !== null) faults.push({ offset: tag.offset, ...why });
    if (tag.sigil === '#' || tag.sigil === '^') open.push(tag);
    // One that closes another section would be told of at each that is open.
    else if (tag.sigil === '/' && open.pop()?.name !== tag.name) return faults;
  }
  return [
    ...faults,
    ...open.map(({ offset, sigil, name }) => ({
      offset,
      text: `{{${sigil}${name}}} is never closed: write {{/${name}}}`,
    })),
  ];
}

/** Where a section of that name begins; 0: nowhere. */
export function sectionIn({ text }: Template, name: string): number {
  return tagsOf(text).find((tag) => tag.sigil === '#' && tag.name === name)?.offset ?? 0;
}

/** What stands between the tags. */
export function* literalsOf(text: string): Generator<{ offset: number; literal: string }> {
  let offset = 0;
  for (const tag of [...tagsOf(text), { offset: text.length, end: text.length }]) {
    yield { offset, literal: text.slice(offset, tag.offset) };
    offset = tag.end;
  }
}

/** A template that ends there. */
export function until(template: Template, offset: number): Template {
  const upTo = (tokens: Tokens): Tokens =>
    tokens
      .filter(([, , start]) => Number(start) < offset)
      .map((token) => {
        const [type, name, start, end, children, close] = token;
        if (!Array.isArray(children)) return token;
        return [type, name, start, end, upTo(children as Tokens), close];
      }) as Tokens;
  return { ...template, tokens: upTo(template.tokens as Tokens) };
}

/** Where its parts end. */
export function endsOf({ text }: Template): number[] {
  return tagsOf(text).flatMap(({ offset, end }) => [offset, end]);
}

/** Comments left out. `end: Infinity`: it is never closed, and the last. */
function tagsOf(text: string): Tag[] {
  const tags: Tag[] = [];
  for (let from = 0; ;) {
    const offset = text.indexOf('{{', from);
    if (offset === -1) return tags;
    const closing = text.indexOf('}}', offset);
    const content = text.slice(offset + 2, closing === -1 ? undefined : closing).trim();
    const isComment = content.startsWith('!');
    if (closing === -1 || (!isComment && content.includes('{{'))) {
      return [...tags, { offset, end: Infinity, sigil: '', name: '' }];
    }
    const sigil = /^[#^/>{&=]/.exec(content)?.[0] ?? '';
    const name = content.slice(sigil.length).trim();
    from = closing + 2;
    if (!isComment) tags.push({ offset, end: from, sigil, name });
  }
}

function misuse(
  { sigil, name }: Tag,
  values: Values,
  open: readonly Tag[],
): Omit<Fault, 'offset'> | null {
  const isList = (section: string): boolean => Array.isArray(values[section]);
  const lists = open.filter((tag) => tag.sigil === '#' && isList(tag.name));
  if (sigil === '/') {
    const section = open.at(-1)?.name;
    if (section === name) return null;
    const instead =
      section === undefined ? 'no section is open' : `write {{/${section}}} before it`;
    return { text: `{{/${name}}} closes nothing: ${instead}` };
  }
  if (sigil === '>') return { text: 'a template cannot take in another one' };
  if (sigil === '=') return { text: 'the delimiters are {{ and }}, and stay so' };
  if (sigil === '{' || sigil === '&')
    return { text: `write {{name}}: all is escaped as it must be` };
  if (name === '.') {
    if (sigil === '' && lists.length > 0) return null;
    return { text: '{{.}} is a line of a list: it stands within the section of one' };
  }
  if (!Object.hasOwn(values, name)) {
    const unknown = { word: name, known: Object.keys(values) };
    return { text: `unknown variable "${name}"`, unknown };
  }
  if (isList(name)) {
    if (sigil === '') return { text: `"${name}" is a list: write {{#${name}}}{{.}}{{/${name}}}` };
    if (sigil === '#' && lists.length > 0) return { text: `a list cannot stand within a list` };
  } else if (sigil === '' && typeof values[name] === 'boolean') {
    return { text: `"${name}" is yes or no: write {{#${name}}}…{{/${name}}}` };
  }
  return null;
}
