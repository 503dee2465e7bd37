import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TocsinEvent } from '../../src/events.ts';
import { statusPage } from '../../src/observers/status-page.ts';
import { createListener } from '../../src/server/listener.ts';
import { createPublic } from '../../src/server/public.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, NOTHING_ELSE, boardOf, checkOf, configOf, MORNING, stateOf } from './house.ts';

const clock = new VirtualClock(MORNING);
const events: TocsinEvent[] = [];
let broken = false;
let port = 0;
let listener: ReturnType<typeof createPublic>;

beforeEach(async () => {
  broken = false;
  const board = boardOf([], []);
  board.checks.set('shop', stateOf('shop'));
  listener = createPublic({
    page: () => {
      if (broken) throw new Error('no page today');
      return statusPage(configOf([checkOf('shop')]), board, MORNING);
    },
    checkOf: () => undefined,
    hear: () => Promise.resolve(undefined),
    ...NOTHING_ELSE,
    emit: (event) => events.push(event),
    clock,
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

describe('the public listener', () => {
  it('shows the page, and lets a browser run nothing on it but its own style', async () => {
    const { status, headers, text } = await ask(port, 'GET', '/');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=UTF-8');
    const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('shows the page as it is now, also when the clock was set back', async () => {
    expect((await ask(port, 'GET', '/')).status).toBe(200);
    broken = true;
    expect((await ask(port, 'GET', '/')).status).toBe(200);
    clock.step(-3_600_000);
    await clock.advance(1_000);
    expect((await ask(port, 'GET', '/')).status).toBe(500);
  });

  it('answers under any name: it faces the internet', async () => {
    expect((await ask(port, 'GET', '/', { host: 'status.example.com' })).status).toBe(200);
  });

  it('HEAD has the headers and no body', async () => {
    const { status, text } = await ask(port, 'HEAD', '/');
    expect([status, text]).toEqual([200, '']);
  });

  it.each(['/metrics', '/api/v1/checks', '/-/healthy', '/..%2fmetrics', '/index.html'])(
    'has nothing at %s',
    async (path) => {
      const { status, headers } = await ask(port, 'GET', path);
      expect(status).toBe(404);
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('changes nothing by a POST', async () => {
    expect((await ask(port, 'POST', '/', {}, 'x')).status).toBe(404);
  });

  it('says no more than that it failed when it failed', async () => {
    broken = true;
    const { status, text } = await ask(port, 'GET', '/');
    expect([status, text]).toEqual([500, 'internal error\n']);
    expect(events.at(-1)).toMatchObject({ type: 'trouble', what: 'no page today' });
  });
});

describe('a listener', () => {
  it('takes no more connections than it said', async () => {
    const small = createListener(() => new Response('hi'), { maxConnections: 1 }, clock);
    const started = await small.start({ host: '127.0.0.1', port: 0 });
    const at = 'port' in started ? started.port : 0;
    const first = connect(at, '127.0.0.1');
    first.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(first, 'data');
    const second = connect(at, '127.0.0.1');
    await once(second.resume(), 'close');
    first.destroy();
    await once(first, 'close');
    await small.stop();
  });

  it('that was never started stops at once', async () => {
    await createListener(() => new Response('hi'), { maxConnections: 1 }, clock).stop();
  });
});
