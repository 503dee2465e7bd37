/**
 * Pushover: a push that rings through a silenced phone, again and again, until somebody presses
 * Acknowledge in the app or `expire` is over. Each page has a receipt, which we ask for: so an
 * acknowledgement needs no open port. What somebody has, or what has ended, is told to stop ringing.
 * https://pushover.net/api and https://pushover.net/api/receipts
 */
import { z } from 'zod';
import type { Notification, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { linkTitle } from '../message/drill.ts';
import { duration, httpUrl, secretText } from '../system/values.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { fit, postJson } from './_post.ts';
import type { Channel, Letter, Line, ListenFailure, Spoken } from './channel.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const options = z.strictObject({
  /** Of an application of one's own. */
  token: secretText(),
  /** A group's key, or one user's: then no responder needs one. */
  user: secretText().optional(),
  retry: duration({ min: 30 * SECOND_MS, max: 180 * MINUTE_MS })
    .prefault('1m')
    .describe('How often it rings until somebody acknowledges'),
  expire: duration({ min: 30 * SECOND_MS, max: 180 * MINUTE_MS })
    .prefault('10m')
    .describe('For how long it rings'),
  base_url: httpUrl().default('https://api.pushover.net'),
});
type Options = z.infer<typeof options>;

interface Push {
  readonly user: string;
  readonly title: string;
  readonly message: string;
  /** 2 rings until it is acknowledged, 1 is loud, 0 is as the phone is set. */
  readonly priority: 0 | 1 | 2;
  readonly timestamp: number;
  readonly retry?: number;
  readonly expire?: number;
  /** By which it can be told to stop ringing. */
  readonly tags?: string;
  readonly url?: string;
  readonly url_title?: string;
}

interface Addressed {
  readonly push: Push;
  /** What need not ring any more; null: nothing. */
  readonly silences: string | null;
}

const TITLE_MAX = 250;
const MESSAGE_MAX = 1_024;
const URL_MAX = 512;
const RECEIPTS_MAX = 20;

