/**
 * Expressions that more than one dashboard uses. Every selector names `$job`; `instance` is the
 * Tocsin on `tocsin_…` and the target on `probe_…`, so that only the former can be joined by it.
 */

export const JOB = 'job=~"$job"';
export const CHECK = `${JOB}, check="$check"`;

/** Share of the range in which a check was confirmed down. */
export function downShare(selector: string): string {
  return `avg_over_time(tocsin_check_state{${selector}, state="down"}[$__range])`;
}

/** Of the error budget of the objective: 1 nothing used, below 0 overdrawn. */
export function budgetLeft(share: string): string {
  return `1 - ${share} / (1 - $objective / 100)`;
}

/** Of a histogram over the whole range. */
export function quantile(q: number, metric: string, selector: string, by = 'le'): string {
  return `histogram_quantile(${q}, sum by (${by}) (increase(${metric}_bucket{${selector}}[$__range])))`;
}

/** Adds the check's name and severity to a vector that has `check`. */
export function described(vector: string): string {
  return `(${vector}) * on (job, instance, check) group_left (name, severity) tocsin_check_info{${JOB}}`;
}

/** Adds the incident's code and who has it, where there is one. */
export function withIncident(vector: string): string {
  const incident = `on (job, instance, check) group_left (incident) tocsin_check_incident_info{${JOB}}`;
  const who = `on (job, instance, incident) group_left (by) tocsin_incident_info{${JOB}}`;
  return `((${vector}) * ${incident} * ${who}) or on (job, instance, check) (${vector})`;
}

/** When checks that satisfy a state began to, epoch ms. */
export function sinceWhen(state: string, selector: string): string {
  return `tocsin_check_since_timestamp_seconds{${selector}} * 1000 and on (job, instance, check) (tocsin_check_state{${selector}, state="${state}"} == 1)`;
}
