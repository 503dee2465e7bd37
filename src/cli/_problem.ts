/** A refusal of the API (RFC 9457), in words for a terminal. */
import type { Answer } from '../system/transport.ts';
import type { Terminal } from './terminal.ts';

export function printProblem({ status, body }: Answer, terminal: Terminal): void {
  const { title, detail } = parse(body);
  terminal.err(title ?? `refused: HTTP ${String(status)}`);
  if (detail !== undefined) terminal.err(detail);
}

function parse(body: string): { readonly title?: string; readonly detail?: string } {
  try {
    return JSON.parse(body) as { title?: string; detail?: string };
  } catch {
    return {};
  }
}
