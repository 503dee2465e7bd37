/**
 * Holds templates against the worst messages that there may be: an SMS must fit when all that may
 * give way has, and nothing may be empty or without its end. What is found is told once a template
 * and sort of message.
 */
import type { TemplateName, Templates } from '../config/config.ts';
import type { NotificationKind } from '../incident/notification.ts';
import { worstLetters, worstLines } from './_worst.ts';
import { call } from './call.ts';
import { chat } from './chat.ts';
import { septets } from './gsm7.ts';
import { mail } from './mail.ts';
import { lineOf } from './several.ts';
import { fitSms, SEGMENT_SEPTETS } from './sms.ts';
import { endsOf, type Fault, render, sectionIn, until } from './template.ts';
import { type Reader, type Story, type Told, viewOf, type View } from './view.ts';

export type TemplateFault = Fault & { readonly template: TemplateName };

/** Twilio takes 4,000 characters of TwiML, and an escaped character is up to five of them. */
const VOICE_MAX = 3_500;
const MAIL_MAX = 65_536;
const SORTS = ['words', 'taken', 'incident', 'several'] as const;

export function prove(templates: Templates): TemplateFault[] {
  const found = new Map<string, TemplateFault>();
  for (const { isFirst, facts, kind, reader } of worstLetters()) {
    const to: Reader = { ...reader, templates };
    const view = viewOf(facts, kind, to);
    const sort = SORTS.find((each) => view[each]) ?? 'words';
    const faults = [
      ...unfitSms(fitSms(facts, kind, to), view, templates),
      ...(isFirst ? unfitElsewhere(facts, kind, to) : []),
    ];
    for (const { template, text: why, offset } of faults) {
      const at = offset ?? sectionIn(templates[template], sort);
      const key = `${template} ${sort}`;
      if (!found.has(key)) found.set(key, { template, offset: at, text: why(sort) });
    }
  }
  return [...unfitLines(templates), ...found.values()];
}

/** What several incidents are told by has a line for each. */
function unfitLines({ story }: Templates): TemplateFault[] {
  const silent = worstLines().find((line) => render(story, lineOf(line)).trim() === '');
  if (!silent) return [];
  const text = `says nothing of one that is {{#${silent.sort}}}`;
  return [{ template: 'story', offset: sectionIn(story, silent.sort), text }];
}

/** `offset: null`: where the section of that sort begins. */
interface Unfit {
  readonly template: TemplateName;
  readonly offset: number | null;
  readonly text: (sort: (typeof SORTS)[number]) => string;
}

function unfitElsewhere(facts: Told, kind: NotificationKind, to: Reader): Unfit[] {
  const { subject, text, html } = mail(facts, kind, to);
  const said = [false, true].map((keys) => call(facts, kind, to, keys));
  return [
    ...empty('chat', chat(facts, kind, to).title),
    ...empty('mail-subject', subject),
    ...empty('mail-text', text),
    ...long('mail-text', text, MAIL_MAX),
    ...empty('mail-html', html),
    ...long('mail-html', html, MAIL_MAX),
    ...said.flatMap((words) => empty('voice', words)),
    ...said.flatMap((words) => long('voice', words.replace(/[&<>"']/g, '&#00;'), VOICE_MAX)),
  ];
}

function unfitSms(
  { text, overflow }: { readonly text: string; readonly overflow: Story | null },
  { words, code }: View,
  { sms }: Templates,
): Unfit[] {
  if (overflow) {
    const size = `${String(septets(text))} of ${String(SEGMENT_SEPTETS)} characters`;
    const offset = endsOf(sms).findLast(
      (end) => septets(render(until(sms, end), overflow).trim()) <= SEGMENT_SEPTETS,
    );
    const why = `an SMS may come to ${size} when the link, the details and the name have given way`;
    return [{ template: 'sms', offset: offset ?? 0, text: () => `${why}: it is full here` }];
  }
  if (words || text.startsWith(code)) return empty('sms', text);
  return [
    {
      template: 'sms',
      offset: null,
      text: (sort) => `{{#${sort}}} must begin with {{code}}: it is what one answers with`,
    },
  ];
}

function empty(template: TemplateName, text: string): Unfit[] {
  if (text.trim() !== '') return [];
  return [
    { template, offset: null, text: (sort) => `says nothing within {{#${sort}}}…{{/${sort}}}` },
  ];
}

function long(template: TemplateName, { length }: string, max: number): Unfit[] {
  if (length <= max) return [];
  const size = `${String(length)} of ${String(max)} characters`;
  return [{ template, offset: null, text: () => `may come to ${size}` }];
}
