import { beforeEach, expect, it } from 'vitest';
import { createAckLinks } from '../src/ack-links.ts';
import type { Responder } from '../src/config/config.ts';
import type { NotificationKind, TroubleFacts } from '../src/incident/notification.ts';
import type { Input } from '../src/incident/input.ts';
import { drillFacts, facts } from './message/facts.ts';
import { drill } from './store/rows.ts';
import { boardOf, configOf, incidentOf, notificationOf } from './server/house.ts';

const URL_ = 'https://status.example.com';
const ANA: Responder = { id: 'ana', name: 'Ana Silva', addresses: new Map(), timezone: null };
const SHAPE = /^https:\/\/status\.example\.com\/a\/[0-9a-z]{25}$/;

let publicUrl: string | null;
let responders: Map<string, Responder>;
let board: ReturnType<typeof boardOf>;

beforeEach(() => {
  publicUrl = URL_;
  responders = new Map([['ana', ANA]]);
  board = boardOf([incidentOf('7K'), incidentOf('8M')], []);
});

const linksOf = (secret = 'one', heard: (input: Input) => void = () => undefined) =>
  createAckLinks({
    config: () => configOf([], { publicUrl, responders }),
    board,
    secret,
    submit: (input) => {
      heard(input);
      return Promise.resolve({ recorded: true });
    },
  });
const message = (
  responder: string | null = 'ana',
  about = 'incident-7K',
  event: TroubleFacts['event'] = 'opened',
  kind: NotificationKind = responder === null ? 'post' : 'page',
) =>
  notificationOf(`${about}.${String(responder)}`, {
    ...{ kind, responder, about: [about], facts: facts({ event }) },
    channel: responder === null ? 'lifeline' : 'sms',
  });
const tokenIn = (link: string | null) => link?.split('/a/')[1] ?? '';

it('a link is of one incident, one responder and one way to them, however often it is sent', () => {
  const links = linksOf();
  const link = links.linkIn(message());
  expect(link).toMatch(SHAPE);
  expect(links.linkIn({ ...message(), key: 'again' })).toBe(link);
  expect(links.linkIn({ ...message(), channel: 'email' })).not.toBe(link);
  expect(links.linkIn(message('ana', 'incident-8M'))).not.toBe(link);
  expect(links.linkIn(message('ben'))).not.toBe(link);
  expect(links.linkIn(message(null))).not.toBe(link);
  expect(linksOf('another').linkIn(message())).not.toBe(link);
  expect(links.holderOf(tokenIn(link))).toMatchObject({
    incidents: [{ code: '7K' }],
    by: 'ana',
    name: 'Ana Silva',
    channel: 'sms',
  });
});

it('a post is acknowledged in the name of its channel', () => {
  const links = linksOf();
  const token = tokenIn(links.linkIn(message(null)));
  expect(links.holderOf(token)).toMatchObject({ by: 'lifeline', name: 'lifeline' });
});

it('what asks for nothing has no link, nor has anything without a public URL', () => {
  const links = linksOf();
  expect(links.linkIn(message('ana', 'incident-7K', 'resolved', 'resolved'))).toBeNull();
  expect(links.linkIn(message(null, 'incident-7K', 'acknowledged'))).toBeNull();
  expect(links.linkIn(notificationOf('test', { about: [] }))).toBeNull();
  publicUrl = null;
  expect(links.linkIn(message())).toBeNull();
});

it('a link that was sent before a restart is known after it', () => {
  const token = tokenIn(linksOf().linkIn(message()));
  expect(linksOf().holderOf(token)).toBeUndefined();
  board.notifications.set('page', message());
  expect(linksOf().holderOf(token)).toMatchObject({ by: 'ana' });
});

it('it ends with its incident, and with the responder', () => {
  const links = linksOf();
  const token = tokenIn(links.linkIn(message()));
  responders.delete('ana');
  expect(links.holderOf(token)).toBeUndefined();
  responders.set('ana', ANA);
  expect(links.holderOf(token)).toBeDefined();
  board.incidents.delete('incident-7K');
  expect(links.holderOf(token)).toBeUndefined();
  expect(links.holderOf('')).toBeUndefined();
});

it('links of incidents that are gone are forgotten, those of others are not', () => {
  const links = linksOf();
  const kept = tokenIn(links.linkIn(message()));
  for (let n = 0; n < 3_000; n += 1) {
    const incident = incidentOf(`N${String(n)}`);
    board.incidents.set(incident.id, incident);
    expect(links.linkIn(message('ana', incident.id))).toMatch(SHAPE);
    board.incidents.delete(incident.id);
  }
  expect(links.holderOf(kept)).toMatchObject({ by: 'ana' });
});

it('a link of a message about several is of all that it called down, and by nobody else', async () => {
  const said: Input[] = [];
  board.incidents.set('incident-9Q', incidentOf('9Q', { state: 'acknowledged' }));
  board.incidents.set('incident-2B', incidentOf('2B'));
  const about = ['7K', '8M', '9Q', '2B'].map((code) => `incident-${code}`);
  const told = { down: 3, checks: 3, over: 1, news: 0, shared: '', lines: [] };
  const bundle = { ...message(), about, facts: facts({ code: 'D3', bundle: told }) };
  board.notifications.set(bundle.key, bundle);
  board.bundles.set('D3', bundle.key);
  const links = linksOf('one', (input) => said.push(input));
  const link = links.linkIn(bundle);
  expect(link).not.toBe(links.linkIn(message()));
  expect(links.linkIn({ ...bundle, responder: 'ben' })).not.toBe(link);
  const holder = links.holderOf(tokenIn(link))!;
  expect(holder).toMatchObject({
    code: 'D3',
    incidents: [{ code: '7K' }, { code: '8M' }, { code: '9Q' }],
    by: 'ana',
  });
  await links.acknowledge(holder);
  expect(said).toMatchObject([
    { type: 'acknowledge', incident: 'incident-7K', by: 'ana', channel: 'sms' },
    { type: 'acknowledge', incident: 'incident-8M', by: 'ana', channel: 'sms' },
  ]);
  board.bundles.delete('D3');
  expect(links.holderOf(tokenIn(link))).toBeUndefined();
});

it('a message about several that calls nothing down asks for nothing', () => {
  const told = { down: 0, checks: 3, over: 3, news: 0, shared: '', lines: [] };
  const facts_ = facts({ code: 'D3', event: 'updated', bundle: told });
  expect(linksOf().linkIn({ ...message(null), facts: facts_ })).toBeNull();
});

const question = (channel: string) =>
  notificationOf(`d1.drill.ana.${channel}`, {
    ...{ kind: 'drill', about: ['d1'], facts: drillFacts(), channel },
  });

it('a link of a drill is of one way to one responder, and answers for that way', async () => {
  const said: Input[] = [];
  board.drills.set('d1', drill('d1'));
  const links = linksOf('one', (input) => said.push(input));
  const bySms = links.linkIn(question('sms'));
  expect(bySms).toMatch(SHAPE);
  expect(links.linkIn(question('email'))).not.toBe(bySms);
  const holder = links.holderOf(tokenIn(bySms))!;
  expect(holder).toMatchObject({ drill: { id: 'd1' }, by: 'ana', channel: 'sms' });
  await links.acknowledge(holder);
  expect(said).toEqual([{ type: 'answer', drill: 'd1', by: 'ana', channel: 'sms' }]);
});

it('the announcement of a drill has no link: it asks nobody', () => {
  const announced = { ...question('lifeline'), responder: null };
  expect(linksOf().linkIn(announced)).toBeNull();
});
