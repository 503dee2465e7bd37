/**
 * A message as an SMS: one segment, the code first, so that it can be answered however little of
 * it a phone shows. What gives way when it is long is the link, then details, then the name: what
 * somebody needs in order to answer never does.
 */
import type {
  BundleFacts,
  Facts,
  NotificationKind,
  TroubleFacts,
} from '../incident/notification.ts';
import { cutToSeptets, septets, transliterate } from './gsm7.ts';
import { oneLine } from './one-line.ts';
import { incidentsIn, storyOfSeveral } from './several.ts';
import { asksForAck, storyOf, takenBy, type Reader } from './story.ts';

/** One segment without a header: 140 octets of 7 bits (3GPP TS 23.038). */
export const SEGMENT_SEPTETS = 160;

const TEXT_MAX = 2_000;
const HEAD_SEPTETS = 90;
const DETAIL_SEPTETS = 100;

/** Alone, these change a subscription or make Twilio answer in our place: twilio.com/docs/messaging/tutorials/advanced-opt-out. */
const RESERVED = new Set(
  ('STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT ' + 'START YES UNSTOP HELP INFO').split(
    ' ',
  ),
);

/** At most 160 septets of GSM-7, whatever the facts. */
export function sms(facts: Facts, kind: NotificationKind, reader: Reader): string {
  switch (facts.event) {
    case 'answer':
    case 'notice':
      return unreserved(fitted(transliterate(lines(facts.text)), SEGMENT_SEPTETS));
    case 'test':
      return fitted(`TEST ${transliterate(lines(facts.text))}`, SEGMENT_SEPTETS);
    case 'acknowledged':
      return fitted(
        `${facts.code}: ${transliterate(takenBy(facts))}${facts.bundle ? `, ${incidentsIn(facts.bundle)}` : ''}`,
        SEGMENT_SEPTETS,
      );
    case 'opened':
    case 'escalated':
    case 'updated':
    case 'resolved':
    case 'reopened':
    case 'flapping':
    case 'still_down':
      return trouble(facts, kind, reader);
  }
}

function trouble(facts: TroubleFacts, kind: NotificationKind, reader: Reader): string {
  if (facts.bundle) return several(facts, facts.bundle, kind, reader);
  const story = storyOf(facts, kind, reader);
  const head = `${fitted(transliterate(`${story.code} ${story.headline}`), HEAD_SEPTETS)} `;
  const name = transliterate(story.name);
  const more = story.more === '' ? '' : ` ${story.more}`;
  const details = story.details.map((detail) => fitted(transliterate(detail), DETAIL_SEPTETS));
  const wanted = asksForAck(kind);
  const ask = wanted && reader.canAnswer ? `. Reply ${story.code} = ack.` : '';
  const link = wanted && reader.link !== null ? ` ${reader.link}` : '';

  const whole = (shown: readonly string[], end: string) =>
    `${head}${name}${more}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}${ask}${end}`;
  const full = whole(details, ask === '' && link !== '' ? `.${link}` : link);
  if (septets(full) <= SEGMENT_SEPTETS) return full;
  for (let shown = details.length; shown >= 0; shown--) {
    const text = whole(details.slice(0, shown), '');
    if (septets(text) <= SEGMENT_SEPTETS) return text;
  }
  const room = SEGMENT_SEPTETS - septets(head) - septets(more) - septets(ask);
  return `${head}${fitted(name, room)}${more}${ask}`;
}

/** How many and what they share comes first; then what gives way: the link, the detail, the name, the tag. */
function several(
  facts: TroubleFacts,
  bundle: BundleFacts,
  kind: NotificationKind,
  reader: Reader,
): string {
  const { code, headline, isOne, lead, brief, rest, shared } = storyOfSeveral(facts, bundle);
  const [start, name] = [transliterate(`${code} ${headline}`), transliterate(lead)];
  if (bundle.down === 0 && bundle.over === 0) {
    const news = bundle.lines.map((line) => oneLine(line, DETAIL_SEPTETS)).join('; ');
    return fitted(`${start}: ${transliterate(news)}`, SEGMENT_SEPTETS);
  }
  const tag = shared === '' ? '' : transliterate(`, ${shared}`);
  const detail = brief === '' ? '' : transliterate(`: ${brief}`);
  const more = facts.more > 0 ? ` +${String(facts.more)}` : '';
  const end = rest === '' ? '' : `. ${rest}`;
  const wanted = asksForAck(kind);
  const ask = wanted && reader.canAnswer ? `. Reply ${code} = ack${isOne ? '' : ' all'}.` : '';
  const link = wanted && reader.link !== null ? `${ask === '' ? '.' : ''} ${reader.link}` : '';
  const colon = isOne ? '' : ':';
  const candidates = [
    `${start}${tag}${colon} ${name}${detail}${more}${end}${ask}${link}`,
    `${start}${tag}${colon} ${name}${detail}${more}${end}${ask}`,
    `${start}${tag}${colon} ${name}${more}${end}${ask}`,
  ];
  const fitting = candidates.find((text) => septets(text) <= SEGMENT_SEPTETS);
  if (fitting !== undefined) return fitting;
  const room = SEGMENT_SEPTETS - septets(`${start}${colon} ${more}${end}${ask}`);
  const shown = septets(tag) <= room / 2 ? tag : '';
  return `${start}${shown}${colon} ${fitted(name, room - septets(shown))}${more}${end}${ask}`;
}

/** As it is if it fits, else cut, with dots to say so. */
function fitted(text: string, limit: number): string {
  return septets(text) <= limit ? text : `${cutToSeptets(text, limit - 2).trimEnd()}..`;
}

/** An answer may have lines: a list of codes. */
function lines(text: string): string {
  return text
    .slice(0, TEXT_MAX)
    .split(/\r?\n/)
    .map((line) => oneLine(line, TEXT_MAX))
    .filter((line) => line !== '')
    .join('\n');
}

function unreserved(text: string): string {
  const word = text.replace(/[^A-Za-z]/g, '').toUpperCase();
  return RESERVED.has(word) || word === '' ? fitted(`Tocsin: ${text}`, SEGMENT_SEPTETS) : text;
}
