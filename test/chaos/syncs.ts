/**
 * Kill -9 at the n-th sync of the disk, for every n from the first start on: between what was decided
 * and what is stored, in the middle of a migration, between a vendor's answer and its receipt.
 */
import { Dice } from '../simulation/dice.ts';
import { comeToRest } from './kills.ts';
import { straced } from './strace.ts';
import { tell, type Outcome } from './story.ts';
import { trouble, troublesOf } from './troubles.ts';

const SHOPS = 24;
const WELL = 1;
const SPREAD_MS = 6_000;

/** `reached`: 0 if nothing was synced so often before everything was over. */
export function killedAtSync(n: number, calls = 'fsync,fdatasync'): Promise<Outcome> {
  return tell(`killed at ${calls} number ${n}`, { shops: SHOPS }, async (place) => {
    const troubles = troublesOf(place);
    const over = Promise.all(
      troubles.slice(WELL).map((it, m) => {
        const dice = new Dice(n, `trouble ${m}`);
        return trouble(place, it, dice, dice.between(0, SPREAD_MS));
      }),
    );
    const { daemon } = place.spawn({ through: straced(calls, `signal=KILL:when=${n}`) });
    const reached = (await Promise.race([daemon.ended, over])) === 'SIGKILL' ? 1 : 0;
    await daemon.kill('SIGKILL');
    const run = await place.start();
    const judged = await comeToRest(run, place, troubles, over);
    const { incidents, acknowledgements, unconfirmed, duplicates } = judged;
    return { reached, incidents, acknowledgements, unconfirmed, duplicates };
  });
}
