/**
 * A person's word about an incident, or by a bundle's code about several. A POST answers with the
 * incident as it is afterwards: 200 when that is stored, 202 when it took effect but the store has
 * not answered in time.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { bundleCalled } from '../incident/bundle-called.ts';
import type { DecisionOutcome } from '../incident/change.ts';
import { incidentView } from '../incident/incident-view.ts';
import type { Input } from '../incident/input.ts';
import type { Bundle } from '../incident/lane.ts';
import type { Pipeline, Submitted } from '../pipeline.ts';
import type { Dossier } from '../store/store.ts';
import { duration } from '../system/values.ts';
import { outcomesOf, sayOfEach } from './bundle-acts.ts';
import type { Dossiers } from './dossiers.ts';
import { BY, LINE, SEVERITY, TEXT } from './person.ts';
import { invalid, problem } from './problem.ts';
import { didYouMean, parseBody } from './request.ts';
import { route } from './route.ts';

export interface ActsParts {
  readonly pipeline: Pick<Pipeline, 'board' | 'submit'>;
  readonly config: () => Config;
}
export type AboutOne = Context<object, '/api/v1/incidents/:code'>;
export type WithOne = (
  c: AboutOne,
  answer: (found: Dossier) => Response | Promise<Response>,
) => Promise<Response>;

type Act = Extract<Input, { readonly incident: string; readonly by: string }>;
type Asked = { readonly act: Act; readonly note?: string | undefined } | { readonly why: string };

const ACKNOWLEDGE = z.strictObject({
  by: BY,
  text: TEXT.optional(),
  for: duration({ min: 1 }).optional(),
  take_over: z.boolean({ error: 'expected true or false' }).optional(),
});
const RESOLVE = z.strictObject({
  by: BY,
  text: TEXT.optional(),
  force: z.boolean({ error: 'expected true or false' }).optional(),
});
const NOTE = z.strictObject({ by: BY, text: TEXT });
const SEVERE = z.strictObject({ by: BY, severity: SEVERITY, text: TEXT.optional() });
const PAGE = z.strictObject({
  by: BY,
  responder: LINE,
  text: TEXT.optional(),
});
const OPEN = z.strictObject({
  title: LINE,
  severity: SEVERITY,
  escalation: z.string({ error: 'expected the id of an escalation, or none' }).optional(),
  by: BY,
  text: TEXT.optional(),
});

const ON_CALL = 'on-call';

export function incidentActs(
  app: Hono,
  parts: ActsParts,
  dossiers: Pick<Dossiers, 'find'>,
  withOne: WithOne,
): void {
  /** One path with its body; `ask` says what is wanted by it, or what it lacks. */
  function act<T>(path: string, schema: z.ZodType<T>, ask: (id: string, body: T) => Asked): void {
    route(app, `/api/v1/incidents/:code/${path}`, {
      async POST(c: AboutOne) {
        const bundle = bundleCalled(parts.pipeline.board, c.req.param('code'));
        if (bundle) return performOnAll(c, bundle, schema, ask);
        return withOne(c, async (found) => {
          const body = await parseBody(c, schema);
          if ('refused' in body) return body.refused;
          const asked = ask(found.incident.id, body.value);
          if ('why' in asked) return invalid([asked.why]);
          return perform(c, found, asked.act, asked.note);
        });
      },
    });
  }

  async function performOnAll<T>(
    c: AboutOne,
    bundle: Bundle,
    schema: z.ZodType<T>,
    ask: (id: string, body: T) => Asked,
  ): Promise<Response> {
    const body = await parseBody(c, schema);
    if ('refused' in body) return body.refused;
    const [first = ''] = bundle.about;
    const asked = ask(first, body.value);
    if ('why' in asked) return invalid([asked.why]);
    const { board, submit } = parts.pipeline;
    const { view, outcomes, recorded } = await sayOfEach(bundle, board, async (incident) => {
      const said = await submit({ ...asked.act, incident });
      if (asked.note === undefined || isOver(outcomesOf(said))) return said;
      const note = { type: 'note', incident, by: asked.act.by, text: asked.note } as const;
      const noted = await submit(note);
      return { ...said, recorded: said.recorded && noted.recorded };
    });
    return unreachable(asked.act, outcomes, parts.config()) ?? c.json(view, recorded ? 200 : 202);
  }

  /** Submits what a person said; the text beside it is a note of its own. */
  async function perform(
    c: AboutOne,
    found: Dossier,
    input: Act,
    text: string | undefined,
  ): Promise<Response> {
    const said = await parts.pipeline.submit(input);
    const refusal = refused(input, said, found, parts.config());
    if (refusal !== undefined) return refusal;
    let { recorded } = said;
    if (text !== undefined) {
      const { incident, by } = input;
      const noted = await parts.pipeline.submit({ type: 'note', incident, by, text });
      recorded &&= noted.recorded;
    }
    const after = (await dossiers.find(found.incident.id)) ?? found;
    return c.json(incidentView(after), recorded ? 200 : 202);
  }

  act(
    'acknowledge',
    ACKNOWLEDGE,
    (incident, { by, text, for: forMs, take_over: takeOver = false }) => {
      const until = forMs === undefined ? {} : { forMs };
      return { act: { type: 'acknowledge', incident, by, takeOver, ...until }, note: text };
    },
  );
  act('resolve', RESOLVE, (incident, { by, text, force = false }) => {
    if (!force) return { act: { type: 'resolve', incident, by, force: null }, note: text };
    if (text === undefined) return { why: 'text: expected the reason for ending it by force' };
    return { act: { type: 'resolve', incident, by, force: text } };
  });
  act('notes', NOTE, (incident, body) => ({ act: { type: 'note', incident, ...body } }));
  act('severity', SEVERE, (incident, { by, severity, text }) => ({
    act: { type: 'severity', incident, by, severity },
    note: text,
  }));
  act('page', PAGE, (incident, { by, responder, text }) => ({
    act: { type: 'page', incident, by, responder },
    note: text,
  }));
}

