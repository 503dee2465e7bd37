/** An acknowledgement that was stored holds until it expires, ends or is undone by a person (I5). */
import type { Change } from '../../../src/incident/change.ts';
import { Violation } from '../violation.ts';

export class Acknowledged {
  /** By incident: until when, by the daemon's clock. */
  readonly #until = new Map<string, number>();

  changed({ at, incidents, reasons, timeline }: Change, isKept: boolean): void {
    for (const { id, code, state, ackExpiresAt } of incidents) {
      const until = this.#until.get(id);
      if (state === 'acknowledged' && isKept) this.#until.set(id, ackExpiresAt ?? Infinity);
      if (state !== 'open' || until === undefined) continue;
      this.#until.delete(id);
      if (until <= at) continue;
      const isRaised = reasons.some(
        ({ outcome, incident }) => incident === id && outcome === 'raised',
      );
      // By the code of a bundle as well, which is about many.
      const isUndone = timeline.some(({ incident, type }) => incident === id && type === 'heard');
      if (!isRaised && !isUndone) {
        const left = `${String(until - at)} ms before it was to expire`;
        throw new Violation('I5', `the acknowledgement of ${code} was lost, ${left}`);
      }
    }
  }
}
