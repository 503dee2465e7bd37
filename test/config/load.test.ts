/** What a valid checks.yml means. */
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { configOf, FIXTURES, loadFixture, problemsOf, valid } from './fixture.ts';

const HEAD = 'version: 1\n';
const SHOP = `${HEAD}checks:\n  shop:\n    http: https://shop.example.com/\n`;
const CHANNELS = `channels:
  hook: { type: webhook, url: "https://ops.example.com/hook", secret: "\${env:HOOK_SECRET}" }
  out: { type: console }
responders:
  ana: { email: ana@example.com }
`;
const step = (id: string): string => `  ${id}: { steps: [{ page: [ana], by: [hook] }] }\n`;

describe('every key at once', () => {
  it('what is supported loads, word for word', async () => {
    const config = valid(await loadFixture('supported.yml'));
    expect(config.warnings).toEqual([]);
    expect(config).toMatchObject({
      listen: { operator: { host: '127.0.0.1', port: 9110 }, hosts: [] },
      publicUrl: 'https://status.example.com',
      location: 'lisbon',
      heartbeatTo: { url: 'https://hc.example.com/ping/1', everyMs: 120_000 },
    });
    expect(config.data).toBe(`${process.cwd()}/${FIXTURES}/data`);
    expect(config.checks.get('shop')).toMatchObject({
      name: 'Shop home page',
      says: 'the online shop',
      type: 'http',
      target: 'https://shop.example.com/',
      rhythm: { everyMs: 15_000 },
      timeoutMs: 5_000,
      confirm: { fail: 3, of: 5, recheckMs: 5_000, recover: 2 },
      severity: 'critical',
      escalation: 'on-call',
      dependsOn: ['edge'],
      tags: { team: 'shop', region: 'eu' },
      runbook: 'https://wiki.example.com/runbooks/shop',
    });
    expect(config.checks.get('backup')).toMatchObject({
      type: 'heartbeat',
      target: 'heartbeat',
      heartbeat: { token: 'token-of-the-backup', graceMs: 3_600_000 },
      rhythm: { everyMs: 86_400_000 },
      timeoutMs: 0,
      confirm: { fail: 1, of: 1, recover: 1 },
      escalation: 'on-call',
    });
    expect(config.secrets).toContain('token-of-the-backup');
    expect(config.escalations.get('on-call')).toEqual({
      id: 'on-call',
      post: ['lifeline', 'war-room'],
      steps: [
        { afterMs: 0, page: ['primary'], by: ['sms'] },
        { afterMs: 300_000, page: ['primary'], by: ['sms', 'email'] },
        { afterMs: 900_000, page: ['ben'], by: ['sms'] },
      ],
      repeat: { everyMs: 1_800_000, times: null },
      failoverMs: 60_000,
      ackExpiresMs: 7_200_000,
      groupMs: 60_000,
      reopenMs: 600_000,
      hours: { opens: '0 9 * * 1,2,3,4,5', closes: '0 18 * * 1,2,3,4,5', timezone: null },
      waits: ['minor'],
    });
    expect([...(config.responders.get('ana')?.addresses ?? [])]).toEqual([
      ['sms', '+351912345678'],
      ['email', 'ana@example.com'],
    ]);
    expect(config.channels.get('sms')).toMatchObject({ address: 'sms', answerable: true });
  });

  it('a dead-man switch is its URL alone, told once a minute; the log never shows it', async () => {
    const url = 'https://hc.example.com/ping/5f1c';
    const config = await configOf(`${SHOP}heartbeat_to: ${url}\n`);
    expect(config.heartbeatTo).toEqual({ url, everyMs: 60_000 });
    expect(config.secrets).toContain(url);
    expect((await configOf(SHOP)).heartbeatTo).toBeNull();
  });

  it('all that was ever promised loads, voice for pages alone', async () => {
    const { channels } = valid(await loadFixture('contract.yml'));
    expect(channels.get('voice')).toMatchObject({
      ...{ address: 'sms', pagesOnly: true, proof: 'receipt', answerable: false },
    });
  });
});

