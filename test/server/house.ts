/**
 * A board with two incidents, a pipeline that decides as it is told to, and history: what the
 * operator listener stands on, without the daemon. Requests are made over real sockets, with
 * node:http, so that a test can send what a polite client would not (a wrong Host, no length).
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AlertHook, Check, Config } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import { emptyBoard, type Board } from '../../src/incident/board.ts';
import type { Decision, DecisionOutcome } from '../../src/incident/change.ts';
import type { Incident, Member, Silence } from '../../src/incident/incident.ts';
import type { Input } from '../../src/incident/input.ts';
import type { Notification } from '../../src/incident/notification.ts';
import type { CheckState } from '../../src/judge/check-state.ts';
import type { Day, Dossier, Tally } from '../../src/store/store.ts';
import { createOperator, type OperatorParts } from '../../src/server/operator.ts';
import { VirtualClock } from '../virtual-clock.ts';
import {
  aChannel,
  aCheck,
  aCheckState,
  aConfig,
  aMember,
  anIncident,
  aNotification,
  aSilence,
  byId,
} from '../builders.ts';

export const MORNING = Date.UTC(2026, 0, 5, 4, 12);
const NOTHING: Tally = { up: 0, degraded: 0, down: 0, unknown: 0 };

export { aCheck as checkOf };

export function configOf(checks: readonly Check[], fields: Partial<Config> = {}): Config {
  const own = aConfig();
  return {
    ...own,
    listen: { ...own.listen, hosts: ['tocsin.internal'] },
    checks: byId(checks),
    channels: byId([aChannel('sms'), aChannel('lifeline')]),
    ...fields,
  };
}

export function stateOf(check: string, fields: Partial<CheckState> = {}): CheckState {
  return aCheckState(check, MORNING, fields);
}

export function incidentOf(code: string, fields: Partial<Incident> = {}): Incident {
  return anIncident(`incident-${code}`, MORNING, { code, ...fields });
}

export function memberOf(incident: string, check: string): Member {
  return aMember(incident, check, MORNING);
}

export function silenceOf(id: string, fields: Partial<Silence> = {}): Silence {
  return aSilence(id, MORNING, fields);
}

/** Accepted by its vendor. */
export function notificationOf(key: string, fields: Partial<Notification> = {}): Notification {
  return aNotification(key, MORNING, {
    about: ['incident-7K'],
    state: 'accepted',
    dueAt: null,
    attempts: 1,
    acceptedAt: MORNING,
    reference: 'SM1',
    ...fields,
  });
}

export function boardOf(
  incidents: readonly Incident[],
  members: readonly Member[],
  notifications: readonly Notification[] = [],
): Board {
  const board = emptyBoard(1);
  for (const incident of incidents) {
    board.incidents.set(incident.id, incident);
    board.members.set(incident.id, new Map());
    board.timelines.set(incident.id, [
      { incident: incident.id, n: 0, at: incident.openedAt, type: 'opened' },
    ]);
    board.notificationsOf.set(incident.id, new Set());
  }
  for (const member of members) {
    board.members.get(member.incident)?.set(member.check, member);
    board.incidentOf.set(member.check, member.incident);
  }
  for (const notification of notifications) {
    board.notifications.set(notification.key, notification);
    for (const id of notification.about) board.notificationsOf.get(id)?.add(notification.key);
  }
  return board;
}

export class House {
  readonly clock = new VirtualClock(MORNING);
  readonly inputs: Input[] = [];
  readonly events: TocsinEvent[] = [];
  config = configOf([aCheck('shop'), aCheck('edge')]);
  board = boardOf([], []);
  stored: Dossier[] = [];
  /** What the pipeline decides about the next inputs. */
  outcome: DecisionOutcome = 'acknowledged';
  /** And about what. */
  about: Omit<Decision, 'outcome'> = {};
  recorded = true;
  ready = true;
  reloaded: { restartNeeded: readonly string[] } | { problems: readonly string[] } = {
    restartNeeded: [],
  };
  metricsFail = false;
  /** What a scrape is made of. */
  metrics: () => Iterable<string> = () => ['up ', '1\n'];
  scrapesLeft = 0;
  port = 0;

