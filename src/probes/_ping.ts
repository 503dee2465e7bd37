/**
 * The system's ping (iputils): how it is called, and what it printed. Its exit code says only
 * whether anything came back; why nothing did is in its words.
 */
import type { NotRun, Ran } from '../system/program.ts';
import type { Reason } from './probe.ts';

export const INTERVAL_MS = 200;
/** What is left of the deadline for ping to sum up in. */
const MARGIN_MS = 100;
const LEAST_WAIT_MS = 100;

export interface Replies {
  readonly received: number;
  /** The mean of all replies. */
  readonly rttMs: number | null;
  /** Of the first reply: how many hops it had left. */
  readonly ttl: number | null;
  readonly failure: { readonly reason: Reason; readonly what: string } | null;
}

export function pingArgv(ip: string, packets: number, timeoutMs: number): [string, ...string[]] {
  const waitMs = Math.max(LEAST_WAIT_MS, timeoutMs - (packets - 1) * INTERVAL_MS - MARGIN_MS);
  const seconds = (ms: number): string => String(ms / 1_000);
  const pace = ['-c', String(packets), '-i', seconds(INTERVAL_MS), '-W', seconds(waitMs)];
  return ['ping', '-n', ...pace, ip];
}

const REPLY = /^\d+ bytes from .*?(?: (?:ttl|hlim)=(\d+))? time[=<]([\d.]+) ?ms/gm;
const UNREACHABLE = /unreachable|prohibited|no route|filtered|exceeded/i;

export function readPing(ran: Ran | NotRun, took: string): Replies {
  const none = (reason: Reason, what: string): Replies => ({
    ...{ received: 0, rttMs: null, ttl: null, failure: { reason, what } },
  });
  if ('failure' in ran) {
    if (ran.failure === 'timeout') return none('timeout', `no reply in ${took}`);
    const isMissing = ran.failure === 'missing';
    return none('internal', isMissing ? 'ping is not installed here' : `ping: ${ran.detail}`);
  }
  const replies = [...ran.output.matchAll(REPLY)];
  const rtts = replies.map(([, , ms]) => Number(ms));
  if (rtts.length > 0) {
    const rttMs = rtts.reduce((sum, ms) => sum + ms, 0) / rtts.length;
    const ttl = replies[0]?.[1];
    const hops = ttl === undefined ? null : Number(ttl);
    return { received: rtts.length, rttMs, ttl: hops, failure: null };
  }
  const said = `${ran.output}\n${ran.errors}`.split('\n');
  const why = said.find((line) => UNREACHABLE.test(line));
  if (why !== undefined)
    return none('unreachable', why.replace(/^.*(?:: |\d )(?=\w+ )/, '').trim());
  if (ran.exitCode === 1) return none('timeout', `no reply in ${took}`);
  const last = ran.errors.trim().split('\n').at(-1) ?? '';
  return none('internal', last === '' ? 'ping did not work' : last);
}
