/**
 * How a channel is asked whether it would work, without telling anybody anything: one GET, and what
 * the vendor promises in its answer. A portal that says 200 to everything does not pass.
 */
import type { Outcome } from '../incident/notification.ts';
import type { Answer, NetworkFailure } from '../system/transport.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import type { Line } from './channel.ts';

export function get(
  url: string,
  { transport, signal }: Line,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | NetworkFailure> {
  return transport.call({ url, method: 'GET', headers, body: null, signal });
}

/** `isWell`: does the vendor's JSON say what it says to somebody whom it would serve? */
export function outcomeOfCheck(
  answer: Answer | NetworkFailure,
  { clock }: Pick<Line, 'clock'>,
  isWell: (said: Readonly<Record<string, unknown>>) => boolean,
): Outcome {
  if ('failure' in answer) return outcomeOfFailure(answer);
  const said = jsonObject(answer.body);
  if (answer.status === 200 && said !== null && isWell(said)) {
    return { outcome: 'accepted', reference: null };
  }
  return outcomeOfStatus(answer, clock.now());
}