describe('a heartbeat', () => {
  const backup = (more: string): string => `${HEAD}checks: { backup: { ${more} } }\n`;

  it.each([
    ['every: 30s', { rhythm: { everyMs: 30_000 }, heartbeat: { graceMs: 30_000 } }],
    ['every: 7d', { rhythm: { everyMs: 604_800_000 }, heartbeat: { graceMs: 3_600_000 } }],
    ['cron: "0 3 * * *"', { rhythm: { timezone: 'UTC' }, heartbeat: { graceMs: 3_600_000 } }],
    [
      'cron: "0 3 * * *", timezone: Europe/Lisbon, grace: 10m',
      { rhythm: { cron: '0 3 * * *', timezone: 'Europe/Lisbon' }, heartbeat: { graceMs: 600_000 } },
    ],
  ])('{ %s }: the period and its grace', async (period, expected) => {
    const text = backup(`heartbeat: { ${period} }, token: token-of-the-backup`);
    expect((await configOf(text)).checks.get('backup')).toMatchObject(expected);
  });

  it('takes nothing about looking from the defaults', async () => {
    const text = backup('heartbeat: { every: 2s }, token: token-of-the-backup');
    const defaults = 'defaults: { every: 1m, timeout: 10s, confirm: { fail: 2 } }\n';
    const check = (await configOf(text + defaults)).checks.get('backup');
    expect(check).toEqual((await configOf(text)).checks.get('backup'));
  });

  it('is the same check with another token, and another with another period', async () => {
    const generations = await Promise.all(
      [
        'every: 1h }, token: token-of-the-backup',
        'every: 1h }, token: token-of-another',
        'every: 2h }, token: token-of-the-backup',
      ].map(
        async (rest) =>
          (await configOf(backup(`heartbeat: { ${rest}`))).checks.get('backup')?.generation,
      ),
    );
    expect(generations[1]).toBe(generations[0]);
    expect(generations[2]).not.toBe(generations[0]);
  });

  it('says it where a token may be guessed', async () => {
    const { warnings } = await configOf(backup('heartbeat: { every: 1h }, token: backup'));
    expect(warnings[0]).toBe(
      'check "backup": its token has fewer than 16 characters and may be guessed',
    );
  });
});

describe('a check that says only where to look', () => {
  it('has the built-in values, and prints its pages to the console', async () => {
    const config = await configOf(SHOP);
    expect(config.checks.get('shop')).toMatchObject({
      name: 'shop',
      says: null,
      rhythm: { everyMs: 30_000 },
      timeoutMs: 5_000,
      confirm: { fail: 3, of: 3, recheckMs: 10_000, recover: 2 },
      severity: 'major',
      escalation: 'on-call',
      dependsOn: [],
      tags: {},
      runbook: null,
    });
    expect(config.warnings).toEqual(['nobody is paged']);
    expect(config.escalations.get('on-call')?.steps).toEqual([
      { afterMs: 0, page: ['console'], by: ['console'] },
    ]);
    expect(config.channels.get('console')?.type).toBe('console');
    expect(config.responders.get('console')?.addresses.size).toBe(0);
    expect(config.listen.operator).toEqual({ host: '127.0.0.1', port: 9110 });
    expect(config.listen.public).toEqual({ host: '127.0.0.1', port: 9111 });
  });

  it('has the values of defaults, key by key, where there are any', async () => {
    const config = await configOf(
      `${SHOP}    confirm: { recover: 1 }\n` +
        'defaults: { every: 1m, timeout: 10s, confirm: { fail: 2 }, severity: minor, page: none }\n',
    );
    expect(config.checks.get('shop')).toMatchObject({
      rhythm: { everyMs: 60_000 },
      timeoutMs: 10_000,
      confirm: { fail: 2, of: 2, recheckMs: 10_000, recover: 1 },
      severity: 'minor',
      escalation: null,
    });
  });
});

