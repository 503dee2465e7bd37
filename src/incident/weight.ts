/**
 * How much there is to decide about an input, in incidents: what is decided together should hold the
 * loop for some milliseconds at most, and some inputs are about very many incidents.
 */
import type { ReadonlyBoard } from './board.ts';
import type { Input } from './input.ts';

const WEIGHT_A_STEP = 200;

/** How many of those that wait, from the first on, may be decided together: one in any case. */
export function lightEnough(
  board: ReadonlyBoard,
  waiting: readonly { readonly input: Input }[],
): number {
  let weight = 0;
  const heavy = waiting.findIndex(({ input }) => {
    weight += weightOf(board, input);
    return weight > WEIGHT_A_STEP;
  });
  return heavy === -1 ? waiting.length : Math.max(1, heavy);
}

function weightOf(board: ReadonlyBoard, input: Input): number {
  switch (input.type) {
    case 'due': {
      if (input.lane === undefined) return 1;
      const { held = [] } = board.lanes.get(input.lane) ?? {};
      let weight = 1;
      for (const key of held) weight += board.gathered.get(key)?.size ?? 0;
      return weight;
    }
    case 'receipt':
      return board.notifications.get(input.key)?.about.length ?? 1;
    case 'heard':
      return input.part?.ids.length ?? 1;
    // After these every incident is looked at again.
    case 'silence':
    case 'unsilence':
    case 'reloaded':
    case 'started':
    case 'resumed':
    case 'stepped':
    case 'remembered':
      return Math.max(1, board.incidents.size);
    default:
      return 1;
  }
}
