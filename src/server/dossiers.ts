/**
 * Incidents with all their rows, wherever they are: those that something can still happen to are
 * read from the board, which is ahead of the store; older ones from history.
 */
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Incident, IncidentState } from '../incident/incident.ts';
import type { Dossier, History, Page } from '../store/store.ts';
import { readCursor, writeCursor } from './page.ts';

export type StateFilter = IncidentState | 'unresolved' | 'all';

export interface Dossiers {
  /** By code (in any case, spaces around it) or by id. */
  find(codeOrId: string): Promise<Dossier | undefined>;
  /** Newest first: those on the board, then those that only history has. undefined: bad cursor. */
  list(query: {
    readonly state: StateFilter;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Dossier> | undefined>;
}

export function createDossiers(
  board: ReadonlyBoard,
  history: Pick<History, 'incidents'>,
): Dossiers {
  return {
    async find(codeOrId) {
      const id = codeOrId.trim();
      const code = id.toUpperCase();
      const byId = board.incidents.get(id);
      if (byId !== undefined) return fromBoard(board, byId);
      for (const incident of board.incidents.values()) {
        if (incident.code === code) return fromBoard(board, incident);
      }
      const stored = /^[2-9A-Z]{2,6}$/.test(code) ? code : id;
      return (await history.incidents({ codeOrId: stored, limit: 1 })).items[0];
    },
    async list({ state, limit, cursor }) {
      const place = readPlace(cursor);
      if (place === undefined) return undefined;
      const here =
        place.in === 'board'
          ? [...board.incidents.values()]
              .filter((incident) => isWanted(incident, state))
              .sort(newestFirst)
              .filter((incident) => place.last === null || newestFirst(incident, place.last) > 0)
          : [];
      const page = here.slice(0, limit);
      const items = page.map((incident) => fromBoard(board, incident));
      const last = page.at(-1);
      if (last !== undefined && here.length > limit) return { items, next: boardCursor(last) };
      if (state !== 'resolved' && state !== 'all') return { items, next: null };
      if (items.length === limit) return { items, next: historyCursor('') };
      const older = await history.incidents({
        state,
        limit: limit - items.length,
        cursor: place.in === 'history' && place.cursor !== '' ? place.cursor : undefined,
      });
      return {
        items: [
          ...items,
          ...older.items.filter(({ incident }) => !board.incidents.has(incident.id)),
        ],
        next: older.next === null ? null : historyCursor(older.next),
      };
    },
  };
}

function fromBoard(board: ReadonlyBoard, incident: Incident): Dossier {
  const { id } = incident;
  const keys = [...(board.notificationsOf.get(id) ?? [])];
  return {
    incident,
    members: [...(board.members.get(id)?.values() ?? [])],
    timeline: board.timelines.get(id) ?? [],
    notifications: keys.flatMap((key) => board.notifications.get(key) ?? []),
  };
}

function isWanted({ state }: Incident, filter: StateFilter): boolean {
  if (filter === 'all') return true;
  return filter === 'unresolved' ? state !== 'resolved' : state === filter;
}

type Keyed = Pick<Incident, 'openedAt' | 'id'>;

function newestFirst(a: Keyed, b: Keyed): number {
  if (a.openedAt !== b.openedAt) return b.openedAt - a.openedAt;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

type Place =
  | { readonly in: 'board'; readonly last: Keyed | null }
  | { readonly in: 'history'; readonly cursor: string };

function boardCursor({ openedAt, id }: Keyed): string {
  return writeCursor(`board ${String(openedAt)} ${id}`);
}

function historyCursor(cursor: string): string {
  return writeCursor(`history ${cursor}`);
}

function readPlace(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return { in: 'board', last: null };
  const text = readCursor(cursor);
  const [, openedAt, id] = /^board (\d+) (.+)$/.exec(text) ?? [];
  if (id !== undefined) return { in: 'board', last: { openedAt: Number(openedAt), id } };
  return text.startsWith('history ')
    ? { in: 'history', cursor: text.slice('history '.length) }
    : undefined;
}
