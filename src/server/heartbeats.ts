/**
 * Where jobs report, by the URLs that they may have already: /heartbeat/TOKEN and healthchecks.io's
 * /ping/TOKEN are one and the same, /api/push/TOKEN is Uptime Kuma's. Whoever has the token may say
 * anything about that one job, by any method that a job's tool can use; it is never repeated.
 */
import type { Context, Handler, Hono } from 'hono';
import type { Report } from '../judge/heartbeat.ts';

/** Of what a job says of its run, this much is kept: the beginning, where commands say what is wrong. */
const MAX_WORDS_BYTES = 4 * 1024;
const EXIT_CODE = /^\d{1,3}$/;
const MAX_EXIT_CODE = 255;

export interface HeartbeatsRouteParts {
  /** The check that a token reports to. */
  readonly checkOf: (token: string) => string | undefined;
  /** `recorded: false`: it counts, but is not stored yet. undefined: there is no such check any more. */
  readonly hear: (
    check: string,
    report: Report,
  ) => Promise<{ readonly recorded: boolean } | undefined>;
}

/** The report that a request is; undefined: no such word. `words`: what came with it. */
type Read = (c: Context, words: string) => Report | undefined;
type Answer = (c: Context, status: 200 | 202 | 400 | 404) => Response;

export function heartbeatRoutes(app: Hono, parts: HeartbeatsRouteParts): void {
  const listen = (path: string, read: Read, answer: Answer): void => {
    const handle: Handler = async (c) => {
      const check = parts.checkOf(c.req.param('token') ?? '');
      if (check === undefined) return answer(c, 404);
      const words = await wordsOf(c.req.raw);
      if (words === null) return answer(c, 400);
      const report = read(c, words);
      const heard = report === undefined ? undefined : await parts.hear(check, report);
      if (heard === undefined) return answer(c, 404);
      return answer(c, heard.recorded ? 200 : 202);
    };
    app.get(path, handle).post(path, handle);
    app.all(path, (c) => c.text('only GET, HEAD and POST\n', 405, { allow: 'GET, HEAD, POST' }));
  };
  for (const base of ['/heartbeat/:token', '/ping/:token']) {
    listen(base, () => ({ word: 'success', tookMs: null }), plainly);
    listen(`${base}/:word`, (c, words) => saidBy(c.req.param('word') ?? '', words), plainly);
  }
  listen('/api/push/:token', pushed, asKuma);
}

function saidBy(word: string, detail: string): Report | undefined {
  if (word === 'start' || word === 'log') return { word, detail };
  if (word === 'fail') return { word: 'failure', exitCode: null, detail };
  const exitCode = Number(word);
  if (!EXIT_CODE.test(word) || exitCode > MAX_EXIT_CODE) return undefined;
  if (exitCode === 0) return { word: 'success', tookMs: null };
  return { word: 'failure', exitCode, detail };
}

/** As Kuma reads it: without a status it is up, and any other than "up" is down. */
function pushed(c: Context): Report {
  const { status = 'up', msg = '', ping = '' } = c.req.query();
  if (status !== 'up') return { word: 'failure', exitCode: null, detail: legible(msg) };
  const tookMs = Number(ping);
  return { word: 'success', tookMs: ping !== '' && tookMs >= 0 ? tookMs : null };
}

const TEXTS = {
  200: 'OK\n',
  202: 'OK, not stored yet\n',
  400: 'the request was cut off\n',
  404: 'not found\n',
};

const plainly: Answer = (c, status) => c.text(TEXTS[status], status);

const asKuma: Answer = (c, status) =>
  status < 400
    ? c.json({ ok: true }, status)
    : c.json({ ok: false, msg: TEXTS[status].trim() }, status);

/** The first 4 KiB of a body, read to its end: a job must not fail for having had much to say. null: cut off. */
async function wordsOf(request: Request): Promise<string | null> {
  const body: AsyncIterable<Uint8Array> | null = request.body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      if (bytes < MAX_WORDS_BYTES) chunks.push(chunk.subarray(0, MAX_WORDS_BYTES - bytes));
      bytes += chunk.length;
    }
  } catch {
    return null;
  }
  return legible(Buffer.concat(chunks).toString());
}

/** At most 4 KiB, and nothing that a terminal would obey. */
function legible(text: string): string {
  const plain = text.replaceAll(/[^\P{C}\n\t]/gu, '').trim();
  return Buffer.from(plain).toString('utf8', 0, MAX_WORDS_BYTES);
}