export const pushover: Channel<Options, Addressed> = {
  type: 'pushover',
  options,
  address: 'pushover',
  room: 'user',
  answerable: () => true,
  reaches: ({ base_url }) => [base_url, 'https://api.pushover.net'],
  render({ notification, to, reader }: Letter, { user, retry, expire }): Addressed {
    const { facts, kind } = notification;
    const { title, lines } = chat(facts, kind, { ...reader, canAnswer: false });
    const tag = tagOf(notification);
    const priority = priorityOf(notification);
    const rings = { retry: retry / SECOND_MS, expire: expire / SECOND_MS, tags: tag };
    // Of several, some may be over and others not: `listen` sees to those.
    const isOver =
      !('bundle' in facts) && (facts.event === 'acknowledged' || facts.event === 'resolved');
    return {
      push: {
        user: to ?? user ?? '',
        title: fit([title], TITLE_MAX) || title.slice(0, TITLE_MAX),
        message: fit(lines, MESSAGE_MAX) || title.slice(0, MESSAGE_MAX),
        priority,
        timestamp: Math.floor(notification.at / SECOND_MS),
        ...(priority === 2 ? rings : {}),
        ...(reader.link === null || reader.link.length > URL_MAX
          ? {}
          : { url: reader.link, url_title: linkTitle(facts) }),
      },
      silences: isOver ? tag : null,
    };
  },
  async send({ push, silences }, given, line): Promise<Outcome> {
    const { token } = given;
    // What is not silenced falls silent by itself at `expire`.
    if (silences !== null) {
      await postJson(at(given, `receipts/cancel_by_tag/${silences}.json`), { token }, line);
    }
    const answer = await postJson(at(given, 'messages.json'), { token, ...push }, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = jsonObject(answer.body);
    const reference = said?.['receipt'] ?? said?.['request'];
    if (answer.status === 200 && said?.['status'] === 1 && typeof reference === 'string') {
      return { outcome: 'accepted', reference: reference.slice(0, 64) };
    }
    if (answer.status === 400 && said?.['token'] === 'invalid') return refused('auth', 'token');
    if (answer.status === 400 && said?.['user'] === 'invalid') return refused('address', 'user');
    return outcomeOfStatus(answer, line.clock.now());
  },
  /** How much of the month's messages is left: https://pushover.net/api#limits */
  async check(given, line): Promise<Outcome> {
    const url = at(given, `apps/limits.json?token=${encodeURIComponent(given.token)}`);
    return outcomeOfCheck(
      await get(url, line),
      line,
      ({ status, remaining }) => status === 1 && remaining !== 0,
    );
  },
  /** Whoever answered, and by whatever way: what rings for nobody is told to stop. The cursor holds what was. */
  async listen(cursor, given, line, awaited, over) {
    const isNow = (page: Notification) => isRinging(page, given.expire, line.clock.now());
    const ringing = awaited.filter(isNow);
    const silent = new Set(receiptsIn(cursor));
    const done = over.filter(isNow).flatMap(({ reference }) => reference ?? []);
    const silenced = done.filter((receipt) => silent.has(receipt));
    for (const receipt of done.filter((each) => !silent.has(each)).slice(0, RECEIPTS_MAX)) {
      if (await isSilenced(receipt, given, line)) silenced.push(receipt);
    }
    const spoken: Spoken[] = [];
    let failure: string | null = null;
    for (const page of ringing.slice(-RECEIPTS_MAX)) {
      const receipt = await receiptOf(page, given, line);
      if (receipt !== null && 'failure' in receipt) ({ failure } = receipt);
      else if (receipt !== null) spoken.push(receipt);
    }
    return failure !== null && spoken.length === 0
      ? { failure }
      : { spoken, cursor: ['silenced', ...silenced].join(' ') };
  },
};

function receiptsIn(cursor: string | null): readonly string[] {
  return (cursor ?? '').split(' ').slice(1);
}

/** false: try again, it may ring on. */
async function isSilenced(receipt: string, given: Options, line: Line): Promise<boolean> {
  const url = at(given, `receipts/${receipt}/cancel.json`);
  const answer = await postJson(url, { token: given.token }, line);
  return !('failure' in answer) && answer.status < 500 && answer.status !== 429;
}

/** A bundle rings on while one of its incidents needs somebody: it is not silenced with the first of them. */
function tagOf({ about: [first = ''], facts }: Notification): string {
  if ('bundle' in facts) return `bundle${facts.code}`;
  return `incident${first.replace(/[^A-Za-z0-9]/g, '')}`;
}

/** null: nobody has acknowledged it. */
async function receiptOf(
  { reference, facts }: Notification,
  given: Options,
  { transport, signal, clock }: Line,
): Promise<Spoken | ListenFailure | null> {
  const receipt = reference ?? '';
  const answer = await transport.call({
    url: at(given, `receipts/${receipt}.json?token=${encodeURIComponent(given.token)}`),
    method: 'GET',
    headers: {},
    body: null,
    signal,
  });
  if ('failure' in answer) return { failure: outcomeOfFailure(answer).detail };
  const said = jsonObject(answer.body);
  if (answer.status !== 200 || said?.['status'] !== 1) {
    return { failure: outcomeOfStatus(answer, clock.now()).detail };
  }
  const { acknowledged, acknowledged_at, acknowledged_by } = said;
  if (acknowledged !== 1 || typeof acknowledged_by !== 'string' || !('code' in facts)) return null;
  const sentAt = typeof acknowledged_at === 'number' ? acknowledged_at * SECOND_MS : clock.now();
  return { from: acknowledged_by, text: `ACK ${facts.code}`, sentAt, reference: receipt };
}

function isRinging({ reference, acceptedAt }: Notification, expire: number, now: number): boolean {
  // A minute for what was pressed at the last moment.
  const until = (acceptedAt ?? 0) + expire + MINUTE_MS;
  return until > now && /^[A-Za-z0-9]{1,64}$/.test(reference ?? '');
}

function priorityOf({ kind, facts }: Notification): Push['priority'] {
  if (kind === 'page' || facts.event === 'drill') return 2;
  return kind === 'post' && 'severity' in facts && facts.severity === 'critical' ? 1 : 0;
}

function at({ base_url }: Options, path: string): string {
  return `${base_url.replace(/\/+$/, '')}/1/${path}`;
}

function refused(reason: 'auth' | 'address', what: string): Outcome {
  return { outcome: 'refused', reason, detail: `HTTP 400 (${what})` };
}
