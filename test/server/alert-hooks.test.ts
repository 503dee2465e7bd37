import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AlertHook } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Alert } from '../../src/incident/input.ts';
import { createPublic } from '../../src/server/public.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, MORNING, NOTHING_ELSE } from './house.ts';

const hook = (id: string, type: AlertHook['type']): AlertHook => ({
  ...{ id, type, token: `token-of-${id}` },
  ...{ escalation: 'on-call', severity: 'major' },
});

/** As Alertmanager 0.28 sends it. */
const FIRING = {
  receiver: 'tocsin',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'TooManyErrors', severity: 'warning', escalation: 'night' },
      annotations: { summary: 'Too many errors\nin the shop', description: '7% of requests' },
      startsAt: '2026-01-05T04:10:00.123Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example/graph',
      fingerprint: 'dd19ae3d4e06ac55',
    },
    {
      status: 'resolved',
      labels: { alertname: 'InstanceDown', instance: 'db1:9100', severity: 'page' },
      annotations: {},
      startsAt: 'long ago',
      endsAt: '2026-01-05T04:11:00Z',
      fingerprint: 'f2',
    },
  ],
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager.example',
  version: '4',
  groupKey: '{}:{}',
  truncatedAlerts: 0,
};
const OURS = { title: 'Queue is full', status: 'firing', fingerprint: 'queue' };

let told: Alert[];
let events: TocsinEvent[];
let recorded: boolean;
let port: number;
let listener: ReturnType<typeof createPublic>;

beforeEach(async () => {
  told = [];
  events = [];
  recorded = true;
  const hooks = new Map([
    ['prometheus', hook('prometheus', 'alertmanager')],
    ['queue', hook('queue', 'alert')],
  ]);
  listener = createPublic({
    ...NOTHING_ELSE,
    page: () => ({ html: '', style: '' }),
    checkOf: () => undefined,
    hear: () => Promise.resolve(undefined),
    hooks: () => hooks,
    async alerts(alerts) {
      told.push(...alerts);
      return { recorded };
    },
    emit: (event) => events.push(event),
    clock: new VirtualClock(MORNING),
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

const post = (path: string, body: unknown) =>
  ask(port, 'POST', path, {}, typeof body === 'string' ? body : JSON.stringify(body));
const fromPrometheus = (body: unknown) => post('/hooks/alertmanager/token-of-prometheus', body);
const fromQueue = (body: unknown) => post('/hooks/alert/token-of-queue', body);

it('reads a notification of Alertmanager', async () => {
  const { status, text } = await fromPrometheus(FIRING);
  expect([status, text]).toEqual([200, 'OK\n']);
  expect(told).toEqual([
    {
      ...{ type: 'alert', hook: 'prometheus', fingerprint: 'dd19ae3d4e06ac55', status: 'firing' },
      ...{ title: 'Too many errors in the shop', text: '7% of requests' },
      ...{ severity: 'major', escalation: 'night', since: Date.UTC(2026, 0, 5, 4, 10, 0, 123) },
    },
    {
      ...{ type: 'alert', hook: 'prometheus', fingerprint: 'f2', status: 'resolved' },
      ...{ title: 'InstanceDown db1:9100', text: null },
      ...{ severity: null, escalation: null, since: null },
    },
  ]);
});

it("reads Grafana's as well, which has more keys and another version", async () => {
  const [first] = FIRING.alerts;
  const alert = { ...first, annotations: null, values: { A: 1 }, silenceURL: 'https://…' };
  const grafana = { ...FIRING, version: '1', orgId: 1, title: 'x', alerts: [alert] };
  expect((await fromPrometheus(grafana)).status).toBe(200);
  expect(told).toMatchObject([{ title: 'TooManyErrors', text: null, severity: 'major' }]);
});

it('reads one alert of our own shape', async () => {
  const labels = { severity: 'info', escalation: 'night' };
  expect((await fromQueue({ ...OURS, labels, text: '9,000 jobs' })).status).toBe(200);
  expect((await fromQueue({ ...OURS, severity: 'critical', labels })).status).toBe(200);
  expect(told).toMatchObject([
    { hook: 'queue', severity: 'minor', escalation: 'night', text: '9,000 jobs', since: null },
    { hook: 'queue', severity: 'critical', text: null },
  ]);
});

it('is answered 202 while it cannot be stored', async () => {
  recorded = false;
  expect((await fromQueue(OURS)).status).toBe(202);
});

it.each([
  '/hooks/alert/nobody',
  '/hooks/alert/token-of-prometheus',
  '/hooks/alertmanager/',
  '/hooks/alertmanager/token-of-queue',
])('%s is 404 and nothing is taken', async (path) => {
  expect((await post(path, OURS)).status).toBe(404);
  expect((await post(path, FIRING)).status).toBe(404);
  expect(told).toEqual([]);
});

it('says what is wrong with one, and takes none of it', async () => {
  const wrong = await fromQueue({ ...OURS, status: 'fring', fingreprint: 'x' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('did you mean \\"fingerprint\\"?');
  expect((await fromQueue('not JSON')).status).toBe(400);
  expect((await fromQueue({ ...OURS, fingerprint: 'x'.repeat(129) })).status).toBe(400);
  expect((await fromPrometheus({ alerts: [{ status: 'firing' }] })).status).toBe(400);
  expect(told).toEqual([]);
});

it('takes a thousand alerts of a notification, and says how many were left out', async () => {
  const [first] = FIRING.alerts;
  const alerts = Array.from({ length: 1_200 }, (_, n) => ({ ...first, fingerprint: String(n) }));
  expect((await fromPrometheus({ alerts, truncatedAlerts: 5 })).status).toBe(200);
  expect(told).toHaveLength(1_000);
  expect(events).toEqual([
    { type: 'trouble', where: 'hooks', what: '205 alerts of one notification were left out' },
  ]);
});

it('413 for more than 1 MiB', async () => {
  expect((await fromQueue({ ...OURS, text: 'x'.repeat(1_100_000) })).status).toBe(413);
  expect(told).toEqual([]);
});

it('no other method', async () => {
  expect((await ask(port, 'GET', '/hooks/alert/token-of-queue')).status).toBe(405);
});
