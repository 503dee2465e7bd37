/**
 * From the texts of all templates to what messages are made of, or all that is wrong with them. One
 * that is well written may still be no message: each is rendered with the worst that there may be,
 * so that nobody finds out at night.
 */
import { TEMPLATES, type Template, type TemplateName, type Templates } from '../config/config.ts';
import { prove, type TemplateFault } from './_proof.ts';
import { KEYS } from './call.ts';
import { RESERVED } from './sms.ts';
import { type Fault, faultsOf, literalsOf, parse, type Values } from './template.ts';
import { LINE } from './several.ts';
import { LAID_OUT, NOTHING, STORY } from './view.ts';

export type Texts = Readonly<Record<TemplateName, string>>;

/** In UTF-16 units: more than a page of it is no message, and would take time to render. */
const TEXT_MAX = 16_384;

/** What each template may speak of. */
export const VARIABLES: Readonly<Record<TemplateName, Values>> = {
  headline: NOTHING,
  details: NOTHING,
  story: LINE,
  sms: { ...NOTHING, ...STORY },
  chat: { ...NOTHING, ...STORY },
  'mail-subject': { ...NOTHING, ...STORY, ...LAID_OUT },
  'mail-text': { ...NOTHING, ...STORY, ...LAID_OUT },
  'mail-html': { ...NOTHING, ...STORY, ...LAID_OUT },
  voice: { ...NOTHING, ...STORY, ...KEYS },
};

type Parsed = Templates | { readonly faults: readonly TemplateFault[] };

/** Proving takes some 20 ms, and most configurations are read again with the same templates. */
let last: { readonly texts: Texts; readonly parsed: Parsed } | undefined;

export function parseTemplates(texts: Texts): Parsed {
  const known = last;
  if (known && TEMPLATES.every((name) => texts[name] === known.texts[name])) return known.parsed;
  const parsed = parseAnew(texts);
  last = { texts, parsed };
  return parsed;
}

function parseAnew(texts: Texts): Parsed {
  const faults = TEMPLATES.flatMap((name) =>
    faultsIn(name, texts[name]).map((fault) => ({ template: name, ...fault })),
  );
  if (faults.length > 0) return { faults };
  const parsed = TEMPLATES.map((name): [TemplateName, Template] => [name, parse(texts[name])]);
  const templates = Object.fromEntries(parsed) as Templates;
  const unfit = prove(templates);
  return unfit.length > 0 ? { faults: unfit } : templates;
}

function faultsIn(name: TemplateName, text: string): readonly Fault[] {
  if (text.length > TEXT_MAX) {
    return [{ offset: 0, text: `is too long: at most ${String(TEXT_MAX)} characters` }];
  }
  const faults = faultsOf(text, VARIABLES[name]);
  return name === 'sms' ? [...faults, ...reservedIn(text)] : faults;
}

/** Who is asked to answer with such a word is not heard by us, and may be sent nothing more. */
function reservedIn(text: string): Fault[] {
  return [...literalsOf(text)].flatMap(({ offset, literal }) =>
    [...literal.matchAll(/\b[A-Z]+\b/g)]
      .filter(([word]) => RESERVED.has(word))
      .map(({ 0: word, index }) => ({
        offset: offset + index,
        text: `${word} is a word that Twilio keeps for itself: it never reaches Tocsin`,
      })),
  );
}
