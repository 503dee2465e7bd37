/**
 * The README's way to the first page, walked: its YAML with the vendors' addresses put in, and every
 * one of its commands as it is written there, in its order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tocsin } from './daemon-process.ts';
import { ANA, openHouse } from './house.ts';

const README = readFileSync('README.md', 'utf8');
const ENV = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: '', NTFY_TOPIC: 'e2e' };

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

/** `validate`, `test sms --to ana` …, as the README has them behind `npm run -s tocsin --`. */
const commands = [...README.matchAll(/^npm run -s tocsin -- ([^#\n]+)/gm)].map((match) =>
  (match[1] ?? '').trim().split(/\s+/),
);

/** The README's file, with a shop and vendors on loopback in the places of the real ones. */
function firstFile(): string {
  const yaml = /```yaml\n(version: 1.*?)```/s.exec(README)?.[1] ?? '';
  const listen = /^listen: .*$/m.exec(readFileSync(house.file, 'utf8'))?.[0] ?? '';
  const changes: [string, string][] = [
    [
      'version: 1\n',
      `version: 1\n${listen}\ndefaults: { every: 1s, confirm: { recheck: 100ms } }\n`,
    ],
    ['https://shop.example.com/', house.shop.url],
    ['type: twilio-sms', `type: twilio-sms\n    base_url: ${house.twilio.url}`],
    ['type: ntfy,', `type: ntfy, url: "${house.ntfy.url}",`],
  ];
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, yaml);
}

test('every command on the way to the first page does what it says', async () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining(['validate', 'test', 'ack', 'probe', 'checks', 'incidents']),
  );
  writeFileSync(house.file, firstFile());
  const env = { ...ENV, TWILIO_AUTH_TOKEN: house.token };
  const run = (words: readonly string[]) =>
    tocsin(words[0] === '--help' ? words : [...words, '--config', house.file], env);
  const before = commands.filter(([name]) => name === 'validate' || name === 'test');
  for (const words of before) {
    // The stand-in's carrier is not part of this story.
    const all = words[0] === 'test' ? [...words, '--no-wait'] : words;
    expect(await run(all)).toMatchObject({ code: 0 });
  }
  expect(house.smsTo(ANA)).toHaveLength(1);

  const daemon = await house.start(env);
  await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
  house.shop.answerWith(503);
  const page = await house.waitForSms(ANA, /DOWN/);
  const [code = ''] = page.body.split(' ');
  for (const words of commands.filter((each) => !before.includes(each))) {
    const said = await run(words.map((word) => (word === '7K' ? code : word)));
    // The shop is broken, and `probe` says so.
    expect({ words, code: said.code }).toEqual({ words, code: words[0] === 'probe' ? 1 : 0 });
  }
  expect((await house.command('incidents', code, '--json')).out).toContain('"acknowledged"');
});

test('the demo tells its story and ends by itself with 0', async () => {
  const demo = spawn(process.execPath, ['demo/demo.ts'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  demo.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  const [code] = (await once(demo, 'close')) as [number];
  expect(code).toBe(0);
  const scenes = [/answers 503/, /confirmed: shop is down/, /SMS to Ana/, /out of band/];
  for (const scene of [...scenes, /is lost.*mail to ana@/s, /escalated.*SMS to Ben/s]) {
    expect(told).toMatch(scene);
  }
  expect(told).toMatch(/Ben answers the SMS: [2-9A-Z]{2}.*Ben Okoro has it.*up after/s);
});
