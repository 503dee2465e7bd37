/**
 * What makes the mails about an incident one conversation: each refers to the same message, which
 * was never sent (RFC 5322 §3.6.4 allows it), so that it does not matter which of them somebody got
 * first. The Message-ID is the same at every attempt: who gets a mail twice is shown it once.
 */
import { createHash } from 'node:crypto';
import type { Notification } from '../incident/notification.ts';

export interface Thread {
  readonly messageId: string;
  /** null for a message about no incident. */
  readonly references: string | null;
}

/** Nobody's vacation answers a pager: RFC 3834 §5, and Exchange's own way. */
export const AUTOMATIC = {
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
} as const;

/** `from`: a mail address, whose domain the ids are of. */
export function threadOf({ key, about }: Notification, from: string): Thread {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const [incident] = about;
  return {
    messageId: `<${digest(key)}@${domain}>`,
    references: incident === undefined ? null : `<incident.${digest(incident)}@${domain}>`,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
