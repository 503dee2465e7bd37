/**
 * What a message about several incidents says: how many, what they share, and the worst of them by
 * name. Like any story it is one line a part, bounded, and not escaped.
 */
import type { BundleFacts, TroubleFacts } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { span } from './time.ts';

export interface StoryOfSeveral {
  readonly code: string;
  /** `DOWN 37 checks in 12 incidents`; of one, `DOWN` alone: its name says the rest. */
  readonly headline: string;
  /** All else is word of others: it is told, and answered, as one. */
  readonly isOne: boolean;
  /** `all team=shop`, or empty. */
  readonly shared: string;
  /** The name of the worst. */
  readonly lead: string;
  /** What is wrong with it. */
  readonly brief: string;
  /** What else there is: `3 others OK, news of 2 more`, or empty. */
  readonly rest: string;
}

const NAME_MAX = 200;
const BRIEF_MAX = 60;
const SHARED_MAX = 60;

export function storyOfSeveral(facts: TroubleFacts, bundle: BundleFacts): StoryOfSeveral {
  const { code, name, brief, event, at, since } = facts;
  const { down, over, news, shared } = bundle;
  const isEnd = event === 'resolved';
  const isOne = mainlyAbout(bundle) === 1;
  const rest = [
    over > 0 && !isEnd ? `${String(over)} ${over === 1 ? 'other' : 'others'} OK` : '',
    news > 0 && (down > 0 || isEnd) ? `news of ${String(news)} more` : '',
  ];
  return {
    code,
    headline: headlineOf(event, bundle),
    isOne,
    shared: shared === '' || isOne ? '' : `all ${oneLine(shared, SHARED_MAX)}`,
    lead: oneLine(name, NAME_MAX),
    brief: isEnd ? `up after ${span(at - since)}` : oneLine(brief, BRIEF_MAX),
    rest: rest.filter((part) => part !== '').join(', '),
  };
}

/** `12 incidents`. */
export function incidentsIn(bundle: BundleFacts): string {
  const n = mainlyAbout(bundle);
  return `${String(n)} ${n === 1 ? 'incident' : 'incidents'}`;
}

function mainlyAbout({ down, over, news }: BundleFacts): number {
  return down > 0 ? down : over > 0 ? over : news;
}

function headlineOf(event: TroubleFacts['event'], bundle: BundleFacts): string {
  const { down, over, checks } = bundle;
  if (down === 0 && over === 0) {
    return `${event === 'acknowledged' ? 'ACKNOWLEDGED' : 'NEWS of'} ${incidentsIn(bundle)}`;
  }
  const word = down === 0 ? 'OK' : event === 'still_down' ? 'STILL DOWN' : 'DOWN';
  if (mainlyAbout(bundle) === 1) return word;
  const what = `${String(checks)} checks`;
  return `${word} ${what} in ${incidentsIn(bundle)}`;
}
