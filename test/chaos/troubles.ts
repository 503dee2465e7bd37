/**
 * What happens in the street and what people do about it, drawn by lot: each shop breaks once, is
 * paged for, perhaps acknowledged, and perhaps mended. What was promised to somebody on the way (a
 * page, a 200, an answer) is written down here, for a daemon may not.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '../simulation/dice.ts';
import { post } from './api.ts';
import type { Place } from './place.ts';

const ASK_AGAIN_MS = 200;

/** What is known of one shop from outside. */
export interface Trouble {
  readonly shop: string;
  readonly phone: string;
  state: 'well' | 'broken' | 'mended';
  /** Too short for a page to be owed. */
  isBlip: boolean;
  /** By the first page. */
  code: string | null;
  /** Promised: by an API's 200, or by the answer to an SMS. */
  acknowledged: 'by API' | 'by SMS' | null;
}

export const isPage = (body: string): boolean => / DOWN\b/.test(body);
export const isEnd = (body: string): boolean => / (?:OK|CLOSED) /.test(body);

/** Resolves when nothing is owed any more: whoever is to be told has been told. */
export async function trouble(place: Place, it: Trouble, dice: Dice, afterMs: number) {
  const { street, twilio, operator } = place;
  await pause(afterMs);
  street.break(it.shop);
  it.state = 'broken';
  if (dice.chance(0.15)) {
    it.isBlip = true;
    await pause(dice.between(100, 2_000));
    street.mend(it.shop);
    it.state = 'mended';
    return;
  }
  const page = await twilio.waitFor(({ to, body }) => to === it.phone && isPage(body));
  const code = page.body.split(' ', 1)[0] ?? '';
  it.code = code;
  const way = dice.pick(['by API', 'by API', 'by SMS', 'not at all'] as const);
  if (way === 'by API') {
    const path = `/api/v1/incidents/${code}/acknowledge`;
    while ((await post(operator, path, { by: it.shop })) !== 200) await pause(ASK_AGAIN_MS);
    it.acknowledged = way;
  } else if (way === 'by SMS') {
    twilio.receive(it.phone, code);
    await twilio.waitFor(({ to, body }) => to === it.phone && !isPage(body) && !isEnd(body));
    it.acknowledged = way;
  }
  await pause(dice.between(0, 4_000));
  if (dice.chance(0.3)) return;
  street.mend(it.shop);
  it.state = 'mended';
  await twilio.waitFor(({ to, body }) => to === it.phone && isEnd(body));
}

export function troublesOf(place: Place): readonly Trouble[] {
  return place.shops.map((shop) => ({
    shop,
    phone: place.phones.get(shop) ?? '',
    state: 'well',
    isBlip: false,
    code: null,
    acknowledged: null,
  }));
}
