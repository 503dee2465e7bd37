/** References to secrets, and that no value is ever repeated. */
import { describe, expect, it } from 'vitest';
import { configOf, loadFiles, loadText, problemsOf, told, valid } from './fixture.ts';

const check = (header: string): string =>
  `version: 1\nchecks:\n  shop:\n    http: https://shop.example.com/\n    headers: { x-token: ${header} }\n`;

async function headerOf(header: string, env = {}): Promise<unknown> {
  const { checks } = await configOf(check(header), env);
  return checks.get('shop')?.options;
}
const sent = (value: string): unknown => expect.objectContaining({ headers: { 'x-token': value } });

describe('${env:NAME}', () => {
  it('is resolved in the middle of a text', async () => {
    expect(await headerOf('"a ${env:A} b ${env:B}"', { A: '1', B: '2' })).toEqual(sent('a 1 b 2'));
  });
  it('falls back on what is written, where the variable is unset or empty', async () => {
    expect(await headerOf('"${env:A:-none}"')).toEqual(sent('none'));
    expect(await headerOf('"${env:A:-none}"', { A: '' })).toEqual(sent('none'));
    expect(await headerOf('"x${env:A:-}"')).toEqual(sent('x'));
  });
  it('cannot become structure, nor another reference', async () => {
    const value = '${env:B}, y: [1] # no';
    expect(await headerOf('"${env:A}"', { A: value, B: 'never' })).toEqual(sent(value));
  });
  it('is a text like any other in a key, and every other $ is a dollar', async () => {
    expect(await headerOf('"$A ${A} $${b} $ ${env:A"', { A: 'no' })).toEqual(
      sent('$A ${A} $${b} $ ${env:A'),
    );
    expect(await problemsOf(`${check('x')}\${env:A}: 1\n`, { A: 'data' })).toEqual([
      '6:1 unknown key "${env:A}"',
    ]);
  });
  it('is resolved once for each place of an alias', async () => {
    const text = 'version: 1\nchecks:\n  a: &a\n    http: "${env:URL}"\n  b: *a\n';
    const { checks } = await configOf(text, { URL: 'https://a.example.com/' });
    expect(checks.get('b')?.options).toMatchObject({ http: 'https://a.example.com/' });
  });
});

describe('${file:path}', () => {
  it('is relative to the file that names it; newlines at its end are not part of it', async () => {
    const config = valid(
      await loadFiles({
        'checks.yml': 'version: 1\ninclude: [conf.d/*.yml]\n',
        'conf.d/shop.yml': check('"${file:secret.txt}"'),
        'conf.d/secret.txt': 'hunter2 \n\n',
      }),
    );
    expect(config.checks.get('shop')?.options).toEqual(sent('hunter2 '));
    expect(config.secrets).toContain('hunter2 ');
  });
  it('that is a directory, or not text, is said so', async () => {
    expect(await problemsOf(check('"${file:.}"'))).toEqual([
      '5:25 ${file:.} cannot be read: is a directory',
    ]);
    const binary = { 'checks.yml': check('"${file:x}"'), x: Buffer.from([1, 0, 2]) };
    expect(told(await loadFiles(binary))).toEqual([
      '5:25 ${file:x} cannot be read: holds a NUL byte: it is not text',
    ]);
  });
});

describe('config.secrets', () => {
  it('holds what was put in and what a schema calls secret, and no written default', async () => {
    const config = await configOf(
      `${check('"${env:A} ${env:B:-plain}"')}channels:\n  slack: { type: slack, webhook_url: "https://hooks.slack.example/inline" }\n`,
      { A: 'from-the-environment' },
    );
    expect(config.secrets.toSorted()).toEqual([
      'from-the-environment',
      'https://hooks.slack.example/inline',
    ]);
  });
  it('never shows in a problem', async () => {
    const loaded = await loadText(check('x').replace('headers', 'every: "${env:A}"\n    headers'), {
      A: 'hunter2-hunter2',
    });
    expect(told(loaded)).toEqual([
      '5:12 every of check "shop": expected a duration such as 30s, 5m or 1h30m, got "***"',
    ]);
  });
});