describe('rhythm', () => {
  it('of two seconds takes the built-in timeout and recheck down with it', async () => {
    const config = await configOf(`${SHOP}    every: 2s\n`);
    expect(config.checks.get('shop')).toMatchObject({
      timeoutMs: 2_000,
      confirm: { recheckMs: 2_000 },
    });
    expect(config.warnings).toEqual(['nobody is paged']);
  });

  it('may be faster than a second, and failover may be at once', async () => {
    const config = await configOf(
      `${SHOP}    every: 100ms\n${CHANNELS}escalations:\n` +
        '  on-call: { steps: [{ page: [ana], by: [hook] }], failover: 0s }\n',
    );
    expect(config.checks.get('shop')?.rhythm).toEqual({ everyMs: 100 });
    expect(config.escalations.get('on-call')?.failoverMs).toBe(0);
  });

  it('warns of a recheck that is slower than every, and uses every', async () => {
    const config = await configOf(`${SHOP}    confirm: { recheck: 1m }\n`);
    expect(config.checks.get('shop')?.confirm.recheckMs).toBe(30_000);
    expect(config.warnings).toContain(
      'check "shop": recheck 1m is slower than every 30s, which is used instead',
    );
  });

  it.each([
    ['expect', '10s', '5s'],
    ['warn', '1m', '5s'],
  ])('warns of %s.time that no look lives to see', async (level, time, timeout) => {
    const config = await configOf(`${SHOP}    ${level}: { time: ${time} }\n`);
    expect(config.warnings).toContain(
      `${level}.time of check "shop": ${time} is never reached: a look ends at its timeout (${timeout})`,
    );
  });

  it('by crontab has a zone, UTC unless it says so', async () => {
    const config = await configOf(
      `${SHOP}    cron: "*/5 * * * *"\n  b: { tcp: "b.example.com:1", cron: "0 9 * * 1", timezone: Europe/Lisbon }\n`,
    );
    expect(config.checks.get('shop')?.rhythm).toEqual({ cron: '*/5 * * * *', timezone: 'UTC' });
    expect(config.checks.get('b')?.rhythm).toEqual({
      cron: '0 9 * * 1',
      timezone: 'Europe/Lisbon',
    });
  });
});

describe('who is paged', () => {
  const pages = async (escalations: string, own = ''): Promise<string | null | undefined> =>
    (await configOf(`${SHOP}${own}${CHANNELS}escalations:\n${escalations}`)).checks.get('shop')
      ?.escalation;

  it('is on-call if there is one', async () => {
    expect(await pages(step('day') + step('on-call'))).toBe('on-call');
  });
  it('is the only escalation, whatever its name', async () => {
    expect(await pages(step('day'))).toBe('day');
  });
  it('is whoever the check says, or nobody', async () => {
    expect(await pages(step('day') + step('on-call'), '    page: day\n')).toBe('day');
    expect(await pages(step('on-call'), '    page: none\n')).toBeNull();
  });
  it('later steps wait five minutes unless they say otherwise', async () => {
    const config = await configOf(
      `${SHOP}${CHANNELS}escalations:
  on-call:
    steps: [{ page: [ana], by: [hook] }, { page: [ana], by: [out] }]
    ack_expires: never
    repeat: { times: 3 }
    group: 0s
    reopen: 0s
`,
    );
    expect(config.escalations.get('on-call')).toMatchObject({
      steps: [{ afterMs: 0 }, { afterMs: 300_000 }],
      ackExpiresMs: null,
      repeat: { everyMs: 1_800_000, times: 3 },
      groupMs: 0,
      reopenMs: 0,
    });
  });
  it('is nobody where every escalation only prints', async () => {
    const config = await configOf(
      `${SHOP}${CHANNELS}escalations: { on-call: { steps: [{ page: [ana], by: [out] }] } }\n`,
    );
    expect(config.warnings).toEqual([
      'nobody is paged: every escalation only prints to the console',
    ]);
  });
});

describe('depends_on', () => {
  it('in a wide circle is told by its first links and its last', async () => {
    const link = (_: unknown, i: number): string =>
      `  c${i}: { tcp: "a.example.com:1", depends_on: [c${(i + 1) % 30}] }\n`;
    expect(
      await problemsOf(`${HEAD}checks:\n${Array.from({ length: 30 }, link).join('')}`),
    ).toEqual([
      '3:45 depends_on of check "c0" goes in a circle: ' +
        'c0 → c1 → c2 → c3 → c4 → c5 → c6 → c7 → c8 → 21 more → c0',
    ]);
  });
});

