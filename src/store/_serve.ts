/**
 * The other end of a Thread: takes everything that has come in meanwhile, answers it in order.
 * Requests of a kind that may share a transaction, and that came one after the other, are taken
 * together: that is the whole of group commit.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { messageOf } from './_database.ts';
import type { Calls, Reply, Request } from './_thread.ts';

/** Bounds what one failure can take with it, and how long the first of a group waits. */
const GROUP_REQUESTS = 256;

interface Together {
  readonly call: string;
  /** The only argument of each request in, as many answers out. */
  readonly answer: (requests: readonly unknown[]) => readonly unknown[];
}

export function trouble(what: string): void {
  parentPort?.postMessage({ trouble: what } satisfies Reply);
}

export function serve<C extends Calls<C>>(calls: C, together?: Together): void {
  const port = parentPort;
  if (port === null) throw new Error('this file is started as a thread');
  const answerOne = ({ n, call, args }: Request): Reply => {
    try {
      return { n, value: calls[call as keyof C](...args) };
    } catch (error) {
      return { n, error: messageOf(error) };
    }
  };
  port.on('message', (first: Request) => {
    const requests = [first];
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      requests.push(next.message as Request);
    }
    for (const group of groups(requests, together?.call)) {
      if (together && group[0]?.call === together.call) {
        const values = together.answer(group.map(({ args }) => args[0]));
        group.forEach(({ n }, i) => port.postMessage({ n, value: values[i] } satisfies Reply));
      } else {
        for (const request of group) port.postMessage(answerOne(request));
      }
    }
  });
}

/** Neighbours that are all of this kind, or a single request of another. */
function groups(requests: readonly Request[], kind: string | undefined): Request[][] {
  const found: Request[][] = [];
  for (const request of requests) {
    const last = found.at(-1);
    const joins = request.call === kind && last?.[0]?.call === kind;
    if (joins && last.length < GROUP_REQUESTS) last.push(request);
    else found.push([request]);
  }
  return found;
}
