/**
 * A message as a mail: a subject that can be read on a locked phone, plain text, and the same as
 * HTML with everything escaped: names and notes come from whoever wrote them.
 */
import type { DrillFacts, Facts, NotificationKind } from '../incident/notification.ts';
import { chat, laidOut, toldAtLength } from './chat.ts';
import { isDrill, linkTitle } from './drill.ts';
import { oneLine } from './one-line.ts';
import { render } from './template.ts';
import type { Reader } from './view.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** RFC 5322 §2.1.1 wants lines under 78; clients cut what is longer, none refuses it. */
const SUBJECT_MAX = 150;

export function mail(facts: Facts, kind: NotificationKind, reader: Reader): Mail {
  if (isDrill(facts)) return drill(facts, reader);
  const { templates } = reader;
  const story = toldAtLength(facts, kind, reader);
  const told = { ...story, ...laidOut(story, reader) };
  return {
    subject: oneLine(render(templates['mail-subject'], told), SUBJECT_MAX),
    text: render(templates['mail-text'], told),
    html: render(templates['mail-html'], told, escapeHtml),
  };
}

function drill(facts: DrillFacts, reader: Reader): Mail {
  const { title, lines } = chat(facts, 'drill', reader);
  const { link } = reader;
  const paragraphs = [title, ...lines].map((line) => `<p>${escapeHtml(line)}</p>\n`);
  const anchor = `<p><a href="${escapeHtml(link ?? '')}">${linkTitle(facts)}</a></p>\n`;
  return {
    subject: oneLine(title, SUBJECT_MAX),
    text: [title, ...lines, ...(link === null ? [] : [`Open: ${link}`]), ''].join('\n'),
    html: paragraphs.join('') + (link === null ? '' : anchor),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.codePointAt(0))};`);
}
