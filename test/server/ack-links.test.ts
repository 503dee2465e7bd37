import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Drill } from '../../src/incident/drill.ts';
import type { Incident } from '../../src/incident/incident.ts';
import { createPublic } from '../../src/server/public.ts';
import { drill } from '../store/rows.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, incidentOf, MORNING, NOTHING_ELSE } from './house.ts';

const TOKEN = '6tf0mcz1xw9qk2v7ydnb3h5ja';

let incident: Incident;
/** Beside it, where the link is of a message about several. */
let others: readonly Incident[];
let asked: Drill | null;
let isKnown: boolean;
let acknowledged: string[];
let recorded: boolean;
let port: number;
let listener: ReturnType<typeof createPublic>;

beforeEach(async () => {
  incident = incidentOf('7K', { title: '<b>Shop</b> & co', severity: 'critical' });
  others = [];
  asked = null;
  isKnown = true;
  acknowledged = [];
  recorded = true;
  listener = createPublic({
    ...NOTHING_ELSE,
    page: () => ({ html: '', style: '' }),
    checkOf: () => undefined,
    hear: () => Promise.resolve(undefined),
    holderOf: (token) =>
      isKnown && token === TOKEN
        ? {
            ...{ by: 'ana', name: 'Ana Silva', timezone: 'Europe/Lisbon', channel: 'sms' },
            ...(asked
              ? { drill: asked }
              : {
                  code: others.length === 0 ? incident.code : 'D3',
                  incidents: [incident, ...others],
                }),
          }
        : undefined,
    acknowledge: async (holder) => {
      const { by } = holder;
      const { code } = 'drill' in holder ? holder.drill : holder;
      acknowledged.push(`${code} ${by}`);
      if (asked) {
        const people = asked.people.map((one) => ({ ...one, answeredAt: MORNING + 60_000 }));
        asked = { ...asked, people };
      }
      const acknowledgedAt = MORNING + 60_000;
      incident = { ...incident, state: 'acknowledged', acknowledgedBy: by, acknowledgedAt };
      return { recorded };
    },
    nameOf: (by) => (by === 'ben' ? 'Ben Okoro' : by),
    emit: () => {},
    clock: new VirtualClock(MORNING),
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

const get = (method = 'GET') => ask(port, method, `/a/${TOKEN}`);
const post = () =>
  ask(port, 'POST', `/a/${TOKEN}`, { 'content-type': 'application/x-www-form-urlencoded' }, '');

it.each(['GET', 'HEAD'])('%s changes nothing: links are fetched ahead', async (method) => {
  expect((await get(method)).status).toBe(200);
  expect(acknowledged).toEqual([]);
});

it('shows what is wrong, that nobody has it, and one button', async () => {
  const { text, headers } = await get();
  expect(text).toContain('<h1>7K &lt;b&gt;Shop&lt;/b&gt; &amp; co</h1>');
  expect(text).toContain('Severity: critical. Since 5 Jan, 04:12');
  expect(text).toContain('Nobody has it yet.');
  expect(text.match(/<button/g)).toHaveLength(1);
  expect(text).toContain('Acknowledge as Ana Silva');
  expect(text).not.toContain('<script');
  const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  );
  expect(headers).toMatchObject({
    'x-robots-tag': 'noindex',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
});

it('a POST acknowledges as the one whose link it is, and says so', async () => {
  const { status, text } = await post();
  expect([status, acknowledged]).toEqual([200, ['7K ana']]);
  expect(text).toContain('You have it, since 5 Jan, 04:13');
  expect(text).not.toContain('<button');
});

it('is answered 202 while it cannot be stored', async () => {
  recorded = false;
  expect((await post()).status).toBe(202);
});

it('says who has it where somebody else does, and when it has ended', async () => {
  const held = { state: 'acknowledged', acknowledgedBy: 'ben', acknowledgedAt: MORNING } as const;
  incident = { ...incident, ...held };
  expect((await get()).text).toContain('Ben Okoro has it');
  incident = { ...incident, state: 'resolved', resolvedAt: MORNING };
  const { text } = await get();
  expect(text).toContain('It has ended');
  expect(text).not.toContain('<button');
});

it.each(['GET', 'POST'])('%s of an unknown or ended link is 404', async (method) => {
  expect((await ask(port, method, '/a/nobody')).status).toBe(404);
  isKnown = false;
  expect((await ask(port, method, `/a/${TOKEN}`)).status).toBe(404);
  expect(acknowledged).toEqual([]);
});

it('no other method', async () => {
  expect((await get('DELETE')).status).toBe(405);
});

it('of several incidents it says how each is, and one button takes those that nobody has', async () => {
  const held = { state: 'acknowledged', acknowledgedBy: 'ben', acknowledgedAt: MORNING } as const;
  others = [incidentOf('8M', { ...held, title: 'Checkout' }), incidentOf('9Q'), incidentOf('2B')];
  const { text } = await get();
  expect(text).toContain('<h1>D3 4 incidents</h1>');
  expect(text).toContain('<h2>7K &lt;b&gt;Shop&lt;/b&gt; &amp; co</h2>');
  expect(text.match(/Nobody has it yet/g)).toHaveLength(3);
  expect(text).toContain('Ben Okoro has it');
  expect(text.match(/<button/g)).toHaveLength(1);
  expect(text).toContain('Acknowledge 3 as Ana Silva');
  await post();
  expect(acknowledged).toEqual(['D3 ana']);
});

it('of very many incidents the first are named, and the button comes before them', async () => {
  others = Array.from({ length: 99 }, (_, n) => incidentOf(`N${String(n)}`));
  const { text } = await get();
  expect(text.match(/<h2>/g)).toHaveLength(20);
  expect(text).toContain('+80 more');
  expect(text.indexOf('Acknowledge all as Ana')).toBeLessThan(text.indexOf('<h2>'));
});

it('a link of a drill says that nothing is down, and thanks whoever presses its button', async () => {
  asked = drill('d1', { code: '9M', startsAt: MORNING, begunAt: MORNING });
  const before = (await get()).text;
  expect(before).toContain('<h1>9M DRILL of on-call</h1>');
  expect(before).toContain('This is a drill: nothing is down');
  expect(before).toContain('I got it, says Ana Silva');
  const after = (await post()).text;
  expect(acknowledged).toEqual(['9M ana']);
  expect(after).toContain('Thank you: you answered at 5 Jan, 04:13');
  expect(after).not.toContain('<button');
});
