/** A silence as machines are shown it. It says nothing of what a row keeps for deciding. */
import { rfc3339, rfc3339OrNull } from './incident-view.ts';
import type { Silence } from './incident.ts';

/** Times are RFC 3339 in UTC. */
export interface SilenceView {
  readonly id: string;
  readonly covers: readonly string[];
  readonly below: boolean;
  readonly by: string;
  readonly why: string;
  readonly startsAt: string;
  /** null: it ends when its check has recovered. */
  readonly endsAt: string | null;
  /** An occurrence of a window of checks.yml; else a person's choice. */
  readonly maintenance: boolean;
  /** Which window: it changes with whatever is written of it. null: a person's choice. */
  readonly window: string | null;
  /** false: it is yet to come. */
  readonly inForce: boolean;
}

export function silenceView(silence: Silence): SilenceView {
  const { id, covers, below, by, why, startsAt, endsAt, begunAt, window } = silence;
  return {
    id,
    covers,
    below,
    by,
    why,
    startsAt: rfc3339(startsAt),
    endsAt: rfc3339OrNull(endsAt),
    maintenance: window !== null,
    window,
    inForce: begunAt !== null,
  };
}