/** POST /api/v1/incidents: what no check has seen. */
export async function openOne(
  c: Context,
  { pipeline, config }: ActsParts,
  dossiers: Pick<Dossiers, 'find'>,
): Promise<Response> {
  const body = await parseBody(c, OPEN);
  if ('refused' in body) return body.refused;
  const { title, severity, by, text = null } = body.value;
  const escalation = whomToPage(body.value.escalation, config());
  if (typeof escalation === 'object' && escalation !== null) return invalid([escalation.why]);
  const said = await pipeline.submit({ type: 'open', title, severity, escalation, by, text });
  const opened = await dossiers.find(said.decisions[0]?.incident ?? '');
  if (opened === undefined) {
    const detail = 'The configuration has just changed: try again.';
    return problem({ status: 409, title: 'not opened', detail });
  }
  return c.json(incidentView(opened), said.recorded ? 201 : 202);
}

/** As with a check's `page`: left out, it is `on-call`, or else the only escalation. */
function whomToPage(
  written: string | undefined,
  { escalations }: Config,
): string | null | { readonly why: string } {
  if (written === 'none') return null;
  const known = [...escalations.keys()];
  if (written === undefined) {
    if (escalations.has(ON_CALL)) return ON_CALL;
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) return only;
    return { why: `escalation: expected one of ${known.join(', ')}, or none` };
  }
  if (escalations.has(written)) return written;
  const hint = didYouMean(written, known) ?? `expected one of ${known.join(', ')}, or none`;
  return { why: `escalation: unknown escalation ${JSON.stringify(written)}: ${hint}` };
}

function refused(
  input: Act,
  said: Submitted,
  { incident, members }: Dossier,
  config: Config,
): Response | undefined {
  const outcomes = outcomesOf(said);
  if (outcomes.has('still down')) {
    const down = members.filter(({ state }) => state === 'down');
    const [first] = down;
    const more = down.length > 1 ? ` and ${String(down.length - 1)} more` : '';
    return problem({
      status: 409,
      title: 'still down: ack, or silence it',
      detail:
        `${first?.name ?? incident.title}${more} is not back. Ending ${incident.code} all the same` +
        ' takes force and a reason: "force": true and "text", or --force --why TEXT.',
    });
  }
  // What is over stays over: resolving it again is what was wanted, anything else comes too late.
  if (!isOver(outcomes) || input.type === 'resolve') return unreachable(input, outcomes, config);
  return problem({
    status: 409,
    title: 'resolved already',
    detail: `${incident.code} is over: nothing was changed.`,
  });
}

/** Whom somebody wants to be paged, and nobody can page. */
function unreachable(
  input: Act,
  outcomes: ReadonlySet<DecisionOutcome>,
  config: Config,
): Response | undefined {
  if (input.type === 'page' && outcomes.has('unknown responder')) {
    const known = [...config.responders.keys()];
    const hint = didYouMean(input.responder, known) ?? `there are ${known.join(', ')}`;
    return invalid([`responder: unknown responder ${JSON.stringify(input.responder)}: ${hint}`]);
  }
  if (input.type !== 'page' || !outcomes.has('no address')) return undefined;
  const detail = `No channel of the configuration reaches ${input.responder}.`;
  return problem({ status: 409, title: 'no address', detail });
}

function isOver(outcomes: ReadonlySet<DecisionOutcome>): boolean {
  return outcomes.has('resolved already') || outcomes.has('unknown incident');
}
