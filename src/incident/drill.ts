/**
 * A drill: a test page to real people, who are expected to answer. It is no incident, and stands
 * beside them: rows of its own, plain JSON, replaced whole. What the reader would get wrong: one that
 * is planned is a row already, before anybody has been asked.
 */

export interface Drill {
  readonly id: string;
  /** As short as an incident's, and never the same as one. */
  readonly code: string;
  /** Whose people are asked: an escalation's id. */
  readonly escalation: string;
  /** Who wanted it; null: it is planned in checks.yml. */
  readonly by: string | null;
  /** The key of its plan in checks.yml; null: somebody wanted it now. */
  readonly plan: string | null;
  /** How long people have to answer. */
  readonly withinMs: number;
  /** When it begins, by the plan or as it did. */
  readonly startsAt: number;
  /** null: it is yet to come. */
  readonly begunAt: number | null;
  /** Everybody has been asked, and has until then; null: not everybody has. */
  readonly answerBy: number | null;
  readonly endedAt: number | null;
  readonly ending: DrillEnding | null;
  /** Who called it off. */
  readonly calledOffBy?: string;
  /** When the team hears how it went; null: it has, or there is nothing to hear. */
  readonly tellAt: number | null;
  readonly people: readonly Drilled[];
}

export type DrillEnding =
  | 'answered'
  | 'unanswered'
  | 'called off'
  /** Nobody could be asked: all of them were being paged for real, or nobody is on duty. */
  | 'spared'
  /** Its time came while Tocsin was away, or while another of its escalation was under way. */
  | 'missed'
  /** The plan has changed. */
  | 'no longer planned';

/** Somebody's part in a drill. */
export interface Drilled {
  readonly responder: string;
  /** All by which the escalation would page them, each once. */
  readonly channels: readonly string[];
  /** At once, or at the beginning of their hours where the escalation waits for those. */
  readonly askAt: number;
  readonly askedAt: number | null;
  readonly answeredAt: number | null;
  /** A channel's id; null: by the command line or the API, or not at all. */
  readonly answeredBy: string | null;
  /** Since when they are left out of it: they were being paged for real. */
  readonly sparedAt: number | null;
}

export function isUnderWay({ begunAt, endedAt }: Drill): boolean {
  return begunAt !== null && endedAt === null;
}

/** Is an answer of theirs still waited for, or are they yet to be asked? */
export function isAwaited({ answeredAt, sparedAt }: Drilled): boolean {
  return answeredAt === null && sparedAt === null;
}

/** When something of a drill is next due; null: never, unless something happens. */
export function drillDueAt(drill: Drill): number | null {
  if (drill.endedAt !== null) return drill.tellAt;
  if (drill.begunAt === null) return drill.startsAt;
  const toAsk = drill.people.filter((one) => isAwaited(one) && one.askedAt === null);
  const deadlines = [...toAsk.map(({ askAt }) => askAt), drill.answerBy ?? Infinity];
  const next = Math.min(...deadlines);
  return next === Infinity ? null : next;
}
