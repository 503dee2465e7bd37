/**
 * The running daemon, asked over its operator listener, whose address and token are read from the
 * configuration or given by hand. Everything else in that file may be broken, and with --url it need
 * not be there at all: an acknowledgement must get through.
 */
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { formatProblem } from '../config/problem.ts';
import { loadOperatorOrLast } from '../loading/last-good.ts';
import { printProblem } from './_problem.ts';
import type { AskOptions, ExitCode, Terminal } from './terminal.ts';

const PATIENCE_MS = 15_000;

export type Asked =
  | { readonly body: unknown; readonly recorded: boolean }
  /** Said on stderr already. `status`: of the answer, if there was one. */
  | { readonly failed: ExitCode; readonly status?: number };

export async function ask(
  options: AskOptions,
  terminal: Terminal,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<Asked> {
  const reach = await whereToAsk(options, terminal);
  if ('failed' in reach) return reach;
  const { where, token } = reach;
  const clock = systemClock();
  const transport = createTransport({ resolver: new OwnResolver({ clock }), clock });
  const answer = await transport.call({
    url: `${where}${path}`,
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
    return { failed: 1, status: answer.status };
  }
  const isJson = (answer.headers['content-type'] ?? '').includes('json');
  return { body: isJson ? JSON.parse(answer.body) : answer.body, recorded: answer.status !== 202 };
}

async function whereToAsk(
  options: AskOptions,
  terminal: Terminal,
): Promise<{ where: string; token: string | undefined } | { failed: ExitCode }> {
  const url = options.url ?? terminal.env['TOCSIN_URL'];
  const token = options.token ?? terminal.env['TOCSIN_TOKEN'];
  if (url !== undefined) {
    const where = URL.parse(url);
    if (where !== null && /^https?:$/.test(where.protocol)) {
      return { where: where.href.replace(/\/$/, ''), token };
    }
    terminal.err(`--url ${url}: expected a URL such as http://127.0.0.1:9110`);
    return { failed: 2 };
  }
  const operator = await loadOperatorOrLast({ file: options.config, env: terminal.env });
  if ('problems' in operator) {
    for (const problem of operator.problems) terminal.err(formatProblem(problem));
    terminal.err('(--url http://127.0.0.1:9110 asks a running daemon without that file)');
    return { failed: 2 };
  }
  const { host, port } = operator.listen.operator;
  const where = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return { where, token: token ?? operator.tokens[0] };
}

/** Walks a list page by page, at most 10,000 items. */
export async function askAll(
  options: AskOptions,
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
