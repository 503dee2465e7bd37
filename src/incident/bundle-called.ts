/**
 * What a bundle's code stands for, to whoever was told it. Not all that the message is about: what
 * it told as news (an end, who has it) asked for nothing, and no answer is meant for it.
 */
import type { ReadonlyBoard } from './board.ts';
import { isBundle, type Bundle } from './lane.ts';

export type Bundles = Pick<ReadonlyBoard, 'bundles' | 'notifications'>;

/** The bundle with this code that has left, or is about to. */
export function bundleCalled({ bundles, notifications }: Bundles, code: string) {
  const bundle = notifications.get(bundles.get(code.trim().toUpperCase()) ?? '');
  return bundle && isBundle(bundle) && bundle.about.length > 0 ? bundle : undefined;
}

/** Ids of the incidents that it said are down: they come first in it. */
export function askedAboutIn({ about, facts }: Bundle): readonly string[] {
  return about.slice(0, facts.bundle.down);
}
