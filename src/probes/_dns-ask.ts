/**
 * One question to one name server: by UDP and, where the answer did not fit, again by TCP, within
 * one deadline. A datagram that is lost is not sent again: the next look will.
 */
import type { Family } from '../system/resolver.ts';
import type { Connected } from '../system/transport.ts';
import { isAnswerTo, isTruncated, MAX_MESSAGE_BYTES, question, read } from './_dns-wire.ts';
import type { DnsAnswer, RecordType } from './_dns-wire.ts';
import { failureOf, printTook } from './_look.ts';
import type { LookFailure } from './_look.ts';
import type { Sight } from './probe.ts';

export interface DnsQuestion {
  readonly name: string;
  readonly record: RecordType;
  readonly over: 'udp' | 'tcp';
  /** Of the server's address; either unless it is said. */
  readonly family?: Family | undefined;
}

export interface DnsAsked {
  readonly ip: string | null;
  /** Milliseconds: the server's own name, the connection, from the question to the answer. */
  readonly phases: { readonly resolve: number; readonly connect: number; readonly request: number };
  readonly answer: DnsAnswer | null;
  readonly failure: LookFailure | null;
}

interface Server {
  readonly host: string;
  readonly port: number;
}

/** Never rejects but for our own trouble; the sight's `timeoutMs` is for all of it. */
export async function ask(asked: DnsQuestion, server: Server, sight: Sight): Promise<DnsAsked> {
  if (asked.over === 'tcp') return askByTcp(asked, server, sight);
  const { clock, transport, timeoutMs, signal } = sight;
  const startedAt = clock.monotonic();
  const { name, record, family } = asked;
  const heard = await transport.datagram({
    ...server,
    family,
    timeoutMs,
    signal,
    payload: (nonce) => question(name, record, nonce),
    accepts: (received, nonce) => isAnswerTo(question(name, record, nonce), received),
  });
  if ('failure' in heard) {
    const { resolve, connect, processing } = heard.phases;
    const phases = { resolve, connect, request: processing };
    return { ip: heard.ip, phases, answer: null, failure: failureOf(heard) };
  }
  if (isTruncated(heard.answer)) {
    const left = Math.max(0, timeoutMs - (clock.monotonic() - startedAt));
    return askByTcp(asked, server, { ...sight, timeoutMs: left });
  }
  const phases = { resolve: heard.resolveMs, connect: 0, request: heard.answerMs };
  return { ip: heard.ip, phases, ...understood(heard.answer, record, heard.ip) };
}

async function askByTcp(asked: DnsQuestion, server: Server, sight: Sight): Promise<DnsAsked> {
  const { clock, transport, timeoutMs, signal } = sight;
  const startedAt = clock.monotonic();
  const { family } = asked;
  const dialled = await transport.connect({ ...server, family, timeoutMs, signal });
  if ('failure' in dialled) {
    const { resolve, connect } = dialled.phases;
    const phases = { resolve, connect, request: 0 };
    return { ip: dialled.ip, phases, answer: null, failure: failureOf(dialled) };
  }
  const connectedAt = clock.monotonic();
  const left = Math.max(0, timeoutMs - (connectedAt - startedAt));
  // Nobody else can answer on a connection: its question needs no secret mark.
  const sent = question(asked.name, asked.record, 0);
  const said = await converse(dialled, sent, { ...sight, timeoutMs: left });
  const request = clock.monotonic() - connectedAt;
  const phases = { resolve: dialled.resolveMs, connect: dialled.connectMs, request };
  const { ip } = dialled;
  if (typeof said === 'string') {
    const late = said === 'timeout' ? ` in ${printTook(clock.monotonic() - startedAt)}` : '';
    return { ip, phases, answer: null, failure: failureBy(said, `${WORDS[said]}${late}`, ip) };
  }
  return { ip, phases, ...understood(said, asked.record, ip) };
}

const WORDS = {
  timeout: 'no answer',
  reset: 'connection closed before the answer was complete',
  too_large: 'more than 8 KiB of answer',
  protocol: 'not a valid DNS answer',
} as const;

function failureBy(reason: keyof typeof WORDS, what: string, ip: string): LookFailure {
  return { reason, detail: `${what} (${ip})`, certificateEndsAt: null };
}

function understood(received: Buffer, record: RecordType, ip: string) {
  if (received.length > MAX_MESSAGE_BYTES) {
    return { answer: null, failure: failureBy('too_large', WORDS.too_large, ip) };
  }
  const answer = read(received, record);
  return answer === null
    ? { answer, failure: failureBy('protocol', WORDS.protocol, ip) }
    : { answer, failure: null };
}

/** Each message has its length before it (RFC 1035, 4.2.2). Ends with no open socket. */
function converse(
  { socket }: Connected,
  sent: Buffer,
  { clock, timeoutMs, signal }: Sight,
): Promise<Buffer | keyof typeof WORDS> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (outcome: Buffer | keyof typeof WORDS): void => {
      alarm.cancel();
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(outcome);
    };
    const stop = (): void => {
      end('timeout');
    };
    const alarm = clock.alarm(clock.now() + timeoutMs, stop);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', () => {
      end('reset');
    });
    socket.on('end', () => {
      end('reset');
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (length > MAX_MESSAGE_BYTES) end('too_large');
      else if (received.length >= length + 2) {
        const message = received.subarray(2, length + 2);
        end(isAnswerTo(sent, message) ? message : 'protocol');
      }
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sent.length);
    socket.write(Buffer.concat([length, sent]));
  });
}
