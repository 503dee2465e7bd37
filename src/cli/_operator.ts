/**
 * The running daemon, asked over its operator listener, whose address and token are read from the
 * configuration. Everything else in that file may be broken: an acknowledgement must get through.
 */
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { channels } from '../channels/index.ts';
import { loadOperator } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { probes } from '../probes/index.ts';
import { printProblem } from './_problem.ts';
import type { CommonOptions, ExitCode, Terminal } from './terminal.ts';

const PATIENCE_MS = 15_000;

export type Asked =
  | { readonly body: unknown; readonly recorded: boolean }
  /** Said on stderr already. */
  | { readonly failed: ExitCode };

export async function ask(
  options: CommonOptions,
  terminal: Terminal,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<Asked> {
  const request = { file: options.config, env: terminal.env, probes, channels };
  const operator = await loadOperator(request);
  if ('problems' in operator) {
    for (const problem of operator.problems) terminal.err(formatProblem(problem));
    return { failed: 2 };
  }
  const { host, port } = operator.listen.operator;
  const [token] = operator.tokens;
  const where = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  const clock = systemClock();
  const transport = createTransport({ resolver: new OwnResolver({ clock }), clock });
  const answer = await transport.call({
    url: `http://${where}${path}`,
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await transport.close();
  if ('failure' in answer) {
    terminal.err(`no answer from the daemon at ${where} (${answer.failure}): is it running?`);
    return { failed: 1 };
  }
  if (answer.status >= 400) {
    printProblem(answer, terminal);
    return { failed: 1 };
  }
  const isJson = (answer.headers['content-type'] ?? '').includes('json');
  return { body: isJson ? JSON.parse(answer.body) : answer.body, recorded: answer.status !== 202 };
}

/** Walks a list page by page, at most 10,000 items. */
export async function askAll(
  options: CommonOptions,
  terminal: Terminal,
  path: string,
): Promise<{ readonly items: readonly unknown[] } | { readonly failed: ExitCode }> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const joint = path.includes('?') ? '&' : '?';
    const rest = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await ask(options, terminal, 'GET', `${path}${joint}limit=500${rest}`);
    if ('failed' in page) return page;
    const { items: more, next } = page.body as { items: readonly unknown[]; next: string | null };
    items.push(...more);
    cursor = next;
  } while (cursor !== null && items.length < 10_000);
  return { items };
}
