/** The public listener in a flood: whoever is right gets through, whoever is wrong is told so and let go. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boundGuesses } from '../../src/server/guesses.ts';
import { createPublic } from '../../src/server/public.ts';
import { shareConnections } from '../../src/server/share-connections.ts';
import { clientOf, sourceOf } from '../../src/server/source.ts';
import { twilioSms, type TwilioSmsOptions } from '../../src/channels/twilio-sms.ts';
import { ACCOUNT_SID, ANAS_NUMBER, OUR_NUMBER, SECRETS } from '../channels/letters.ts';
import { signatureOf } from '../standins/twilio-calls.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, incidentOf, MORNING, NOTHING_ELSE } from './house.ts';

const TOKEN = '6tf0mcz1xw9qk2v7ydnb3h5ja';
const PUBLIC_URL = 'https://status.example.com';
const FORM = {
  ...{ MessageSid: `SM${'0a'.repeat(16)}`, AccountSid: ACCOUNT_SID },
  ...{ From: ANAS_NUMBER, To: OUR_NUMBER, Body: '7K' },
};
const options = twilioSms.options.parse({
  ...{ account_sid: ACCOUNT_SID, auth_token: SECRETS.twilio, from: OUR_NUMBER },
  replies: 'webhook',
}) as TwilioSmsOptions;

let clock: VirtualClock;
let port: number;
let listener: ReturnType<typeof createPublic>;
let acknowledged: number;

beforeEach(async () => {
  clock = new VirtualClock(MORNING);
  acknowledged = 0;
  let incident = incidentOf('7K');
  listener = createPublic({
    ...NOTHING_ELSE,
    page: () => ({ html: 'all is well', style: '' }),
    checkOf: (token) => (token === 'job' ? 'backup' : undefined),
    hear: () => Promise.resolve({ recorded: true }),
    holderOf: (token) =>
      token === TOKEN
        ? {
            code: '7K',
            incidents: [incident],
            by: 'ana',
            name: 'Ana',
            timezone: null,
            channel: 'sms',
          }
        : undefined,
    acknowledge: () => {
      acknowledged += 1;
      incident = { ...incident, state: 'acknowledged', acknowledgedBy: 'ana' };
      return Promise.resolve({ recorded: true });
    },
    publicUrl: () => PUBLIC_URL,
    async called(_vendor, call) {
      const heard = await twilioSms.hear?.(call, options);
      return heard && 'answer' in heard ? heard.answer(null) : { refused: 'signature' };
    },
    emit: () => {},
    clock,
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

/** From one client behind a proxy; of the proxy itself without a name. */
const from = (client?: string) => (client === undefined ? {} : { 'x-forwarded-for': client });
const guess = (client?: string) => ask(port, 'GET', '/a/not-a-token', from(client));
const forge = (client?: string) =>
  ask(port, 'POST', '/hooks/twilio/sms', { ...from(client), 'x-twilio-signature': 'x' }, 'Body=7K');
const twilio = (client?: string) => {
  const signature = signatureOf(FORM, `${PUBLIC_URL}/hooks/twilio/sms`, SECRETS.twilio);
  const headers = { ...from(client), 'x-twilio-signature': signature };
  const body = new URLSearchParams(FORM).toString();
  return ask(port, 'POST', '/hooks/twilio/sms', headers, body);
};
const statuses = async (n: number, one: () => ReturnType<typeof ask>) => {
  const told = await Promise.all(Array.from({ length: n }, one));
  return told.map(({ status }) => status);
};

