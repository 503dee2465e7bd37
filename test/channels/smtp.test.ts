import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { smtp } from '../../src/channels/smtp.ts';
import { hands } from '../contract/hands.ts';
import { pem } from '../loopback.ts';
import { EXAMPLES, facts, HOSTILE_NAMES } from '../message/facts.ts';
import { startSmtp, type SmtpSettings, type SmtpStandin } from '../standins/smtp.ts';
import { letter } from './letters.ts';

const { clock, transport, run } = hands();
afterAll(() => transport.close());
const NEVER = new AbortController().signal;
const ANA = 'ana@example.com';
const LOGIN = { user: 'tocsin', password: 'smtp-password-2b8e' };

let relay: SmtpStandin;
afterEach(() => relay.close());

async function start(
  settings: SmtpSettings = { tls: 'starttls', login: LOGIN },
  more: object = {},
) {
  relay = await startSmtp(settings);
  const given = {
    server: `127.0.0.1:${String(relay.port)}`,
    tls: settings.tls,
    from: 'alerts@example.com',
    ...(settings.tls === 'none' ? {} : { ca: pem('ca.pem') }),
    ...settings.login,
    ...more,
  };
  const options = smtp.options.parse(given) as Parameters<typeof smtp.send>[1];
  const send = (example?: Parameters<typeof letter>[0], signal = NEVER) => {
    const message = smtp.render(letter(example, ANA), options);
    return smtp.send(message, options, { clock, transport, run, signal });
  };
  return Object.assign(send, { options });
}

const headerOf = (raw: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'im').exec(raw)?.[1]?.replaceAll(/\r\n\s+/g, ' ');