describe('ids', () => {
  it('may look like numbers and words of YAML 1.1', async () => {
    const config = await configOf(
      `${HEAD}checks:\n  404: { tcp: "a.example.com:1" }\n  on: { tcp: "b.example.com:1", depends_on: [404] }\n` +
        '  true: { tcp: "c.example.com:1" }\n  toString: { tcp: "d.example.com:1" }\n',
    );
    expect([...config.checks.keys()]).toEqual(['404', 'on', 'true', 'toString']);
    expect(config.checks.get('on')?.dependsOn).toEqual(['404']);
  });
});

describe('listeners', () => {
  it('may be anywhere once there are tokens, which are secret', async () => {
    const config = await configOf(
      `${SHOP}listen: { operator: "0.0.0.0:0", public: "[::1]:0", hosts: [tocsin.internal] }\n` +
        'api: { tokens: [token-of-the-api] }\n',
    );
    expect(config.listen).toEqual({
      operator: { host: '0.0.0.0', port: 0 },
      public: { host: '::1', port: 0 },
      hosts: ['tocsin.internal'],
    });
    expect(config.tokens).toEqual(['token-of-the-api']);
    expect(config.secrets).toContain('token-of-the-api');
  });
});

describe('the generation of a check', () => {
  const generation = async (rest: string): Promise<string | undefined> =>
    (await configOf(`${SHOP}${rest}`)).checks.get('shop')?.generation;

  it('stays when it only reads or pages differently, or its keys change places', async () => {
    const before = await generation('    every: 60s\n    expect: { status: 200, time: 1s }\n');
    expect(
      await generation(
        '    expect: { time: 1s, status: 200 }\n    every: 1m\n    name: Shop\n    severity: minor\n    page: none\n',
      ),
    ).toBe(before);
  });

  it.each([
    '    every: 20s\n',
    '    timeout: 4s\n',
    '    confirm: { fail: 2 }\n',
    '    expect: { status: 204 }\n',
    '    method: HEAD\n',
  ])('changes with %j', async (rest) => {
    expect(await generation(rest)).not.toBe(await generation(''));
  });
});

it('a problem is printed as editors can jump to it', () => {
  expect(formatProblem({ file: 'checks.yml', line: 12, column: 5, text: 'is wrong' })).toBe(
    'checks.yml:12:5 is wrong',
  );
  expect(formatProblem({ file: 'checks.yml', line: 0, column: 0, text: 'no such file' })).toBe(
    'checks.yml: no such file',
  );
});

it('an empty section is an absent one', async () => {
  expect(
    await problemsOf(`${SHOP}channels:\nresponders:\nescalations:\ninclude:\nlisten:\n`),
  ).toEqual([]);
});

it('warns that replies by webhook are polled without a public URL', async () => {
  const sms = 'type: twilio-sms, account_sid: AC1, auth_token: x, from: "+15005550006"';
  const warnings = async (replies: string, more = '') =>
    (await configOf(`${SHOP}${more}channels: { sms: { ${sms}, replies: ${replies} } }\n`)).warnings;
  const polled =
    'replies: webhook of channel "sms" needs public_url: it is polled until there is one';
  expect(await warnings('webhook')).toContain(polled);
  expect(await warnings('poll')).not.toContain(polled);
  const url = 'public_url: https://status.example.com\n';
  expect(await warnings('webhook', url)).not.toContain(polled);
});

it('tells nothing more than 200 times: of the rest only how many', async () => {
  const keys = Array.from({ length: 5_000 }, (_, i) => `  k${String(i)}: 1\n`).join('');
  const problems = await problemsOf(`version: 1\ndefaults:\n${keys}`);
  expect(problems).toHaveLength(201);
  expect(problems[199]).toBe('202:3 unknown key "k199" in defaults');
  expect(problems[200]).toBe('0:0 and 4800 more problems');
});
