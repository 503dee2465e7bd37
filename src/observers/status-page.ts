/**
 * What customers see: each check by the name they know it by, and its state in words. It shows no
 * target, no reason and nothing else from inside, and a check that was not looked at lately is "not
 * known", however well it was.
 */
import type { Check, Config } from '../config/config.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import { silenceOver } from '../incident/coverage.ts';
import type { Status } from '../judge/verdict.ts';
import { statusNow } from '../judge/freshness.ts';

type Shown = Status | 'maintenance';

const WORDS: Readonly<Record<Shown, string>> = {
  up: 'Working',
  degraded: 'Working, with problems',
  down: 'Not working',
  unknown: 'Not known',
  maintenance: 'Under maintenance',
};

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
ul { list-style: none; padding: 0; }
li { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between;
  padding: 0.5rem 0; border-top: 1px solid; overflow-wrap: anywhere; }
.down { font-weight: bold; }
`;

/** A whole HTML document, without scripts, and the one style in it, for its hash. */
export interface StatusPage {
  readonly html: string;
  readonly style: string;
}

/** `now`: epoch ms. */
export function statusPage(config: Config, board: ReadonlyBoard, now: number): StatusPage {
  const lines = [...config.checks.values()].map((check) => shown(check, config, board, now));
  const sentence = overall(lines.map(({ status }) => status));
  const items = lines.map(
    ({ name, status, when }) =>
      `<li class="${status}"><span>${escaped(name)}</span><span>${WORDS[status]}${when}</span></li>`,
  );
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${sentence}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${sentence}</h1>
<ul role="list">
${items.join('\n')}
</ul>
<p>As of ${time(now)}.</p>
</main>
</body>
</html>
`;
  return { html, style: STYLE };
}

interface Line {
  readonly name: string;
  readonly status: Shown;
  /** Escaped. */
  readonly when: string;
}

/** While it is worked on as planned, nothing else is said of it: up and down mean nothing then. */
function shown(check: Check, config: Config, board: ReadonlyBoard, now: number): Line {
  const name = check.says ?? check.name;
  const silence = silenceOver(board, check.id, config, now);
  if (typeof silence?.window === 'string' && silence.endsAt !== null) {
    const why = silence.why === '' ? '' : `: ${escaped(silence.why)}`;
    return { name, status: 'maintenance', when: ` until ${time(silence.endsAt)}${why}` };
  }
  const state = board.checks.get(check.id);
  const status = statusNow(check, state, now);
  // What is too old to say anything has no time either.
  if (status !== state?.status) return { name, status, when: '' };
  const { since } = state;
  if (status === 'up') return { name, status, when: '' };
  // Why and by whom is not for customers; that somebody knows of it is.
  const known = status === 'down' && silence !== undefined ? ' (known)' : '';
  return { name, status, when: ` since ${time(since)}${known}` };
}

function overall(all: readonly Shown[]): string {
  const planned = all.filter((status) => status === 'maintenance').length;
  const sentence = overallOf(all.filter((status) => status !== 'maintenance'));
  if (planned === 0) return sentence;
  if (planned === all.length) return 'Under maintenance';
  return `${sentence}, ${String(planned)} under maintenance`;
}

function overallOf(statuses: readonly Shown[]): string {
  const count = (wanted: Shown): number => statuses.filter((status) => status === wanted).length;
  const total = statuses.length;
  if (total === 0) return 'Nothing is watched yet';
  if (count('down') > 0) return `${String(count('down'))} of ${String(total)} not working`;
  if (count('unknown') === total) return 'The state is not known';
  if (count('unknown') > 0) return `The state of ${String(count('unknown'))} is not known`;
  if (count('degraded') > 0) return 'Everything works, some of it with problems';
  return 'Everything works';
}

function time(at: number): string {
  const instant = new Date(at).toISOString();
  return `<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC</time>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
