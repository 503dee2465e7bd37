/** What a daemon says of itself, asked for over its API; null or `status: 0` while nobody answers. */
import type { IncidentView } from '../../src/incident/view.ts';

/** A machine that has much else to do; nobody who is killed takes so long to be gone. */
const PATIENCE_MS = 10_000;

export async function get(operator: string, path: string): Promise<unknown> {
  try {
    const answer = await fetch(operator + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** The HTTP status: 200 is a promise, 202 is none. */
export async function post(operator: string, path: string, body: object): Promise<number> {
  try {
    const answer = await fetch(operator + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/** All there ever were, newest first. */
export async function allIncidents(operator: string): Promise<readonly IncidentView[]> {
  const found: IncidentView[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await get(operator, `/api/v1/incidents?state=all&limit=100${from}`);
    if (page === null) throw new Error('the daemon does not list its incidents');
    const { items, next } = page as { items: IncidentView[]; next: string | null };
    found.push(...items);
    cursor = next;
  }
  return found;
}

export function incidentAt(operator: string, code: string): Promise<IncidentView | null> {
  return get(operator, `/api/v1/incidents/${code}`) as Promise<IncidentView | null>;
}