describe('a mail by a relay', () => {
  it.each(['starttls', 'implicit', 'none'] as const)('is taken with tls: %s', async (tls) => {
    const send = await start(tls === 'none' ? { tls } : { tls, login: LOGIN });
    expect(await send()).toEqual({ outcome: 'accepted', reference: null });
    expect(relay.mails).toMatchObject([
      { from: 'alerts@example.com', to: ANA, isSecure: tls !== 'none' },
    ]);
  });

  it('says nothing in the clear but that it wants TLS', async () => {
    const send = await start();
    await send();
    const inTheClear = relay.verbs.slice(0, relay.verbs.indexOf('STARTTLS') + 1);
    expect(inTheClear).toEqual(['', 'EHLO', 'STARTTLS']);
    expect(relay.verbs.slice(3, 5)).toEqual(['EHLO', 'AUTH']);
  });

  it.each(EXAMPLES)('is taken of every kind: $name', async (example) => {
    const send = await start({ tls: 'none' });
    expect(await send(example)).toMatchObject({ outcome: 'accepted' });
  });

  it.each(HOSTILE_NAMES)('about a hostile name (%#) is taken, and adds no header', async (name) => {
    const send = await start({ tls: 'none' });
    const page = { name: 'hostile', kind: 'page', facts: facts({ name, says: name }) } as const;
    expect(await send(page)).toMatchObject({ outcome: 'accepted' });
    const [head] = relay.mails[0]!.raw.split('\r\n\r\n');
    const names = [...head!.matchAll(/^([\w-]+):/gm)].map(([, header]) => header!.toLowerCase());
    expect(names.sort()).toEqual([
      ...['auto-submitted', 'content-type', 'date', 'from', 'in-reply-to', 'message-id'],
      ...['mime-version', 'references', 'subject', 'to', 'x-auto-response-suppress'],
    ]);
  });

  it('belongs to the conversation of its incident, and keeps its own id at every attempt', async () => {
    const send = await start({ tls: 'none' });
    relay.script('.', '451 later');
    await send();
    await send();
    await send(EXAMPLES.find(({ name }) => name === 'resolved'));
    const [first, again, resolved] = relay.mails.map(({ raw }) => raw);
    expect(headerOf(again!, 'message-id')).toBe(headerOf(first!, 'message-id'));
    expect(headerOf(resolved!, 'message-id')).not.toBe(headerOf(first!, 'message-id'));
    expect(headerOf(resolved!, 'references')).toMatch(/^<incident\.[0-9a-f]{32}@example\.com>$/);
    expect(headerOf(resolved!, 'references')).toBe(headerOf(first!, 'references'));
    expect(headerOf(first!, 'in-reply-to')).toBe(headerOf(first!, 'references'));
    expect(headerOf(first!, 'auto-submitted')).toBe('auto-generated');
  });

  it('about no incident belongs to no conversation', async () => {
    const send = await start({ tls: 'none' });
    await send(EXAMPLES.find(({ name }) => name === 'test'));
    expect(headerOf(relay.mails[0]!.raw, 'references')).toBeUndefined();
  });

  it('goes to the room that is written with the channel', async () => {
    const send = await start({ tls: 'none' }, { to: 'ops@example.com' });
    const message = smtp.render(letter(), { from: 'a@b.example', to: 'ops@example.com' } as never);
    expect(message.to).toBe('ops@example.com');
    expect(await send()).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a relay that is asked whether it would take something', () => {
  const ask = async (...given: Parameters<typeof start>) => {
    const options = (await start(...given)).options;
    return smtp.check!(options, { clock, transport, run, signal: NEVER });
  };

  it.each(['starttls', 'implicit', 'none'] as const)('says so with tls: %s', async (tls) => {
    const told = await ask(tls === 'none' ? { tls } : { tls, login: LOGIN });
    expect(told).toEqual({ outcome: 'accepted', reference: null });
    expect(relay.verbs.some((verb) => verb === 'MAIL FROM' || verb === 'DATA')).toBe(false);
    expect(relay.mails).toEqual([]);
  });

  it('and does not know us', async () => {
    const told = await ask(undefined, { password: 'wrong' });
    expect(told).toMatchObject({ outcome: 'refused', reason: 'auth' });
  });
});

describe('a relay that does not take it', () => {
  it.each([
    ['', '554 go away', 'refused', 'refused', 'SMTP 554 (CONN)'],
    ['EHLO', '421 too busy', 'deferred', 'server', 'SMTP 421 (EHLO)'],
    ['MAIL FROM', '451 later', 'deferred', 'server', 'SMTP 451 (MAIL FROM)'],
    ['MAIL FROM', '550 not you', 'refused', 'refused', 'SMTP 550 (MAIL FROM)'],
    ['RCPT TO', '450 greylisted', 'deferred', 'server', 'SMTP 450 (RCPT TO)'],
    ['RCPT TO', `550 no ${ANA} here`, 'refused', 'address', 'SMTP 550 (RCPT TO)'],
    ['DATA', '452 full', 'deferred', 'server', 'SMTP 452 (DATA)'],
    ['.', '451 later', 'deferred', 'server', 'SMTP 451 (DATA)'],
    ['.', '554 spam', 'refused', 'refused', 'SMTP 554 (DATA)'],
    ['DATA', 'reset', 'deferred', 'network', 'the relay hung up'],
    ['.', 'reset', 'unconfirmed', 'network', 'the relay did not say that it has it'],
    ['', '<html>log in</html>', 'deferred', 'server', 'no SMTP'],
  ])('at %j with %j: %s (%s)', async (verb, whim, outcome, reason, detail) => {
    const send = await start({ tls: 'none' });
    relay.script(verb, whim);
    expect(await send()).toEqual({ outcome, reason, detail });
  });

  it.each([
    ['EHLO', 'deferred'],
    ['.', 'unconfirmed'],
  ])('and hangs at %j leaves it %s at the deadline', async (verb, outcome) => {
    const send = await start({ tls: 'none' });
    const deadline = new AbortController();
    relay.script(verb, 'hang');
    const sending = send(undefined, deadline.signal);
    await relay.waitFor(verb);
    deadline.abort();
    expect(await sending).toMatchObject({ outcome, reason: 'timeout' });
  });

  it('for want of the right password', async () => {
    const send = await start(undefined, { password: 'wrong' });
    expect(await send()).toEqual({
      outcome: 'refused',
      reason: 'auth',
      detail: expect.any(String),
    });
  });

  it('since its certificate is from nobody we know', async () => {
    const send = await start(undefined, { ca: undefined });
    expect(await send()).toMatchObject({ outcome: 'deferred', reason: 'network' });
    expect(relay.verbs).not.toContain('AUTH');
  });

  it('since it offers no TLS', async () => {
    const send = await start({ tls: 'none' }, { tls: 'starttls' });
    expect(await send()).toMatchObject({ outcome: 'deferred', reason: 'network' });
    expect(relay.mails).toEqual([]);
  });

  it('since nobody listens', async () => {
    const send = await start({ tls: 'none' });
    await relay.close();
    expect(await send()).toMatchObject({ outcome: 'deferred', reason: 'network' });
    relay = await startSmtp({ tls: 'none' });
  });

  it('gives away no secret and no address', async () => {
    const send = await start();
    const said: unknown[] = [];
    for (const verb of ['AUTH', 'MAIL FROM', 'RCPT TO', 'DATA', '.']) {
      relay.script(verb, `550 no, ${ANA}, ${LOGIN.password}`);
      said.push(await send());
    }
    const text = inspect(said, { depth: Infinity, showHidden: true });
    expect(said).toHaveLength(5);
    for (const secret of [ANA, LOGIN.password]) expect(text).not.toContain(secret);
  });
});
