/** How most vendors want it: JSON by POST. And text in no more room than a vendor gives. */
import type { Answer, NetworkFailure } from '../system/transport.ts';
import type { Line } from './channel.ts';

export function postJson(
  url: string,
  body: unknown,
  { transport, signal }: Line,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | NetworkFailure> {
  return transport.call({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });
}

/** Whole lines, as many as have room: half of one could end within an entity or a mark. */
export function fit(
  lines: readonly string[],
  max: number,
  escape: (line: string) => string = (line) => line,
): string {
  let text = '';
  for (const line of lines) {
    const longer = text === '' ? escape(line) : `${text}\n${escape(line)}`;
    if (longer.length > max) break;
    text = longer;
  }
  return text;
}
