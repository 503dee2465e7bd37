/**
 * A bundle's code in place of an incident's: what is asked is asked about each of its incidents, and
 * what a person says is said of each that it called down. The answer says which it changed: nothing
 * follows for those that have ended, nor from an ack for those that somebody has.
 */
import { askedAboutIn } from '../incident/bundle-called.ts';
import type { DecisionOutcome } from '../incident/change.ts';
import { incidentView, rfc3339 } from '../incident/incident-view.ts';
import type { Bundle } from '../incident/lane.ts';
import type { BundleActView, BundleView, WhyUnchanged } from '../incident/view.ts';
import type { Pipeline, Submitted } from '../pipeline.ts';
import type { Dossiers } from './dossiers.ts';

const SHOWN = 100;

/** Outcomes after which an incident is as it was. */
const UNCHANGED: ReadonlySet<string> = new Set<WhyUnchanged>([
  'acknowledged already',
  'resolved already',
  'still down',
  'nothing changed',
]);

export async function bundleView(
  { about, at, facts }: Bundle,
  dossiers: Pick<Dossiers, 'find'>,
): Promise<BundleView> {
  const found = await Promise.all(about.slice(0, SHOWN).map((id) => dossiers.find(id)));
  return {
    code: facts.code,
    at: rfc3339(at),
    incidents: found.flatMap((dossier) => (dossier ? [incidentView(dossier)] : [])),
    incidentsTotal: about.length,
  };
}

interface SaidOfEach {
  readonly view: BundleActView;
  readonly outcomes: ReadonlySet<DecisionOutcome>;
  readonly recorded: boolean;
}

/** `say` submits what is said of one incident. It is said of all at once, and decided in slices. */
export async function sayOfEach(
  bundle: Bundle,
  board: Pick<Pipeline['board'], 'incidents'>,
  say: (incident: string) => Promise<Submitted>,
): Promise<SaidOfEach> {
  const ids = askedAboutIn(bundle);
  const codes = ids.map((id) => board.incidents.get(id)?.code);
  const said = await Promise.all(ids.map(say));
  const changed: string[] = [];
  const unchanged: { code: string; why: WhyUnchanged }[] = [];
  said.forEach((one, n) => {
    const code = codes[n];
    const why = [...outcomesOf(one)].find(leavesItAsItWas);
    if (code === undefined) return;
    if (why === undefined) changed.push(code);
    else unchanged.push({ code, why });
  });
  return {
    view: { code: bundle.facts.code, changed, unchanged },
    outcomes: new Set(said.flatMap((one) => [...outcomesOf(one)])),
    recorded: said.every((one) => one.recorded),
  };
}

export function outcomesOf({ decisions }: Submitted): ReadonlySet<DecisionOutcome> {
  return new Set(decisions.map(({ outcome }) => outcome));
}

function leavesItAsItWas(outcome: string): outcome is WhyUnchanged {
  return UNCHANGED.has(outcome);
}
