/**
 * A message as an SMS: one segment, so that it can be answered however little of it a phone shows.
 * The template says the parts; what gives way when it is long is the link, then what customers call
 * it, then details, then the name: what somebody needs in order to answer never does.
 */
import type { DrillFacts, Facts, NotificationKind } from '../incident/notification.ts';
import { drillStory, isDrill } from './drill.ts';
import { cutToSeptets, septets, transliterate } from './gsm7.ts';
import { render } from './template.ts';
import { storyOf, viewOf, type Reader, type Story, type Told, type View } from './view.ts';

/** One segment without a header: 140 octets of 7 bits (3GPP TS 23.038). */
export const SEGMENT_SEPTETS = 160;

const HEAD_SEPTETS = 90;
const DETAIL_SEPTETS = 100;
/** With less of it a name is none. */
const NAME_SEPTETS = 12;

/** Alone, these change a subscription or make Twilio answer in our place: twilio.com/docs/messaging/tutorials/advanced-opt-out. */
export const RESERVED: ReadonlySet<string> = new Set(
  'STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO'.split(' '),
);

/** At most 160 septets of GSM-7, whatever the facts. */
export function sms(facts: Facts, kind: NotificationKind, reader: Reader): string {
  if (isDrill(facts)) return drill(facts, reader);
  const { text } = fitSms(facts, kind, reader);
  const fitting = fitted(text, SEGMENT_SEPTETS);
  return facts.event === 'answer' || facts.event === 'notice' ? unreserved(fitting) : fitting;
}

/** `overflow`: the text is too long, after all that gives way has; these are its parts. */
export function fitSms(
  facts: Told,
  kind: NotificationKind,
  reader: Reader,
): { readonly text: string; readonly overflow: Story | null } {
  const { sms: template } = reader.templates;
  const spell = createSpeller();
  const view = viewOf(facts, kind, reader);
  const told = storyOf(view, reader.templates);
  const headline = fitted(spell(told.headline), HEAD_SEPTETS - septets(`${view.code} `));
  const details = told.details.map((detail) => fitted(spell(detail), DETAIL_SEPTETS));
  const say = (story: Story): string => laidOut(render(template, story, spell));

  let story: Story = { ...view, headline, details: '' };
  for (const less of narrowing(view, details)) {
    story = { ...story, ...less };
    const text = say(story);
    if (septets(text) <= SEGMENT_SEPTETS) return { text, overflow: null };
  }
  const parts = view.words ? (['text'] as const) : (['summary', 'name'] as const);
  for (const shared of new Set([story.shared, ''])) {
    story = { ...story, shared, summary: view.summary, name: view.name };
    for (const part of parts) {
      story = { ...story, [part]: spell(story[part]) };
      story = { ...story, [part]: cut(story, part, say) };
      const text = say(story);
      if (septets(text) <= SEGMENT_SEPTETS) return { text, overflow: null };
    }
  }
  return { text: say(story), overflow: story };
}

/** As much of one part as there is room for, beside all others. */
function cut(story: Story, part: 'text' | 'summary' | 'name', say: (story: Story) => string) {
  const without = septets(say({ ...story, [part]: '' }));
  // A template may say a name twice.
  const times = Math.round((septets(say(story)) - without) / Math.max(1, septets(story[part])));
  const room = Math.floor((SEGMENT_SEPTETS - without) / Math.max(1, times));
  return fitted(story[part], Math.max(room, NAME_SEPTETS));
}

/** What each step leaves out, beside what the steps before it did. */
function* narrowing(view: View, details: readonly string[]): Generator<Partial<Story>> {
  yield { details: details.join(', ') };
  const { link, runbook, says, text, responder, tags, others } = view;
  if (link !== '' || runbook !== '') yield { link: '', runbook: '' };
  if (view.words) {
    if (responder !== '') yield { responder: '' };
    return;
  }
  if (says !== '' || text !== '' || responder !== '' || tags.length + others.length > 0) {
    yield { says: '', text: '', responder: '', tags: [], others: [] };
  }
  for (let left = details.length - 1; left >= 0; left--) {
    yield { details: details.slice(0, left).join(', ') };
  }
  if (view.brief !== '') yield { brief: '' };
}

/** Spelling a text takes longer than all else, and each is rendered several times. */
function createSpeller(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const spelt = known.get(text) ?? transliterate(text);
    known.set(text, spelt);
    return spelt;
  };
}

/** An answer may have lines: a list of codes. */
function laidOut(text: string): string {
  const lines = transliterate(text).split('\n');
  return lines.filter((line) => line.trim() !== '').join('\n');
}

/** The answer that is wanted stays; the details give way, then the link, and last the name. */
function drill(facts: DrillFacts, reader: Reader): string {
  const { title, lines, ask } = drillStory(facts, reader);
  const end = ask === '' ? '' : ` ${ask}`;
  const link = facts.event === 'drill' && reader.link !== null ? ` ${reader.link}` : '';
  const head = transliterate(title);
  for (const last of [link, '']) {
    for (let shown = lines.length; shown >= 0; shown--) {
      const said = [head, ...lines.slice(0, shown).map(transliterate)].join('. ');
      const text = `${said}.${end}${last}`;
      if (septets(text) <= SEGMENT_SEPTETS) return text;
    }
  }
  return `${fitted(head, SEGMENT_SEPTETS - septets(end) - 1)}.${end}`;
}

/** As it is if it fits, else cut, with dots to say so. */
function fitted(text: string, limit: number): string {
  return septets(text) <= limit ? text : `${cutToSeptets(text, limit - 2).trimEnd()}..`;
}

function unreserved(text: string): string {
  const word = text.replace(/[^A-Za-z]/g, '').toUpperCase();
  return RESERVED.has(word) || word === '' ? fitted(`Tocsin: ${text}`, SEGMENT_SEPTETS) : text;
}
