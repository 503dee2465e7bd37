/** Turns of a rotation that are taken over, and given back. */
import type { Draft } from './draft.ts';
import type { Input } from './input.ts';

export function override(draft: Draft, wish: Extract<Input, { type: 'override' }>): void {
  // Those that are over are forgotten here: nothing ever waits for the end of one.
  for (const old of [...draft.overrides()]) {
    if (old.until <= draft.now) draft.putOverride({ ...old, endedAt: old.until });
  }
  const { rotation, responder, from, until, by, why } = wish;
  const id = draft.newId();
  const times = { from, until, at: draft.now, endedAt: null };
  draft.putOverride({ id, rotation, responder, by, why, ...times });
  draft.decided('override set', { override: id });
}

export function unoverride(draft: Draft, id: string): void {
  const found = [...draft.overrides()].find((known) => known.id === id);
  if (!found) {
    draft.decided('unknown override');
    return;
  }
  draft.putOverride({ ...found, endedAt: draft.now });
  draft.decided('override ended', { override: id });
}
