/**
 * Every fact worth telling, one line each. Whoever makes one is handed `emit`; whoever wants them
 * (metrics, the log, a test) is handed the stream. Nobody who listens may write back.
 */
import type { Change } from './incident/change.ts';
import type { Notification, Outcome } from './incident/notification.ts';
import type { CheckState, Turn } from './judge/check-state.ts';
import type { Verdict } from './judge/verdict.ts';
import type { Registration } from './registration/rdap.ts';
import type { Config } from './config/config.ts';
import type { Trace } from './system/trace.ts';

/** What has to be well before anybody is told that Tocsin is. */
export type SelfTestPart = 'scheduler' | 'store' | 'channels';

export type TocsinEvent =
  /**
   * A configuration is in force: the first, or after a reload. `original`: what it was made of.
   * `broken`: what is wrong with the file, if this is the last good one instead.
   */
  | {
      readonly type: 'configured';
      readonly config: Config;
      readonly original: string;
      readonly broken: readonly string[];
      readonly at: number;
    }
  /** What a reload found changed, and only a restart puts in force: keys of checks.yml. */
  | { readonly type: 'restart_needed'; readonly keys: readonly string[]; readonly at: number }
  /** A reload was refused; the old configuration runs on. */
  | { readonly type: 'reload_failed'; readonly problems: readonly string[]; readonly at: number }
  /**
   * A look was judged and counted. `facts` are the probe's own, for its gauges. Here and below, `trace`
   * is there where it is recorded.
   */
  | {
      readonly type: 'looked';
      readonly verdict: Verdict;
      readonly state: CheckState;
      readonly facts: unknown;
      readonly trace?: Trace;
    }
  /** How late a look began, against when it was due. */
  | { readonly type: 'lag'; readonly check: string; readonly lagMs: number }
  /** `trace`: of the look that decided. */
  | { readonly type: 'turned'; readonly turn: Turn; readonly trace?: Trace }
  /** A step of the pipeline is done: decided, applied and (unless `unrecorded`) stored. */
  | { readonly type: 'changed'; readonly change: Change; readonly recorded: boolean }
  /** One attempt to deliver. `tookMs`: from the decision to this outcome. */
  | {
      readonly type: 'attempted';
      readonly notification: Notification;
      readonly outcome: Outcome;
      readonly tookMs: number;
      readonly trace?: Trace;
    }
  /** What became of a message that had been accepted: it arrived, or it was lost on the way. */
  | { readonly type: 'followed'; readonly notification: Notification; readonly outcome: Outcome }
  /** A stranger, or a responder's number we do not know, said something. */
  | { readonly type: 'stranger'; readonly channel: string }
  /** Whether what is decided can be stored has changed. */
  | { readonly type: 'memory'; readonly kept: boolean }
  /** A self-test, and what followed. `failed`: its parts that did; `refusal`: why the switch outside did not take our word; null: it did, or was not asked. */
  | {
      readonly type: 'pulse';
      readonly failed: readonly SelfTestPart[];
      readonly refusal: string | null;
      readonly at: number;
    }
  /** Would the vendor of a channel take something from us now? */
  | { readonly type: 'checked_up'; readonly channel: string; readonly outcome: Outcome }
  /** A registry was asked about a name. `isNews`: what is known of it is not what it was. */
  | {
      readonly type: 'registration';
      readonly host: string;
      readonly registration: Registration;
      readonly isNews: boolean;
    }
  /** The collector takes no spans, or not all; so many are lost since this was said last. */
  | { readonly type: 'spans_not_taken'; readonly lost: number; readonly why: string }
  /** The history did not take so many looks. */
  | { readonly type: 'looks_lost'; readonly count: number; readonly why: string }
  /** Something of our own went wrong and was survived. `what` holds no secret. */
  | { readonly type: 'trouble'; readonly where: string; readonly what: string }
  | { readonly type: 'draining' }
  | { readonly type: 'stopped' };

export type Emit = (event: TocsinEvent) => void;

/** To each of them, also to those that come later. Whoever only watches must not stop what is watched. */
export function emitTo(
  listeners: Iterable<Emit>,
  failed: (event: TocsinEvent, error: unknown) => void,
): Emit {
  return (event) => {
    for (const listen of listeners) {
      try {
        listen(event);
      } catch (error) {
        failed(event, error);
      }
    }
  };
}
