/**
 * The messages of a decision in the making: those on the board, as the draft has made them by now,
 * and its own. What is about several incidents is found by each.
 */
import type { ReadonlyBoard } from './board.ts';
import type { Notification } from './notification.ts';

const NONE: ReadonlySet<string> = new Set();

export class DraftedNotifications {
  readonly #board: ReadonlyBoard;
  readonly #drafted = new Map<string, Notification>();
  /** By incident: keys of those above that were not about it on the board. */
  readonly #draftedOf = new Map<string, Set<string>>();
  /** By bundle: keys of those above that were gathered into it here. */
  readonly #draftedInto = new Map<string, Set<string>>();

  constructor(board: ReadonlyBoard) {
    this.#board = board;
  }

  get(key: string): Notification | undefined {
    return this.#drafted.get(key) ?? this.#board.notifications.get(key);
  }

  *about(incident: string): Iterable<Notification> {
    const known = this.#board.notificationsOf.get(incident);
    for (const key of known ?? []) {
      const notification = this.get(key);
      if (notification) yield notification;
    }
    for (const key of this.#draftedOf.get(incident) ?? []) {
      const notification = known?.has(key) ? undefined : this.#drafted.get(key);
      if (notification) yield notification;
    }
  }

  /** Those that this bundle tells. */
  *in(bundle: string): Iterable<Notification> {
    const known = this.#board.gathered.get(bundle) ?? NONE;
    for (const key of known.union(this.#draftedInto.get(bundle) ?? NONE)) {
      const notification = this.get(key);
      if (notification?.bundledInto === bundle) yield notification;
    }
  }

  put(notification: Notification): void {
    const { key, about, bundledInto } = notification;
    const before = this.get(key);
    this.#drafted.set(key, notification);
    if (typeof bundledInto === 'string') {
      const keys = this.#draftedInto.get(bundledInto) ?? new Set();
      this.#draftedInto.set(bundledInto, keys.add(key));
    }
    if (before?.about === about) return;
    for (const incident of about) {
      const keys = this.#draftedOf.get(incident) ?? new Set();
      this.#draftedOf.set(incident, keys.add(key));
    }
  }

  /** Those that were made or changed. */
  changed(): readonly Notification[] {
    return [...this.#drafted.values()];
  }
}