  /** How the looks of a check came out, lately and by day; null: the history hangs. */
  tallies: { lately: Tally; days: readonly Day[] } | null = { lately: NOTHING, days: [] };
  backups: string[] = [];
  backup: Awaited<ReturnType<OperatorParts['history']['backup']>> = { bytes: 8_192 };

  readonly history: OperatorParts['history'] = {
    tally: async () => this.tallies?.lately ?? new Promise(() => {}),
    days: async () => this.tallies?.days ?? new Promise(() => {}),
    backup: async (file) => {
      this.backups.push(file);
      return this.backup;
    },
    incidents: async ({ codeOrId, limit, cursor }) => {
      const from = Number(cursor ?? 0);
      const all = this.stored.filter(
        ({ incident }) =>
          codeOrId === undefined || incident.code === codeOrId || incident.id === codeOrId,
      );
      const next = from + limit < all.length ? String(from + limit) : null;
      return { items: all.slice(from, from + limit), next };
    },
    notifications: async () => ({
      items: [notificationOf('k1', { state: 'queued', attempts: 0 })],
      next: null,
    }),
  };

  readonly parts: OperatorParts = {
    config: () => this.config,
    pipeline: {
      board: emptyBoard(1),
      submit: async (input) => {
        this.inputs.push(input);
        return { recorded: this.recorded, decisions: [{ outcome: this.outcome, ...this.about }] };
      },
    },
    history: this.history,
    nextAt: (check) => (check === 'shop' ? MORNING + 30 * 1_000 : null),
    reload: async () => this.reloaded,
    ready: () => this.ready,
    metrics: {
      render: () => this.rendered(),
      blackbox: (check, format) => `# ${check} as ${format}\n`,
      story: ({ id }) => `The story of ${id}\n`,
    },
    emit: (event) => this.events.push(event),
    clock: this.clock,
  };

  /** The listener over what this house holds now; the caller stops it. */
  async *rendered(): AsyncGenerator<Uint8Array> {
    if (this.metricsFail) throw new Error('no metrics today');
    try {
      for (const text of this.metrics()) yield Buffer.from(text);
    } finally {
      this.scrapesLeft += 1;
    }
  }

  async open(): Promise<ReturnType<typeof createOperator>> {
    const operator = createOperator({
      ...this.parts,
      pipeline: { ...this.parts.pipeline, board: this.board },
    });
    const started = await operator.start({ host: '127.0.0.1', port: 0 });
    if ('refused' in started) throw new Error(started.refused);
    this.port = started.port;
    return operator;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return ask(this.port, 'GET', path, headers);
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask(this.port, 'POST', path, { 'content-type': 'application/json', ...headers }, text);
  }
}

/** What tests read out of an answer; which of it is there is what they test. */
export interface Body {
  readonly items: readonly { readonly id: string; readonly code: string; readonly state: string }[];
  readonly next: string | null;
  readonly checks: readonly unknown[];
  readonly checksTotal: number;
  readonly code: string;
  readonly state: string;
  readonly title: string;
  readonly detail: string;
  readonly problems: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Body;
}

export function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('error', reject).on('end', () => {
          const isJson = (answer.headers['content-type'] ?? '').includes('json');
          const json = JSON.parse(isJson && text !== '' ? text : 'null') as Body;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What the public listener has beside the part that a test is about: nothing. */
export const NOTHING_ELSE = {
  holderOf: () => undefined,
  acknowledge: () => Promise.resolve({ recorded: true }),
  nameOf: (by: string) => by,
  publicUrl: () => null,
  called: () => Promise.resolve({ refused: 'unknown' as const }),
  hooks: () => new Map<string, AlertHook>(),
  alerts: () => Promise.resolve({ recorded: true }),
};
