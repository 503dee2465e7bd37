/**
 * A calendar to subscribe to, as RFC 5545 has it. An event keeps its UID while it keeps its
 * beginning, so that a subscriber moves it and does not show it twice.
 */

export interface CalendarEvent {
  readonly about: string;
  readonly title: string;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
}

const LINE_MAX_BYTES = 75;

export function calendar(events: readonly CalendarEvent[], now: number): string {
  const lines = [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//tocsin//on call//EN'],
    ...['X-WR-CALNAME:On call', 'REFRESH-INTERVAL;VALUE=DURATION:PT1H'],
    ...events.flatMap(({ about, title, from, until }) => [
      'BEGIN:VEVENT',
      `UID:${about}-${stamp(from)}@tocsin`,
      `DTSTAMP:${stamp(now)}`,
      `DTSTART:${stamp(from)}`,
      `DTEND:${stamp(until)}`,
      `SUMMARY:${escaped(title)}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** `20260105T090000Z`. */
function stamp(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\;,]/g, (special) => `\\${special}`);
}

/** What is longer goes on behind a space on the next line; no character is cut in two. */
function folded(line: string): string {
  let [text, bytes] = ['', 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > LINE_MAX_BYTES) [text, bytes] = [`${text}\r\n `, 1];
    text += character;
    bytes += size;
  }
  return text;
}