describe('whoever guesses', () => {
  it.each([
    ['links', guess, 404],
    ['signatures', forge, 403],
  ])(
    '%s is told so sixty times, then to stay away, and loses the connection',
    async (_, one, no) => {
      const told = await statuses(70, () => one('198.51.100.7'));
      expect(told.filter((status) => status === no)).toHaveLength(60);
      const { status, headers } = await one('198.51.100.7');
      expect([status, headers['retry-after'], headers.connection]).toEqual([429, '60', 'close']);
    },
  );

  it('is forgiven one a second', async () => {
    await statuses(70, () => guess('198.51.100.7'));
    clock.hold(3_000);
    const told = await statuses(4, () => guess('198.51.100.7'));
    expect(told.toSorted()).toEqual([404, 404, 404, 429]);
  });

  it('is told apart from others behind the same proxy, by the last word alone', async () => {
    await statuses(70, () => guess('198.51.100.7'));
    expect((await guess('198.51.100.8')).status).toBe(404);
    expect((await guess('198.51.100.8, 198.51.100.7')).status).toBe(429);
  });

  it('with a body of forty thousand parameters is refused before anything is made of them', async () => {
    const form = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${String(i)}`, '']));
    const whole = { ...FORM, ...form };
    const url = `${PUBLIC_URL}/hooks/twilio/sms`;
    const body = new URLSearchParams(whole).toString();
    const headers = { 'x-twilio-signature': signatureOf(whole, url, SECRETS.twilio) };
    expect((await ask(port, 'POST', '/hooks/twilio/sms', headers, body)).status).toBe(403);
    const long = await ask(port, 'POST', '/hooks/twilio/sms', headers, 'a&'.repeat(40_000));
    expect(long.status).toBe(413);
  });
});

describe('behind the address of a flood', () => {
  beforeEach(async () => {
    await statuses(40, () => guess());
    await statuses(40, () => forge());
    expect((await guess()).status).toBe(429);
  });

  it('Twilio is heard', async () => {
    expect((await twilio()).status).toBe(200);
  });

  it('a link that is known acknowledges', async () => {
    expect((await ask(port, 'POST', `/a/${TOKEN}`)).status).toBe(200);
    expect(acknowledged).toBe(1);
  });

  it('a job reports, and customers read the page', async () => {
    expect((await ask(port, 'POST', '/heartbeat/job')).status).toBe(200);
    expect((await ask(port, 'GET', '/')).status).toBe(200);
  });
});

it('a link that is pressed again and again decides once', async () => {
  await ask(port, 'POST', `/a/${TOKEN}`);
  expect(new Set(await statuses(50, () => ask(port, 'POST', `/a/${TOKEN}`)))).toEqual(
    new Set([200]),
  );
  expect(acknowledged).toBe(1);
});

it('those who were wrong longest ago are forgotten beyond four thousand clients', async () => {
  const app = new Hono();
  app.use(boundGuesses(clock));
  const wrong = async (client: string) => {
    const { status } = await app.request('/a/x', { headers: from(client) }, env('127.0.0.1'));
    return status;
  };
  for (let n = 0; n < 61; n += 1) await wrong('203.0.113.1');
  expect(await wrong('203.0.113.1')).toBe(429);
  for (let n = 0; n < 4_096; n += 1) await wrong(`10.9.${String(n >> 8)}.${String(n & 255)}`);
  expect(await wrong('203.0.113.1')).toBe(404);
});

const env = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

describe('a client', () => {
  const client = async (peer: string, forwarded?: string) => {
    let told = '';
    const app = new Hono().get('/', (c) => ((told = clientOf(c)), c.text('')));
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    await app.request('/', { headers }, env(peer));
    return told;
  };

  it.each([
    ['198.51.100.7', undefined, '198.51.100.7'],
    ['198.51.100.7', '203.0.113.1', '198.51.100.7'],
    ['127.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['::ffff:10.0.0.2', '192.0.2.1, 203.0.113.1', '203.0.113.1'],
    ['172.31.0.1', 'unknown', '172.31.0.1'],
    ['172.32.0.1', '203.0.113.1', '172.32.0.1'],
    ['fd00::1', '2001:db8:1:2:3::4', '2001:db8:1:2'],
  ])('at %s that says it speaks for %s is %s', async (peer, forwarded, expected) => {
    expect(await client(peer, forwarded)).toBe(expected);
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:DB8:0:0:ffff::', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::ffff:203.0.113.1', '203.0.113.1'],
  ])('%s is of %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});

describe('connections', () => {
  const MOST = 5;
  const opened: Socket[] = [];
  const server = createServer((_, response) => void response.end('hi'));
  shareConnections(server, MOST);
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const open = async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    opened.push(socket.on('error', () => undefined));
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    return socket;
  };

  it('of one client that are held open make way for the next one, the oldest first', async () => {
    const held = [];
    for (let n = 0; n < MOST; n += 1) held.push(await open());
    const ended = once(held[0]!, 'close');
    const late = await open();
    await ended;
    late.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const [said] = (await once(late, 'data')) as [Buffer];
    expect(said.toString()).toContain('200 OK');
    expect(held.slice(1).some((socket) => socket.destroyed)).toBe(false);
  });

  it('on which something is asked are not taken away: then the newcomer goes', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<undefined>();
    let requests = 0;
    const hold = () => {
      requests += 1;
      if (requests === MOST) resolve(undefined);
    };
    const [answer] = server.listeners('request') as [() => void];
    server.off('request', answer).on('request', hold);
    const held = [];
    for (let n = 0; n < MOST; n += 1) {
      const socket = await open();
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      held.push(socket);
    }
    await asked;
    const late = await open();
    await once(late, 'close');
    expect(held.some((socket) => socket.destroyed)).toBe(false);
    server.off('request', hold).on('request', answer);
  });
});
