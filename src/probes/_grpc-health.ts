/**
 * One call of grpc.health.v1.Health/Check over a socket that is already connected. The messages are
 * a few bytes of protobuf and are made by hand: a field that is missing has its default, so that an
 * empty answer is UNKNOWN.
 */
import { connect } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';
import type { Connected } from '../system/transport.ts';
import type { LookFailure } from './_look.ts';
import { printTarget, printTook } from './_look.ts';
import type { Reason, Sight } from './probe.ts';

export const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type ServingStatus = (typeof SERVING_STATUSES)[number];

export const MAX_SERVICE_LENGTH = 100;

const PATH = '/grpc.health.v1.Health/Check';
const MAX_ANSWER_BYTES = 4 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_SESSION_MEGABYTES = 1;
const MAX_TEXT_LENGTH = 100;

export interface Checked {
  /** Of the answer, 200 if it is one of gRPC; null without one. */
  readonly httpStatus: number | null;
  /** 0 is OK; null: the answer is not one of gRPC. */
  readonly grpcStatus: number | null;
  /** What the server says about it, at most 100 characters. */
  readonly grpcMessage: string;
  readonly serving: ServingStatus | null;
  readonly checkMs: number;
  readonly failure: LookFailure | null;
}

/** Never rejects, and destroys the socket. Ends `timeoutMs` after `startedAt` at the latest. */
export function checkHealth(
  { socket, ip }: Connected,
  to: { readonly host: string; readonly port: number; readonly isTls: boolean },
  service: string,
  { clock, timeoutMs, signal }: Sight,
  startedAt: number,
): Promise<Checked> {
  return new Promise((resolve) => {
    const beganAt = clock.monotonic();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let headers: IncomingHttpHeaders | null = null;
    let trailers: IncomingHttpHeaders = {};
    let isOver = false;

    const end = (failure: LookFailure | null): void => {
      if (isOver) return;
      isOver = true;
      alarm.cancel();
      signal.removeEventListener('abort', stop);
      const checkMs = clock.monotonic() - beganAt;
      resolve({ ...answerOf(headers, trailers, Buffer.concat(chunks)), checkMs, failure });
      session.destroy();
      socket.destroy();
    };
    const fail = (reason: Reason, what: string): void => {
      const detail = `${what} (${printTarget({ host: ip, port: to.port })})`.slice(0, 200);
      end({ reason, detail, certificateEndsAt: null });
    };
    const broken = (error: Error): void => fail(...causeOf(error));
    const stop = (): void => fail('timeout', `no answer in ${printTook(clock.now() - startedAt)}`);
    const alarm = clock.alarm(startedAt + timeoutMs, stop);
    const authority = `${to.isTls ? 'https' : 'http'}://${printTarget(to)}`;
    const session = connect(authority, {
      createConnection: () => socket,
      maxSessionMemory: MAX_SESSION_MEGABYTES,
      settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_BYTES },
    });
    session.on('error', broken);
    session.on('close', () => fail('reset', 'connection closed before there was an answer'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
      return;
    }
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      'grpc-timeout': `${Math.ceil(timeoutMs)}m`,
      'user-agent': 'tocsin',
      te: 'trailers',
    });
    stream.on('error', broken);
    stream.on('response', (received) => (headers = received));
    stream.on('trailers', (received) => (trailers = received));
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) fail('too_large', 'more than 4 KiB of answer');
      else chunks.push(chunk);
    });
    stream.on('close', () => {
      if (headers === null) fail('reset', 'stream closed before there was an answer');
      else end(null);
    });
    stream.end(requestFor(service));
  });
}

/** Not compressed, its length, and HealthCheckRequest { string service = 1 }. */
function requestFor(service: string): Buffer {
  const name = Buffer.from(service);
  // At most MAX_SERVICE_LENGTH, so that its length is one byte.
  const field = name.length === 0 ? [] : [0x0a, name.length];
  return Buffer.concat([Buffer.from([0, 0, 0, 0, field.length + name.length, ...field]), name]);
}

function answerOf(
  headers: IncomingHttpHeaders | null,
  trailers: IncomingHttpHeaders,
  body: Buffer,
): Omit<Checked, 'checkMs' | 'failure'> {
  const none = { grpcStatus: null, grpcMessage: '', serving: null };
  if (headers === null) return { httpStatus: null, ...none };
  const httpStatus = Number(headers[':status']);
  // An answer without a body has its trailers in the headers.
  const { 'grpc-status': status, 'grpc-message': message } = { ...headers, ...trailers };
  const isGrpc = headers['content-type']?.startsWith('application/grpc') ?? false;
  if (!isGrpc || !/^\d{1,2}$/.test(String(status))) return { httpStatus, ...none };
  const grpcStatus = Number(status);
  const grpcMessage = String(message ?? '').slice(0, MAX_TEXT_LENGTH);
  return {
    httpStatus,
    grpcStatus,
    grpcMessage,
    serving: grpcStatus === 0 ? servingOf(body) : null,
  };
}

/** HealthCheckResponse { ServingStatus status = 1 }; null: it is none. */
function servingOf(body: Buffer): ServingStatus | null {
  const message = body.subarray(5);
  if (body[0] !== 0 || message.length !== body.readUInt32BE(1)) return null;
  if (message.length === 0) return SERVING_STATUSES[0];
  const isEnum = message.length === 2 && message[0] === 0x08;
  return (isEnum ? SERVING_STATUSES[message[1] ?? 0] : undefined) ?? null;
}

function causeOf(error: Error): [Reason, string] {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' || code === 'EPIPE') return ['reset', 'connection reset'];
  if (code === 'ERR_HTTP2_STREAM_ERROR') return ['reset', error.message];
  return ['protocol', `not a valid HTTP/2 answer: ${error.message}`];
}