describe('the target of a check', () => {
  const targetOf = async (keys: string, env = {}): Promise<string | undefined> =>
    (await configOf(`version: 1\nchecks:\n  a: { ${keys} }\n`, env)).checks.get('a')?.target;
  const env = { A: 'a/ü', HOST: 'db.internal', PORT: '5432', URL: 'https://h.example.com/x' };

  it.each([
    ['http: "https://h.example.com/${env:A}/ping?k=${env:A}"', 'https://h.example.com/***/ping'],
    ['http: "https://${env:HOST}/ping"', 'https://***/ping'],
    ['http: "https://eu.${env:HOST}:8443/"', 'https://eu.***:8443/'],
    ['http: "${env:URL}"', '***'],
    ['http: "https://h.example.com:${env:PORT}/"', '***'],
    ['tcp: "${env:HOST}:443"', '***:443'],
    ['tcp: "${env:HOST}:${env:PORT}"', '***'],
    ['tcp: "${env:NONE:-gw.example.com}:443"', 'gw.example.com:443'],
    ['http: "https://h.example.com/", method: "${env:M:-GET}"', 'https://h.example.com/'],
  ])('of %s is %s', async (keys, target) => {
    expect(await targetOf(keys, env)).toBe(target);
  });

  it('does not hold what is in another key, whether or not that can be hidden there', async () => {
    const keys = 'http: "https://h.example.com/", method: "${env:M}", headers: { a: "${env:M}" }';
    expect(await targetOf(keys, { M: 'PUT' })).toBe('https://h.example.com/');
  });

  it('of two witnesses that are both hidden are two', async () => {
    const text = 'version: 1\nself: { witnesses: [{ tcp: "${env:A}" }, { tcp: "${env:B}" }] }\n';
    const { self } = await configOf(text, { A: 'a.example.com:1', B: 'b.example.com:1' });
    expect([...self.witnesses.values()].map(({ target }) => target)).toEqual(['***', '***']);
  });
});

describe('a problem with a value from a reference', () => {
  const SHOP = 'version: 1\nchecks:\n  shop:\n    http: "https://shop.example.com/"\n';
  it.each([
    [
      'follow_redirects: "${env:V}"',
      'true',
      'follow_redirects of check "shop": expected true or false',
    ],
    [
      'page: "${env:V}"',
      'shop',
      'unknown escalation "***" in page of check "shop", expected on-call',
    ],
    [
      'depends_on: ["${env:V}"]',
      'shpo',
      'unknown check "***" in depends_on of check "shop": did you mean "shop"?',
    ],
    [
      'every: "${env:V}"',
      'abc',
      'every of check "shop": expected a duration such as 30s, 5m or 1h30m, got "***"',
    ],
    ['every: "${env:V}"', '31415', 'every of check "shop": *** has no unit: did you mean ***ms?'],
    [
      'every: "${env:V} or so"',
      '5',
      'every of check "shop": expected a duration such as 30s, 5m or 1h30m, got "***"',
    ],
    [
      'cron: "${env:V}"',
      'a b c d e',
      'cron of check "shop": "***" is not a crontab line: configuration entry 1 (***) contains illegal characters',
    ],
    [
      'timezone: "${env:V}"',
      'hunter',
      'timezone of check "shop": unknown time zone "***", expected one such as Europe/Lisbon',
    ],
    ['tls: { ca: "${env:V}/ca.pem" }', 'sub', '***/ca.pem cannot be read: no such file'],
  ])('%s, being %j, hides it and nothing else', async (keys, value, problem) => {
    const problems = await problemsOf(`${SHOP}    ${keys}\n`, { V: value });
    expect(problems.map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual([problem]);
  });
});
