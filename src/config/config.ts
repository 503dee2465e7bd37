/**
 * What checks.yml means once it has been read: defaults filled in, references resolved, durations
 * in milliseconds. Nothing here is optional for want of a default; null means "none, on purpose".
 */
import type { When } from '../calendar/window.ts';

import type { Hours } from '../calendar/hours.ts';
import type { Rotation } from '../calendar/rotation.ts';
import type { Fate } from './fate.ts';

export type Severity = 'critical' | 'major' | 'minor';

/** Which of a responder's addresses a channel needs; null: the channel is its own address. */
export type AddressKind = 'sms' | 'email' | 'pushover' | 'telegram';

export interface Config {
  /** The absolute path of the root file. */
  readonly file: string;
  readonly listen: Listen;
  /** Tokens that guard /api/ and every POST of the operator listener; empty: loopback only. */
  readonly tokens: readonly string[];
  /** Absolute path of the directory of the databases. */
  readonly data: string;
  readonly publicUrl: string | null;
  readonly location: string | null;
  /** What Tocsin itself stands or falls with. Left out: only this machine is known. */
  readonly fate?: readonly Fate[];
  readonly checks: ReadonlyMap<string, Check>;
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  readonly responders: ReadonlyMap<string, Responder>;
  readonly rotations: ReadonlyMap<string, Rotation>;
  readonly escalations: ReadonlyMap<string, Escalation>;
  readonly hooks: ReadonlyMap<string, AlertHook>;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly drills: readonly DrillPlan[];
  readonly self: Self;
  /** The dead-man switch outside, which tells somebody when we fall silent; null: there is none. */
  readonly heartbeatTo: HeartbeatTo | null;
  readonly templates: Templates;
  /** What `validate` and the start say aloud, such as "nobody is paged". */
  readonly warnings: readonly string[];
  /** Every value that came from ${env:} or ${file:}, and every token: the log blots them out. */
  readonly secrets: readonly string[];
}

/** The words of messages, a template each. `headline`, `details` and `story` are for the others to use. */
export const TEMPLATES = [
  'headline',
  'details',
  'story',
  'sms',
  'chat',
  'mail-subject',
  'mail-text',
  'mail-html',
  'voice',
] as const;
export type TemplateName = (typeof TEMPLATES)[number];
export type Templates = Readonly<Record<TemplateName, Template>>;

/** A text and what it was parsed to: plain data, so that it can cross from one thread to another. */
export interface Template {
  readonly text: string;
  readonly tokens: readonly unknown[];
}

/** What may be wrong with Tocsin itself. Ids of checks hold no colon, so that these are nobody's. */
export const BLIND = 'self:blind';
export const MEMORY = 'self:memory';
export const STALE = 'self:stale';
export const OUTDATED = 'self:outdated';
export const PULSE = 'self:pulse';
/** With the id of a channel behind it. */
export const BROKEN = 'self:channel:';

/** Tocsin about itself. */
export interface Self {
  /** Looked at like checks, and believed only about ourselves; their ids begin with `witness:`. */
  readonly witnesses: ReadonlyMap<string, Check>;
  /** What may be wrong with Tocsin itself, as checks that nobody looks at; their ids begin with `self:`. */
  readonly checks: ReadonlyMap<string, Check>;
  /** Where the list of RDAP servers is (RFC 9224); null: where IANA has it. */
  readonly rdap: string | null;
}

/** Whom we tell that all is well with Tocsin itself. */
export interface HeartbeatTo {
  /** A secret: whoever knows it can keep the switch quiet. */
  readonly url: string;
  readonly everyMs: number;
}

/** What is looked at, by id: the checks that no job reports to, and the witnesses. */
export function watchedBy({ checks, self }: Config): ReadonlyMap<string, Check> {
  const watched = new Map<string, Check>();
  for (const [id, check] of checks) if (!check.heartbeat) watched.set(id, check);
  for (const [id, witness] of self.witnesses) watched.set(id, witness);
  return watched;
}

