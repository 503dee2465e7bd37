/**
 * What a message of a drill says. Nobody may take it for a real page, however little of it a phone
 * shows: DRILL comes right after the code, that nothing is down is in every length of it, and no
 * template has a say in it.
 */
import type { DrillFacts, Facts } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import type { Reader } from './view.ts';
import { timeOfDay } from './time.ts';

const NAME_MAX = 60;
const LINE_MAX = 300;

export interface DrillStory {
  /** `7K DRILL of on-call: nothing is down`. */
  readonly title: string;
  /** The most important first. */
  readonly lines: readonly string[];
  /** `Reply 7K = I got it.`; empty: no answer is wanted, or not this way. */
  readonly ask: string;
}

export function drillStory(facts: DrillFacts, reader: Reader): DrillStory {
  const { code, event, at, answerBy } = facts;
  const of = `DRILL of ${oneLine(facts.escalation, NAME_MAX)}`;
  const who = facts.by === null ? 'Planned' : `Asked for by ${oneLine(facts.by, NAME_MAX)}`;
  const lines = facts.lines.map((line) => oneLine(line, LINE_MAX));
  switch (event) {
    case 'drill': {
      const by = answerBy === null ? '' : `Answer by ${timeOfDay(answerBy, at, reader.timezone)}`;
      const elsewhere = reader.link === null ? `Answer: tocsin ack ${code}.` : '';
      const ask = reader.canAnswer ? `Reply ${code} = I got it.` : elsewhere;
      return { title: `${code} ${of}: nothing is down`, lines: [by, who].filter(Boolean), ask };
    }
    case 'drill_begun': {
      const asked = `Asked to answer: ${lines.length === 0 ? 'nobody' : lines.join(', ')}`;
      return { title: `${code} ${of} begins: nothing is down`, lines: [asked, who], ask: '' };
    }
    case 'drill_over': {
      const { answered, asked, calledOffBy } = facts;
      const score = `${String(answered)} of ${String(asked)} answered`;
      const end =
        calledOffBy === undefined
          ? 'is over'
          : `was called off by ${oneLine(calledOffBy, NAME_MAX)}`;
      return { title: `${code} ${of} ${end}: ${score}`, lines, ask: '' };
    }
  }
}

export function isDrill(facts: Facts): facts is DrillFacts {
  return facts.event === 'drill' || facts.event === 'drill_begun' || facts.event === 'drill_over';
}

/** What the link of a message is called. */
export function linkTitle({ event }: Facts): string {
  return event === 'drill' ? 'I got it' : 'Open the incident';
}
