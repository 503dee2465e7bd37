/**
 * What a message is to each of its incidents. A bundle says so itself: those that are down come first,
 * then those that are over. Which page of theirs it tells is what was gathered into it.
 */
import type { Notification } from '../../../src/incident/notification.ts';

export type Part = Pick<Notification, 'kind' | 'key'> & { readonly incident: string };

export class Parts {
  /** By a bundle's key, then by incident: the key of the page that was gathered last. */
  readonly #pages = new Map<string, Map<string, string>>();

  gather({ key, kind, about, bundledInto }: Notification): void {
    if (typeof bundledInto !== 'string' || kind !== 'page') return;
    const pages = this.#pages.get(bundledInto) ?? new Map<string, string>();
    this.#pages.set(bundledInto, pages);
    const inner = this.#pages.get(key) ?? new Map(about.map((incident) => [incident, key]));
    for (const [incident, page] of inner) pages.set(incident, page);
  }

  of({ key, kind, about, facts }: Pick<Notification, 'key' | 'kind' | 'about' | 'facts'>) {
    const told = 'bundle' in facts ? facts.bundle : undefined;
    if (!told) return about.map((incident): Part => ({ incident, kind, key }));
    const { down, over } = told;
    return about.map((incident, n): Part => {
      if (n < down) return { incident, kind, key: this.#pages.get(key)?.get(incident) ?? key };
      return { incident, kind: n < down + over ? 'resolved' : 'update', key };
    });
  }

  clear(): void {
    this.#pages.clear();
  }
}
