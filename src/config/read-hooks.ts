/**
 * hooks: where others report alerts, each with a token that says whose they are: it picks the
 * escalation and the severity that an alert has unless its labels say otherwise.
 */
import type { AlertHook } from './config.ts';
import { read } from './explain.ts';
import { itemsOf, type Item, type Reading, refer } from './reading.ts';
import { hook } from './schema.ts';
import { secretsIn } from './schema-walk.ts';
import { idOf, plain, valueAt } from './written.ts';

const ON_CALL = 'on-call';
/** Shorter ones are found by trying, by whoever can reach the public listener. */
const SAFE_TOKEN_LENGTH = 16;
const USUAL_SEVERITY = 'major';

export function readHooks(reading: Reading): ReadonlyMap<string, AlertHook> {
  const hooks = new Map<string, AlertHook>();
  const owners = new Map<string, string>();
  for (const item of itemsOf(reading, 'hooks')) {
    const { id, node, owner } = item;
    const escalation = escalationOf(item, reading);
    const values = read(hook, node, owner, reading.complaints);
    if (values === null) continue;
    for (const secret of secretsIn(hook, plain(node))) reading.secrets.add(secret);
    const { type, token, severity = USUAL_SEVERITY } = values;
    checkToken(token, item, owners, reading);
    hooks.set(id, { id, type, token, escalation, severity });
  }
  return hooks;
}

/** As with checks: what is written, else `on-call` if there is one, else the only one. */
function escalationOf(
  { node, owner }: Item,
  { complaints, names: { escalations } }: Reading,
): string | null {
  const own = idOf(valueAt(node, ['escalation']));
  if (own?.id === 'none') return null;
  if (own !== null) {
    refer(own, 'escalation', escalations, `escalation of ${owner.name}`, complaints);
    return own.id;
  }
  if (escalations.has(ON_CALL)) return ON_CALL;
  const [only, ...others] = escalations;
  if (others.length === 0) return only ?? null;
  const choice = [...escalations].join(', ');
  complaints.add(
    owner.at,
    `missing key "escalation" in ${owner.name}: there are the escalations ${choice} and none is called on-call`,
  );
  return null;
}

function checkToken(
  token: string,
  { node, owner }: Item,
  owners: Map<string, string>,
  { complaints, warnings }: Reading,
): void {
  const other = owners.get(token);
  owners.set(token, owner.name);
  if (other !== undefined) {
    const at = valueAt(node, ['token'])?.at ?? owner.at;
    complaints.add(at, `token of ${owner.name}: ${other} has the same`);
  }
  if (token.length >= SAFE_TOKEN_LENGTH) return;
  const least = `fewer than ${SAFE_TOKEN_LENGTH} characters`;
  warnings.push(`${owner.name}: its token has ${least} and may be guessed`);
}
