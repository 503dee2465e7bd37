/**
 * What a message is to each of its incidents: of a bundle, the message that was gathered into it. A
 * bundle of pages may tell the end of one incident among them.
 */
import type { Notification } from '../../../src/incident/notification.ts';

export type Part = Pick<Notification, 'kind' | 'key'> & { readonly incident: string };

export class Parts {
  /** By a bundle's key, then by incident. */
  readonly #gathered = new Map<string, Map<string, Part>>();

  readonly #known = new Set<string>();

  gather({ key, kind, about, bundledInto }: Notification): void {
    if (typeof bundledInto !== 'string') return;
    // A restart tells of all again, and in another order.
    if (this.#known.has(`${bundledInto} ${key}`)) return;
    this.#known.add(`${bundledInto} ${key}`);
    const parts = this.#gathered.get(bundledInto) ?? new Map<string, Part>();
    this.#gathered.set(bundledInto, parts);
    const inner =
      this.#gathered.get(key)?.values() ?? about.map((incident) => ({ incident, kind, key }));
    for (const part of inner) {
      // News yields to a page, as it does there.
      const known = parts.get(part.incident);
      // A page of an earlier bundle, of which the end has come since.
      if (known?.kind === 'resolved' && part.key !== key) continue;
      if (known?.kind !== 'page' || part.kind === 'page' || part.kind === 'resolved') {
        parts.set(part.incident, part);
      }
    }
  }

  of({ key, kind, about }: Pick<Notification, 'key' | 'kind' | 'about'>): readonly Part[] {
    const parts = this.#gathered.get(key);
    return about.map((incident) => parts?.get(incident) ?? { incident, kind, key });
  }

  clear(): void {
    this.#gathered.clear();
    this.#known.clear();
  }
}
