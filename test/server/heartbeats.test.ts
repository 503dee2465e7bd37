import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TocsinEvent } from '../../src/events.ts';
import type { Report } from '../../src/judge/heartbeat.ts';
import { createPublic } from '../../src/server/public.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, NOTHING_ELSE, MORNING } from './house.ts';

const TOKEN = 'token of the/backup';
const AT = encodeURIComponent(TOKEN);
const SUCCESS: Report = { word: 'success', tookMs: null };

const clock = new VirtualClock(MORNING);
let heard: Report[];
let events: TocsinEvent[];
let answer: { readonly recorded: boolean } | undefined;
let port: number;
let listener: ReturnType<typeof createPublic>;

beforeEach(async () => {
  heard = [];
  events = [];
  answer = { recorded: true };
  listener = createPublic({
    page: () => ({ html: '', style: '' }),
    checkOf: (token) => (token === TOKEN ? 'backup' : undefined),
    hear: async (check, report) => {
      if (check === 'backup') heard.push(report);
      return answer;
    },
    ...NOTHING_ELSE,
    emit: (event) => events.push(event),
    clock,
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

describe.each(['/heartbeat', '/ping'])('%s/TOKEN', (base) => {
  it.each(['GET', 'HEAD', 'POST'])('%s is a success', async (method) => {
    const { status, text } = await ask(port, method, `${base}/${AT}`);
    expect([status, text]).toEqual([200, method === 'HEAD' ? '' : 'OK\n']);
    expect(heard).toEqual([SUCCESS]);
  });

  it.each<[string, Report]>([
    ['start', { word: 'start', detail: 'why' }],
    ['log', { word: 'log', detail: 'why' }],
    ['fail', { word: 'failure', exitCode: null, detail: 'why' }],
    ['0', SUCCESS],
    ['3', { word: 'failure', exitCode: 3, detail: 'why' }],
    ['255', { word: 'failure', exitCode: 255, detail: 'why' }],
  ])('/%s says so, with its words and whatever run id', async (word, report) => {
    const path = `${base}/${AT}/${word}?rid=728b3763-ebe2-4bcc-bbd1-1f2a1f2a1f2a`;
    expect((await ask(port, 'POST', path, {}, 'why\n')).status).toBe(200);
    expect(heard).toEqual([report]);
  });

  it.each(['256', '-1', '3.0', '0x3', 'starting', 'start/again', ''])(
    '/%s is nothing, and nothing is heard',
    async (word) => {
      expect((await ask(port, 'POST', `${base}/${AT}/${word}`)).status).toBe(404);
      expect(heard).toEqual([]);
    },
  );
});

describe('/api/push/TOKEN', () => {
  it.each<[string, Report]>([
    ['', SUCCESS],
    ['?status=up&msg=OK&ping=', SUCCESS],
    ['?status=up&msg=OK&ping=1234', { word: 'success', tookMs: 1234 }],
    ['?status=up&ping=soon', SUCCESS],
    [
      '?status=down&msg=disk%20full&ping=',
      { word: 'failure', exitCode: null, detail: 'disk full' },
    ],
    ['?status=DOWN', { word: 'failure', exitCode: null, detail: '' }],
  ])('%s is read as Kuma reads it', async (query, report) => {
    const { status, text } = await ask(port, 'GET', `/api/push/${AT}${query}`);
    expect([status, text]).toEqual([200, '{"ok":true}']);
    expect(heard).toEqual([report]);
  });

  it('says that it does not know a token in the way that Kuma does', async () => {
    const { status, text } = await ask(port, 'GET', '/api/push/nobody');
    expect([status, JSON.parse(text)]).toEqual([404, { ok: false, msg: 'not found' }]);
  });
});

describe('the listener', () => {
  it.each(['/heartbeat/nobody', '/ping/nobody/start', '/ping/nobody/3', '/api/push/nobody'])(
    'does not know %s, repeats nothing of it and tells nobody',
    async (path) => {
      const { status, text } = await ask(port, 'POST', path, {}, 'x'.repeat(10_000));
      expect(status).toBe(404);
      expect(text).not.toContain('nobody');
      expect([heard, events]).toEqual([[], []]);
    },
  );

  it('says 202 when a report counts but is not stored yet', async () => {
    answer = { recorded: false };
    expect((await ask(port, 'GET', `/ping/${AT}`)).status).toBe(202);
    const { status, text } = await ask(port, 'GET', `/api/push/${AT}`);
    expect([status, text]).toEqual([202, '{"ok":true}']);
  });

  it('says 404 when the check went away in between', async () => {
    answer = undefined;
    expect((await ask(port, 'GET', `/ping/${AT}`)).status).toBe(404);
  });

  it('takes no other method, for a token that is right or wrong alike', async () => {
    for (const token of [AT, 'nobody']) {
      const { status, headers } = await ask(port, 'DELETE', `/heartbeat/${token}`);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    }
    expect(heard).toEqual([]);
  });

  it('keeps the first 4 KiB of a megabyte, and does not refuse the job for the rest', async () => {
    const body = `disk full${'.'.repeat(1_048_576)}`;
    expect((await ask(port, 'POST', `/ping/${AT}/1`, {}, body)).status).toBe(200);
    const [report] = heard;
    expect(report).toMatchObject({ word: 'failure', exitCode: 1 });
    const detail = report && 'detail' in report ? report.detail : '';
    expect(Buffer.byteLength(detail)).toBe(4_096);
    expect(detail.startsWith('disk full...')).toBe(true);
  });

  it('leaves out what a terminal would obey, and survives what is not UTF-8', async () => {
    await ask(port, 'POST', `/ping/${AT}/fail`, {}, '\u001b[31mred\u0007\n\tline\u009b2J \u202e');
    expect(heard).toEqual([{ word: 'failure', exitCode: null, detail: '[31mred\n\tline2J' }]);
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /ping/${AT}/fail HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n`);
    socket.write(Buffer.from([0xff, 0x61, 0xc3]));
    await once(socket, 'data');
    socket.destroy();
    expect(heard[1]).toMatchObject({ detail: '\ufffda\ufffd' });
  });

  it('does not count a request that was cut off', async () => {
    const reached = Promise.withResolvers<undefined>();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /ping/${AT} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n`);
    socket.write('content-length: 9\r\n\r\n');
    socket.once('data', () => reached.resolve(undefined));
    await reached.promise;
    socket.end('half');
    await once(socket.resume(), 'close');
    expect(await ask(port, 'GET', `/ping/${AT}/log`)).toMatchObject({ status: 200 });
    expect(heard).toEqual([{ word: 'log', detail: '' }]);
    expect(events).toEqual([]);
  });
});
