/**
 * A message for a screen with room for a few lines: a title that says it all, and lines under it.
 * Nothing is escaped here: each channel knows what its own medium takes for markup.
 */
import type {
  BundleFacts,
  Facts,
  NotificationKind,
  TroubleFacts,
} from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { storyOfSeveral } from './several.ts';
import { asksForAck, storyOf, takenBy, type Reader } from './story.ts';

export interface Chat {
  /** One line: `7K DOWN Shop home page +1 more`. */
  readonly title: string;
  readonly lines: readonly string[];
}

const LINE_MAX = 500;
const LINES_MAX = 20;

export function chat(facts: Facts, kind: NotificationKind, reader: Reader): Chat {
  if (facts.event === 'answer' || facts.event === 'notice')
    return { title: 'Tocsin', lines: several(facts.text) };
  if (facts.event === 'test') return { title: 'TEST Tocsin', lines: several(facts.text) };
  if (facts.bundle) return aboutSeveral(facts, facts.bundle, kind, reader);
  const { code, headline, name, more, details } = storyOf(facts, kind, reader);
  const about = [name, more].filter((part) => part !== '').join(' ');
  const says = facts.says === null ? '' : `Customers call it: ${oneLine(facts.says, LINE_MAX)}`;
  const ask = asksForAck(kind) && reader.canAnswer ? `Reply ${code} = ack.` : '';
  if (facts.event === 'acknowledged')
    return { title: `${code}: ${takenBy(facts)}`, lines: [about] };
  const lines = [details.join(', '), `Severity: ${facts.severity}`, says, ask];
  return {
    title: `${code} ${headline} ${about}`,
    lines: lines.filter((line) => line !== ''),
  };
}

/** A line each for the first few, and how many more there are. */
function aboutSeveral(
  facts: TroubleFacts,
  bundle: BundleFacts,
  kind: NotificationKind,
  reader: Reader,
): Chat {
  const { code, headline, isOne, lead, shared, rest } = storyOfSeveral(facts, bundle);
  const name = isOne && (bundle.down > 0 || bundle.over > 0) ? ` ${lead}` : '';
  const taken = facts.event === 'acknowledged' ? `: ${takenBy(facts)}` : '';
  const others = bundle.down + bundle.over + bundle.news - bundle.lines.length;
  const lines = [
    ...bundle.lines.map((line) => oneLine(line, LINE_MAX)),
    others > 0 ? `+${String(others)} more` : '',
    `Severity: ${facts.severity}`,
    asksForAck(kind) && reader.canAnswer ? `Reply ${code} = ack${isOne ? '' : ' all'}.` : '',
  ];
  return {
    title: [`${code} ${headline}${name}${taken}`, shared, rest]
      .filter((part) => part !== '')
      .join(', '),
    lines: lines.filter((line) => line !== ''),
  };
}

function several(text: string): string[] {
  return text
    .slice(0, LINE_MAX * LINES_MAX)
    .split(/\r?\n/, LINES_MAX)
    .map((line) => oneLine(line, LINE_MAX))
    .filter((line) => line !== '');
}
