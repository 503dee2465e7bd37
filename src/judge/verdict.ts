/** What a look means: findings, and the worst thing that follows from them. */
import type { Finding, Reason } from '../probes/probe.ts';

/** `degraded` is up with a warning; `unknown` is "could not see", which is not "down". */
export type Status = 'up' | 'degraded' | 'down' | 'unknown';

export interface Verdict {
  readonly check: string;
  readonly generation: string;
  readonly from: string;
  /** When the look began, epoch ms. */
  readonly at: number;
  readonly tookMs: number;
  readonly status: Status;
  readonly findings: readonly Finding[];
  /** Of the finding that decided, null when up. */
  readonly reason: Reason | null;
  readonly brief: string;
}
