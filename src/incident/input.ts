/** Everything that can make Tocsin decide something. All else ends before `decide`. */
import type { Severity } from '../config/config.ts';
import type { Turn } from '../judge/check-state.ts';
import type { Snapshot } from './board.ts';
import type { Override } from './incident.ts';
import type { Receipt } from './notification.ts';

export type Input =
  | ({ readonly type: 'turn' } & Turn)
  /** A job has reported and its check did not turn: what is remembered of it is stored now. */
  | { readonly type: 'reported'; readonly check: string }
  | Due
  | ({ readonly type: 'receipt' } & Receipt)
  | Heard
  /** A polled channel has been heard up to here; its words, if any, came just before. */
  | { readonly type: 'listened'; readonly channel: string; readonly cursor: string }
  | {
      readonly type: 'acknowledge';
      readonly incident: string;
      readonly by: string;
      /** Instead of the escalation's `ack_expires`. */
      readonly forMs?: number;
      /** By which the link came that was pressed. */
      readonly channel?: string;
      /** From whoever has it now, who hears of it like everybody else. */
      readonly takeOver?: boolean;
    }
  | {
      readonly type: 'resolve';
      readonly incident: string;
      readonly by: string;
      /** The reason to end it while it is still down; null: only if it is not. */
      readonly force: string | null;
    }
  | {
      readonly type: 'note';
      readonly incident: string;
      readonly by: string;
      readonly text: string;
    }
  | {
      readonly type: 'silence';
      /** Ids of checks, `tag=value`, or `*`; all of them known. */
      readonly covers: readonly string[];
      readonly below: boolean;
      /** null: until it recovers; then it covers one check. */
      readonly forMs: number | null;
      readonly by: string;
      readonly why: string;
    }
  | { readonly type: 'unsilence'; readonly silence: string; readonly by: string }
  | ({ readonly type: 'override' } & Pick<
      Override,
      'rotation' | 'responder' | 'from' | 'until' | 'by' | 'why'
    >)
  | { readonly type: 'unoverride'; readonly override: string }
  | {
      readonly type: 'severity';
      readonly incident: string;
      readonly by: string;
      readonly severity: Severity;
    }
  | {
      readonly type: 'page';
      readonly incident: string;
      readonly by: string;
      /** An id or a name. */
      readonly responder: string;
    }
  | {
      readonly type: 'open';
      readonly title: string;
      readonly severity: Severity;
      /** null: nobody is paged. */
      readonly escalation: string | null;
      readonly by: string;
      readonly text: string | null;
    }
  | Alert
  | {
      readonly type: 'drill';
      readonly escalation: string;
      readonly by: string;
      /** How long people have to answer. */
      readonly withinMs: number;
    }
  | {
      readonly type: 'answer';
      /** A drill's id or code. */
      readonly drill: string;
      readonly by: string;
      /** By which the question came that is answered; null: it does not matter. */
      readonly channel: string | null;
    }
  | {
      readonly type: 'call_off';
      /** A drill's id. */
      readonly drill: string;
      readonly by: string;
    }
  /** The clock was set, by so much: time itself went on as ever. */
  | { readonly type: 'stepped'; readonly byMs: number }
  /** Nothing could run since then: the machine was suspended, or the process held. */
  | { readonly type: 'resumed'; readonly awaySince: number }
  /** The daemon has started, having been away since `awaySince` (null: never ran before). */
  | { readonly type: 'started'; readonly awaySince: number | null }
  /** The store was not there when the daemon started; it is now, and held this. */
  | { readonly type: 'remembered'; readonly snapshot: Snapshot }
  /** The first look at a check since its incident waits for one: is it down still? */
  | { readonly type: 'fresh'; readonly check: string; readonly down: boolean }
  /** A new configuration is in force; the rules are already the new ones. */
  | { readonly type: 'reloaded' };

/** A stored deadline has passed: of this incident, silence, drill or lane of messages, or of whichever. */
export interface Due {
  readonly type: 'due';
  readonly lane?: string;
  readonly incident?: string;
  readonly silence?: string;
  readonly drill?: string;
}

/** Somebody else's alert, as it is now; told as often as they like. */
export interface Alert {
  readonly type: 'alert';
  /** The hook's id, by which it came. */
  readonly hook: string;
  /** Whose it is among the hook's: the same as long as it is the same trouble. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly title: string;
  readonly text: string | null;
  /** null: the hook's. */
  readonly severity: Severity | null;
  /** An escalation's id, `none`, or null: the hook's. */
  readonly escalation: string | null;
  /** Since when it fires, epoch ms; null: since it is told. */
  readonly since: number | null;
}

/** A person's words from a polled channel or a webhook, already traced to a responder. */
export interface Heard {
  readonly type: 'heard';
  readonly channel: string;
  /** A responder's id: words of strangers never get this far. */
  readonly responder: string;
  readonly text: string;
  /** When it was sent, by the vendor's clock. */
  readonly sentAt: number;
  /** The vendor's id of it: heard twice, it counts once. */
  readonly reference: string;
  /** Of a reply about very many incidents: those that it is taken for now. */
  readonly part?: { readonly ids: readonly string[]; readonly isLast: boolean };
}