export interface Listen {
  readonly operator: Address;
  readonly public: Address;
  /** Host names, beside addresses and localhost, under which the operator listener answers. */
  readonly hosts: readonly string[];
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Check {
  readonly id: string;
  readonly name: string;
  /** What customers call it. */
  readonly says: string | null;
  /** The probe's name in the registry, such as `http`. */
  readonly type: string;
  /** What metrics show as `instance`: without credentials, query or secret. */
  readonly target: string;
  /** The probe's own options, already parsed by the probe's schema. */
  readonly options: object;
  /** Changes with whatever changes how the check is looked at or judged; equal over restarts. */
  readonly generation: string;
  readonly rhythm: Rhythm;
  /** Of one look; 0 where nobody looks. */
  readonly timeoutMs: number;
  readonly confirm: ConfirmRule;
  /** A job reports to this check, once a `rhythm`, and nobody looks; null: it is looked at. */
  readonly heartbeat: Heartbeat | null;
  readonly severity: Severity;
  /** An escalation's id; null: `page: none`. */
  readonly escalation: string | null;
  readonly dependsOn: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly runbook: string | null;
  /** What it stands or falls with. Left out: nothing is known. */
  readonly fate?: readonly Fate[];
}

export interface Heartbeat {
  /** A secret, and no other check's: it says which job reports. */
  readonly token: string;
  /** How much later than its time a report may come, and how long a job may run. */
  readonly graceMs: number;
}

export type Rhythm =
  { readonly everyMs: number } | { readonly cron: string; readonly timezone: string };

/** Down is `fail` failures among the last `of` looks; up again is `recover` successes in a row. */
export interface ConfirmRule {
  readonly fail: number;
  readonly of: number;
  readonly recheckMs: number;
  readonly recover: number;
}

export interface ChannelConfig {
  readonly id: string;
  /** The channel's name in the registry, such as `twilio-sms`. */
  readonly type: string;
  readonly address: AddressKind | null;
  /** Can whoever reads a message answer it by the same way? Then it may say "Reply 7K". */
  readonly answerable: boolean;
  /** Pages alone: of the end, its responder is told by SMS or mail. Left out: no. */
  readonly pagesOnly?: true;
  /** What counts as having got through: that it was accepted, or a receipt that comes later. */
  readonly proof: 'acceptance' | 'receipt';
  /** What it stands or falls with. Left out: nothing is known. */
  readonly fate?: readonly Fate[];
  /** Machines read it: they want every incident by itself, and are not woken by it. */
  readonly forMachines?: true;
  /** The channel's own options, already parsed by the channel's schema. */
  readonly options: object;
}

export interface Responder {
  readonly id: string;
  readonly name: string;
  /** E.164 phone numbers and mail addresses, in the order written: the order of failover. */
  readonly addresses: ReadonlyMap<AddressKind, string>;
  /** What mail to them stands or falls with, beside the channel. Left out: they have no address of mail. */
  readonly mailFate?: readonly Fate[];
  /** An IANA zone; null: times are told in UTC with a Z. */
  readonly timezone: string | null;
}

export interface Escalation {
  readonly id: string;
  /** Channels told at the same moment as the first page, and of every turn after it. */
  readonly post: readonly string[];
  readonly steps: readonly EscalationStep[];
  /** `times: null`: until somebody acknowledges. */
  readonly repeat: { readonly everyMs: number; readonly times: number | null };
  readonly failoverMs: number;
  /** null: an acknowledgement never expires. */
  readonly ackExpiresMs: number | null;
  /** 0: off. */
  readonly groupMs: number;
  /** 0: off. */
  readonly reopenMs: number;
  /** `timezone: null`: each responder's own. */
  readonly hours: (Hours & { readonly timezone: string | null }) | null;
  /** These severities page within the hours alone. */
  readonly waits: readonly Severity[];
}

/** Where somebody else reports alerts: by its token. */
export interface AlertHook {
  readonly id: string;
  readonly type: 'alertmanager' | 'alert';
  /** A secret, and no other hook's. */
  readonly token: string;
  /** Of an alert whose labels do not say it; null: nobody is paged. */
  readonly escalation: string | null;
  readonly severity: Severity;
}

/** Planned work: its checks page nobody meanwhile, and customers see that it is planned. */
export interface MaintenanceWindow {
  /** Changes with whatever is written of it; equal over restarts. */
  readonly key: string;
  /** Ids of checks, `tag=value`, or `*`. */
  readonly covers: readonly string[];
  /** Does it also cover what hangs below these? */
  readonly below: boolean;
  readonly when: When;
  /** Empty: no reason was written. */
  readonly why: string;
}

/** When the people of an escalation are asked to show that a page would reach them. */
export interface DrillPlan {
  /** Changes with whatever is written of it; equal over restarts. */
  readonly key: string;
  /** An escalation's id. */
  readonly escalation: string;
  readonly cron: string;
  readonly timezone: string;
  /** How long they have to answer. */
  readonly withinMs: number;
}

export interface EscalationStep {
  /** Counted from the previous step. */
  readonly afterMs: number;
  /** Responders' and rotations' ids. */
  readonly page: readonly string[];
  /** Channels' ids, all at once. */
  readonly by: readonly string[];
}
