/**
 * A network that drops what it is given, by nftables: the way to the name server, and the way to a
 * vendor. It needs a network namespace of its own, and a mount namespace for /etc/resolv.conf.
 */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decode, encode, RECURSION_AVAILABLE } from 'dns-packet';
import type { SmsRecord } from '../standins/twilio.ts';
import { get } from './api.ts';
import { comeToRest } from './kills.ts';
import { EVERY_MS, KEEPER, mailOf, ZONE, type Place } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isEnd, isPage, troublesOf } from './troubles.ts';
import { eventually, within } from './within.ts';

const DNS_PORT = 53;
/** Blind for a minute, and a moment. */
const BLIND_MS = 65_000;
/** The vendor's own timeout, and what a failover may take. */
const OTHER_WAY_MS = 40_000;
const BACK_MS = 60_000;
const PAGE_MS = 10_000;

/** Of the looks at what has an address, so many fewer. */
const SKEW = 0.05;

/** The way to the name server is gone for `ms`: what goes by an address is none the worse. */
export function nameless(ms: number): Promise<Outcome> {
  const name = `no answer from the name server for ${ms / 1_000} s`;
  return tell(name, { shops: 6, isNamed: true }, async (place) => {
    const names = await answerNames(place);
    try {
      return await withoutNames(place, ms);
    } finally {
      names.close();
    }
  });
}

async function withoutNames(place: Place, ms: number) {
  const { street, twilio, operator } = place;
  const run = await place.start();
  const troubles = troublesOf(place);
  const [named, addressed, , other] = troubles;
  if (!named || !addressed || !other) throw new Error('too few shops');
  await eventually(PAGE_MS, 'every shop is up', () => isState(operator, named.shop, 'up'));

  const restore = drop(`udp dport ${DNS_PORT}`, `tcp dport ${DNS_PORT}`);
  const before = street.looksAt(other.shop);
  const paged = await breakAndAcknowledge(place, addressed, [200]);
  const isUnknown = (): Promise<boolean> => isState(operator, named.shop, 'unknown');
  await Promise.all([
    pause(ms - paged),
    eventually(PAGE_MS, 'it says that it cannot see', isUnknown),
  ]);
  const looks = street.looksAt(other.shop) - before;
  restore();
  if (looks < (1 - SKEW) * (ms / EVERY_MS - 1)) throw new Error(`${looks} looks in ${ms} ms`);
  const isBlind = twilio.requests.some(({ to, body }) => to === KEEPER && isPage(body));
  if (ms >= BLIND_MS !== isBlind) throw new Error('blindness was not told, or too early');
  // A witness is looked at again every ten seconds.
  const isSighted = ({ to, body }: SmsRecord): boolean => to === KEEPER && isEnd(body);
  const over = isBlind ? twilio.waitFor(isSighted) : Promise.resolve();
  await eventually(PAGE_MS, 'what has a name is seen again', () =>
    isState(operator, named.shop, 'up'),
  );
  await breakAndAcknowledge(place, named, [200]);
  const { duplicates } = await comeToRest(run, place, troubles, over);
  return { 'page during it, ms': paged, 'looks by address': looks, duplicates };
}

/** Nothing reaches the vendor of SMS for a while: the page goes by mail, and by SMS when it is back. */
export function vendorGone(): Promise<Outcome> {
  return tell('no way to the vendor of SMS', { shops: 3, hasMail: true }, async (place) => {
    const { twilio, sendgrid, street } = place;
    const run = await place.start();
    const troubles = troublesOf(place);
    const [acknowledged, during] = troubles;
    if (!acknowledged || !during) throw new Error('too few shops');
    await breakAndAcknowledge(place, acknowledged, [200]);
    const restore = drop(`tcp dport ${new URL(twilio.url).port}`);
    street.break(during.shop);
    during.state = 'broken';
    const mailed = sendgrid.waitFor(({ to }) => to.includes(mailOf(during.shop)));
    const byMail = await within(OTHER_WAY_MS, 'a page by mail', mailed);
    restore();
    const texted = twilio.waitFor(({ to, body }) => to === during.phone && isPage(body));
    const bySms = await within(BACK_MS, 'a page by SMS, once there is a way', texted);
    const { duplicates } = await comeToRest(run, place, troubles, Promise.resolve());
    if (duplicates > 0) throw new Error(`${duplicates} messages were sent twice`);
    return {
      'page by mail, ms': byMail.tookMs,
      'page by SMS after it, ms': bySms.tookMs,
      duplicates,
    };
  });
}

/** On loopback of this namespace; what it returns makes it whole again. */
function drop(...packets: readonly string[]): () => void {
  const rules = packets.map((packet) => `    ${packet} drop`).join('\n');
  const input = 'type filter hook input priority 0;';
  nft(`table inet chaos {\n  chain input {\n    ${input}\n${rules}\n  }\n}`);
  return () => nft('delete table inet chaos');
}

function nft(commands: string): void {
  execFileSync('nft', ['-f', '-'], { input: commands });
}

async function isState(operator: string, shop: string, state: string): Promise<boolean> {
  const check = (await get(operator, `/api/v1/checks/${shop}`)) as { state: string } | null;
  return check?.state === state;
}

/** A name server that knows every name of the zone, for a second at a time. */
async function answerNames({ folder }: Place): Promise<{ close(): void }> {
  const server = createSocket('udp4');
  server.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message);
    const [question] = questions;
    const isKnown = question?.type === 'A' && question.name.endsWith(ZONE);
    const answer = { type: 'A', name: question?.name ?? '', ttl: 1, data: '127.0.0.1' } as const;
    const flags = RECURSION_AVAILABLE;
    const answers = isKnown ? [answer] : [];
    server.send(encode({ type: 'response', id, flags, questions, answers }), port, address);
  });
  server.bind(DNS_PORT, '127.0.0.1');
  await once(server, 'listening');
  const resolvConf = join(folder, 'resolv.conf');
  writeFileSync(resolvConf, 'nameserver 127.0.0.1\n');
  execFileSync('mount', ['--bind', resolvConf, '/etc/resolv.conf']);
  return {
    close() {
      execFileSync('umount', ['/etc/resolv.conf']);
      server.close();
    },
  };
}
