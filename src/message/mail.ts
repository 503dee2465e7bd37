/**
 * A message as a mail: a subject that can be read on a locked phone, plain text, and the same as
 * HTML with everything escaped: names and notes come from whoever wrote them.
 */
import type { Facts, NotificationKind } from '../incident/notification.ts';
import { chat } from './chat.ts';
import { oneLine } from './one-line.ts';
import { linkTitle, type Reader } from './story.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** RFC 5322 §2.1.1 wants lines under 78; clients cut what is longer, none refuses it. */
const SUBJECT_MAX = 150;

export function mail(facts: Facts, kind: NotificationKind, reader: Reader): Mail {
  const { title, lines } = chat(facts, kind, reader);
  const paragraphs = [title, ...lines];
  const link = reader.link;
  return {
    subject: oneLine(title, SUBJECT_MAX),
    text: [...paragraphs, ...(link === null ? [] : [`Open: ${link}`]), ''].join('\n'),
    html:
      paragraphs.map((line) => `<p>${escapeHtml(line)}</p>\n`).join('') +
      (link === null ? '' : `<p><a href="${escapeHtml(link)}">${linkTitle(facts)}</a></p>\n`),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.codePointAt(0))};`);
}
