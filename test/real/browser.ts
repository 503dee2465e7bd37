/**
 * Debian's Chromium without a window, spoken to by its own protocol: opens a page and asks it
 * things, so that what a phone would show and do is what was tested.
 * https://chromedevtools.github.io/devtools-protocol/
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Browser {
  /** Resolves when the page has loaded. */
  open(url: string): Promise<void>;
  /** What an expression comes to in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Evaluates, and resolves when the page that follows from it has loaded. */
  follow(expression: string): Promise<void>;
  close(): Promise<void>;
}

interface Said {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
}

export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'tocsin-chromium-'));
  const child = spawn(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'],
      ...[
        '--disable-background-networking',
        '--no-first-run',
        '--disable-component-update',
        '--window-size=390,844',
      ],
      ...[`--user-data-dir=${profile}`, 'about:blank'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const socket = new WebSocket(await addressSaid(child.stderr));
  await once(socket, 'open');
  const hearers = new Set<(said: Said) => void>();
  socket.addEventListener('message', ({ data }) => {
    const said = JSON.parse(String(data)) as Said;
    for (const hear of [...hearers]) hear(said);
  });
  const waitFor = (wanted: (said: Said) => boolean): Promise<Said> =>
    new Promise((resolve) => {
      const hear = (said: Said): void => {
        if (!wanted(said)) return;
        hearers.delete(hear);
        resolve(said);
      };
      hearers.add(hear);
    });
  let asked = 0;
  const ask = async (method: string, params: object = {}, sessionId?: string) => {
    const id = (asked += 1);
    const answer = waitFor((said) => said.id === id);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return (await answer).result ?? {};
  };
  const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true });
  const inPage = (method: string, params?: object) => ask(method, params, String(sessionId));
  await inPage('Page.enable');
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await inPage('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  };
  const loadedAfter = async (work: () => Promise<unknown>): Promise<void> => {
    const loaded = waitFor(({ method }) => method === 'Page.loadEventFired');
    await work();
    await loaded;
  };
  return {
    open: (url) => loadedAfter(() => inPage('Page.navigate', { url })),
    evaluate,
    follow: (expression) => loadedAfter(() => evaluate(expression)),
    async close() {
      const gone = once(child, 'exit');
      await ask('Browser.close');
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function addressSaid(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const found = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('Chromium did not start');
}
