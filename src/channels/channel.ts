/**
 * What a channel is: a way of reaching somebody. A channel is one file here and one line in the
 * registry. `render` is pure and has a golden file; `send` is small and never throws: what became
 * of a message is an Outcome, and no Outcome holds a secret, a URL with a token or a whole phone
 * number.
 */
import type { z } from 'zod';
import type { AddressKind, Templates } from '../config/config.ts';
import type { Notification, Outcome } from '../incident/notification.ts';
import type { IncidentView } from '../incident/view.ts';
import type { Clock, Instant } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';

/** Everything a message may be made of. */
export interface Letter {
  readonly notification: Notification;
  /** Where to: a phone number, a mail address, a user; null where the channel is its own address. */
  readonly to: string | null;
  readonly reader: Reader;
  /** As it stands now, for machines; null for a message about no incident. */
  readonly incident: IncidentView | null;
  /** Where the vendor can call us: `https://…/hooks/VENDOR`; null: nowhere. */
  readonly callback: string | null;
}

export interface Reader {
  /** A responder's name; null for a post. */
  readonly name: string | null;
  /** Times are told in it; null: UTC with a Z. */
  readonly timezone: string | null;
  /** May the message say "Reply 7K"? */
  readonly canAnswer: boolean;
  /** Where one can acknowledge on the web; null where there is none. */
  readonly link: string | null;
  /** The words that it is told in. */
  readonly templates: Templates;
}

/** The way out: sockets and time come from here, so that a channel cannot bring its own. */
export interface Line {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  /** Aborts at the deadline of the attempt. */
  readonly signal: AbortSignal;
}

/** Words from a person, not yet traced to anybody. */
export interface Spoken {
  /** A responder's address, as the vendor says it. */
  readonly from: string;
  readonly text: string;
  readonly sentAt: Instant;
  readonly reference: string;
}

/** A request to /hooks/VENDOR/WHAT, as it came. */
export interface Call {
  readonly what: string;
  /** As the vendor was given it, under the public URL. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: Instant;
}

/** What a vendor has called to say. */
export interface Heard {
  readonly spoken: readonly Spoken[];
  /** What became of messages, by the vendor's ids of them: also what the words prove. */
  readonly fates: readonly { readonly reference: string; readonly outcome: Outcome }[];
  /** `said`: what was decided about the words, for people; null: nothing that is known. */
  answer(said: string | null): CallAnswer;
}

export interface CallAnswer {
  readonly type: string;
  readonly body: string;
}

/** `signature`: it is not the vendor; `another`: it is, and this is not about this channel. */
export interface Refusal {
  readonly refusal: 'signature' | 'another';
}

export interface Channel<O extends object, M> {
  /** The value of `type:` in checks.yml. */
  readonly type: string;
  readonly options: z.ZodObject;
  /** What a responder must have to be reached by it. */
  readonly address: AddressKind | null;
  /** The option that says where to, if it is one place for all: then no responder needs an address. */
  readonly room?: keyof O & string;
  /** Can whoever reads it answer by the same way, given these options? */
  answerable?(options: O): boolean;
  /** Machines read it: each message is about one incident, however many there are. */
  readonly forMachines?: true;
  /** Made to wake somebody: the rest of an incident is told another way. */
  readonly pagesOnly?: true;
  /** How one knows that a message got through, given these options; left out: it was accepted. */
  proof?(options: O): 'acceptance' | 'receipt';
  /** What `validate` and the start say of these options of the channel called `name`; null: nothing. `isReachable`: there is a public URL. */
  caveat?(options: O, name: string, isReachable: boolean): string | null;
  /** Whom a message goes by first: URLs, `host:port`, hosts; the vendor's own too where another is asked in its place. */
  reaches?(options: O): readonly string[];
  /** Loads what sending needs (an SDK), before the daemon is ready: no first page waits for it. */
  load?(): Promise<unknown>;
  render(letter: Letter, options: O): M;
  send(message: M, options: O, line: Line): Promise<Outcome>;
  /**
   * Would the vendor take something from us now? One cheap request with our credentials, which tells
   * nobody anything. Left out: only a message would tell.
   */
  check?(options: O, line: Line): Promise<Outcome>;
  /** It ends on this machine: what it accepts says nothing about the way to anybody. */
  readonly isLocal?: true;
  /** Looks for a message that may have been taken; `null`: it was not. */
  find?(message: M, since: Instant, options: O, line: Line): Promise<Outcome | null>;
  /** What became of a message that was accepted; null: nothing is known of it. Needed for receipts. */
  follow?(reference: string, options: O, line: Line): Promise<Outcome | null>;
  /** What people have said since `cursor` (null: from now on). `awaited`: its pages that nobody has acknowledged; `over`: those that it took and that nobody is wanted for any more. */
  listen?(
    cursor: string | null,
    options: O,
    line: Line,
    awaited: readonly Notification[],
    over: readonly Notification[],
  ): Promise<{ readonly spoken: readonly Spoken[]; readonly cursor: string } | ListenFailure>;
  /** The NAME in /hooks/NAME/…, where its vendor calls; channels of one vendor share it. */
  readonly vendor?: string;
  /** Does the vendor call us, given these options? Then polling is what is left if it cannot. */
  isCalled?(options: O): boolean;
  /** Is it the vendor who calls, and what does it say to this channel? */
  hear?(call: Call, options: O): Promise<Heard | Refusal>;
  /** The cursor with these words, heard by a call: a poll does not hear them again. */
  remember?(cursor: string | null, references: readonly string[], now: Instant): string;
}

export interface ListenFailure {
  readonly failure: string;
}

/** A channel whose types have been forgotten, as the registry holds it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the registry pairs each channel with options its own schema parsed
export type AnyChannel = Channel<any, any>;
