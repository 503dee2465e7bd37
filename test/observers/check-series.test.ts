import { describe, expect, it } from 'vitest';
import { createCheckSeries } from '../../src/observers/check-series.ts';
import { boardOf, checkOf, configOf, MORNING, stateOf } from '../server/house.ts';
import { readExposition } from './exposition-reader.ts';
import { PROBES, Watched } from './watched.ts';

const SHOP = { instance: 'https://shop.example/', check: 'shop' };
const CRON = { rhythm: { cron: '*/5 * * * *', timezone: 'UTC' } };

describe('a check has its series from the start', () => {
  it('before any look: unknown, zeros, and no word about the target', async () => {
    const seen = await new Watched().read();
    expect(seen.value('tocsin_check_state', { check: 'shop', state: 'unknown' })).toBe(1);
    expect(seen.value('tocsin_check_state', { check: 'shop', state: 'up' })).toBe(0);
    for (const result of ['up', 'degraded', 'down', 'unknown']) {
      expect(seen.value('tocsin_probe_results_total', { check: 'shop', result })).toBe(0);
    }
    expect(seen.value('tocsin_probe_last_run_timestamp_seconds', { check: 'shop' })).toBe(0);
    expect(seen.all('probe_success')).toEqual([]);
    expect(seen.all('probe_duration_seconds')).toEqual([]);
  });

  it('after a restart the states are those of the board, before any event', async () => {
    const watched = new Watched();
    watched.board.checks.set('shop', stateOf('shop', { status: 'down', lastStatus: 'down' }));
    const seen = await watched.read();
    expect(seen.value('tocsin_check_state', { check: 'shop', state: 'down' })).toBe(1);
    expect(seen.value('tocsin_check_state', { check: 'shop', state: 'unknown' })).toBe(0);
    expect(seen.value('probe_success', SHOP)).toBe(0);
  });

  it('says what it is, tags included, and what was not meant for a label is made one', async () => {
    const tags = { team: 'shop "A"\\B\nC', 'cost-centre': '7', 'cost.centre': '8' };
    const watched = new Watched([
      checkOf('shop', { name: 'Shop', severity: 'critical', tags }),
      checkOf('quiet', { escalation: null }),
    ]);
    const info = (await watched.read()).all('tocsin_check_info');
    expect(info.map(({ labels }) => labels)).toEqual([
      {
        check: 'shop',
        name: 'Shop',
        type: 'http',
        severity: 'critical',
        escalation: 'on-call',
        tag_team: 'shop "A"\\B\nC',
        tag_cost_centre: '8',
      },
      expect.objectContaining({ check: 'quiet', escalation: 'none' }),
    ]);
  });
});

describe('a look shows', () => {
  it('its success, how long it took, and what the probe read off it', async () => {
    const watched = new Watched();
    watched.look('shop', 'up', { code: 200, phases: { connect: 0.01, tls: 0.02 } });
    const seen = await watched.read();
    expect(seen.value('probe_success', SHOP)).toBe(1);
    expect(seen.value('probe_duration_seconds', SHOP)).toBe(0.25);
    expect(seen.value('probe_http_status_code', SHOP)).toBe(200);
    expect(seen.value('probe_http_duration_seconds', { ...SHOP, phase: 'connect' })).toBe(0.01);
    expect(seen.value('probe_http_duration_seconds', { ...SHOP, phase: 'tls' })).toBe(0.02);
    expect(seen.value('tocsin_probe_results_total', { check: 'shop', result: 'up' })).toBe(1);
    expect(seen.value('tocsin_probe_last_run_timestamp_seconds', { check: 'shop' })).toBe(
      watched.clock.now() / 1000,
    );
    expect(seen.value('tocsin_probe_seconds_count')).toBe(1);
    expect(seen.types.get('probe_success')).toBe('gauge');
    expect(seen.types.get('tocsin_probe_results_total')).toBe('counter');
  });

  it('words, as labels, whatever characters a target puts into them', async () => {
    const watched = new Watched();
    const subject = 'CN="a\\b"\n,O=Shop';
    watched.look('shop', 'up', { subject });
    const [info] = (await watched.read()).all('probe_ssl_last_chain_info');
    expect(info).toMatchObject({ value: 1, labels: { ...SHOP, subject, issuer: 'CN=Ours' } });
  });

  it.each([
    ['up', 1],
    ['degraded', 1],
    ['down', 0],
    ['unknown', undefined],
  ] as const)('%s as probe_success %s', async (status, expected) => {
    const watched = new Watched();
    watched.look('shop', status, null);
    expect((await watched.read()).value('probe_success', SHOP)).toBe(expected);
  });

  it('a gauge that the facts do not have is absent, not old', async () => {
    const watched = new Watched();
    watched.look('shop', 'up', { code: 200 });
    watched.look('shop', 'down', {});
    expect((await watched.read()).all('probe_http_status_code')).toEqual([]);
  });

  it('nothing any more when two rounds and the timeout have passed without another', async () => {
    const watched = new Watched();
    watched.look('shop', 'up', { code: 200 });
    await watched.clock.advance(65_000);
    expect((await watched.read()).value('probe_success', SHOP)).toBe(1);
    await watched.clock.advance(1);
    const seen = await watched.read();
    expect(seen.samples.filter(({ name }) => name.startsWith('probe_'))).toEqual([]);
    const state = (word: string) => ({ check: 'shop', state: word });
    expect(seen.value('tocsin_check_state', state('up'))).toBe(0);
    expect(seen.value('tocsin_check_state', state('unknown'))).toBe(1);
  });

  it('but what was confirmed as down is down until somebody has seen it well', async () => {
    const watched = new Watched();
    watched.look('shop', 'down', {});
    watched.board.checks.set('shop', stateOf('shop', { status: 'down', lookedAt: MORNING }));
    await watched.clock.advance(3_600_000);
    const seen = await watched.read();
    expect(seen.value('tocsin_check_state', { check: 'shop', state: 'down' })).toBe(1);
    expect(seen.value('probe_success', SHOP)).toBeUndefined();
  });

  it('of a check on a cron, for two of its own rounds', async () => {
    const watched = new Watched([checkOf('shop', CRON)]);
    watched.look('shop', 'up', null);
    // 04:12, with five minutes in between: due at 04:15 and 04:20.
    await watched.clock.advance(485_000);
    expect((await watched.read()).value('probe_success', SHOP)).toBe(1);
    await watched.clock.advance(1);
    expect((await watched.read()).value('probe_success', SHOP)).toBeUndefined();
  });

  it('of a check that is gone, nothing', async () => {
    const watched = new Watched();
    watched.look('ghost', 'up', { code: 200 });
    expect((await watched.read()).samples.some(({ labels }) => labels['check'] === 'ghost')).toBe(
      false,
    );
  });
});

describe('a reload', () => {
  it('ends the series of a removed check, begins those of a new one, keeps the counts', async () => {
    const watched = new Watched([checkOf('shop'), checkOf('edge', { type: 'tcp' })]);
    watched.look('shop', 'up', { code: 200 });
    watched.look('edge', 'down', {});
    watched.configure(configOf([checkOf('shop'), checkOf('mail')]));
    const seen = await watched.read();
    expect(seen.samples.filter(({ labels }) => labels['check'] === 'edge')).toEqual([]);
    expect(seen.value('tocsin_probe_results_total', { check: 'shop', result: 'up' })).toBe(1);
    expect(seen.value('probe_http_status_code', SHOP)).toBe(200);
    expect(seen.value('tocsin_probe_results_total', { check: 'mail', result: 'up' })).toBe(0);
  });

  it('of a check that is now looked at otherwise drops what was read, not the counts', async () => {
    const watched = new Watched();
    watched.look('shop', 'up', { code: 200 });
    watched.configure(configOf([checkOf('shop', { generation: 'g2' })]));
    const late = await watched.read();
    expect(late.all('probe_http_status_code')).toEqual([]);
    expect(late.value('tocsin_probe_results_total', { check: 'shop', result: 'up' })).toBe(1);
    watched.look('shop', 'up', { code: 200 });
    expect((await watched.read()).all('probe_http_status_code')).toEqual([]);
  });
});

it('two probes share a gauge, and it is one family', async () => {
  const watched = new Watched([checkOf('shop'), checkOf('edge', { type: 'tcp' })]);
  watched.look('shop', 'up', {});
  watched.look('edge', 'up', {});
  const values = (await watched.read()).all('probe_ip_protocol').map(({ value }) => value);
  expect(values).toEqual([4, 6]);
});

describe('a check that a job reports to', () => {
  const heartbeat = { token: 'token-of-the-backup', graceMs: 3_600_000 };
  const backup = checkOf('backup', { type: 'heartbeat', target: 'heartbeat', heartbeat });
  const BACKUP = { instance: 'heartbeat', check: 'backup' };

  it('is as good as its last report, however long ago: its deadline is another matter', async () => {
    const watched = new Watched([backup]);
    watched.look('backup', 'up', null);
    await watched.clock.advance(7 * 86_400_000);
    const seen = await watched.read();
    expect(seen.value('probe_success', BACKUP)).toBe(1);
    expect(seen.value('tocsin_probe_last_run_timestamp_seconds', { check: 'backup' })).toBe(
      (watched.clock.now() - 7 * 86_400_000) / 1_000,
    );
    expect(seen.value('tocsin_probe_results_total', { check: 'backup', result: 'up' })).toBe(1);
  });

  it('shows how long its job ran, which is no look and not among the looks', async () => {
    const watched = new Watched([backup, checkOf('shop')]);
    watched.look('backup', 'up', null);
    watched.look('shop', 'up', {});
    const seen = await watched.read();
    expect(seen.value('probe_duration_seconds', BACKUP)).toBe(0.25);
    expect(seen.value('tocsin_probe_seconds_count')).toBe(1);
  });

  it('that was never reported to and is overdue is a failure', async () => {
    const watched = new Watched([backup]);
    const late = { status: 'down', lastStatus: 'down', lookedAt: null, tookMs: null } as const;
    watched.board.checks.set('backup', stateOf('backup', late));
    expect((await watched.read()).value('probe_success', BACKUP)).toBe(0);
  });
});

it('ten thousand checks come in pieces, none of them long', () => {
  const checks = Array.from({ length: 10_000 }, (_, n) => checkOf(`check-${String(n)}`));
  const series = createCheckSeries(PROBES);
  series.configure(configOf(checks));
  const pieces = [...series.pieces(boardOf([], []), MORNING, 'text')];
  expect(pieces.join('').match(/^tocsin_check_info\{/gm)).toHaveLength(10_000);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(64 * 1024);
  // Of what no check has yet: places to rest.
  expect(pieces.filter((piece) => piece === '').length).toBeGreaterThan(100);
});

it('a number is written as it is, whatever it is', async () => {
  const watched = new Watched();
  const phases = { tiny: 1e-9, huge: 1e21, whole: 5, odd: 0.1 + 0.2, no: NaN, more: Infinity };
  watched.look('shop', 'up', { phases });
  const text = await watched.text();
  const written = [...text.matchAll(/^probe_http_duration_seconds\{.*phase="(\w+)"\} (.*)$/gm)];
  expect(Object.fromEntries(written.map(([, phase, value]) => [phase, value]))).toEqual({
    ...{ tiny: '1e-9', huge: '1e+21', whole: '5', odd: '0.30000000000000004' },
    ...{ no: 'NaN', more: '+Inf' },
  });
});

describe('as a blackbox_exporter, of one check', () => {
  it('there is what its last look showed, without a label that says which check it is', () => {
    const watched = new Watched([checkOf('shop'), checkOf('edge', { type: 'tcp' })]);
    watched.look('shop', 'up', { code: 200, phases: { tls: 0.02 } });
    const seen = readExposition(watched.metrics.blackbox('shop', 'text'));
    expect(seen.value('probe_success')).toBe(1);
    expect(seen.value('probe_http_status_code')).toBe(200);
    expect(seen.value('probe_http_duration_seconds', { phase: 'tls' })).toBe(0.02);
    expect(watched.metrics.blackbox('edge', 'text')).toBe('');
    expect(watched.metrics.blackbox('ghost', 'text')).toBe('');
  });

  it('a look that is too old is not shown, as if it were one of now', async () => {
    const watched = new Watched();
    watched.look('shop', 'up', { code: 200 });
    await watched.clock.advance(65_001);
    expect(watched.metrics.blackbox('shop', 'text')).toBe('');
    watched.look('shop', 'down', {});
    const seen = readExposition(watched.metrics.blackbox('shop', 'text'));
    expect(seen.value('probe_success')).toBe(0);
    expect(seen.all('probe_http_status_code')).toEqual([]);
  });
});

it('a scrape that a reload overtakes is of the checks there were; the next one, of those there are', async () => {
  const watched = new Watched(Array.from({ length: 2_000 }, (_, n) => checkOf(`old-${n}`)));
  let text = '';
  for await (const chunk of watched.metrics.render()) {
    const began = text.includes('tocsin_check_info{');
    text += Buffer.from(chunk).toString();
    if (!began && text.includes('tocsin_check_info{'))
      watched.configure(configOf([checkOf('new')]));
  }
  const seen = readExposition(text);
  expect(seen.all('tocsin_check_info')).toHaveLength(2_000);
  expect(seen.all('tocsin_check_state')).toHaveLength(8_000);
  const next = await watched.read();
  expect(next.all('tocsin_check_info').map(({ labels }) => labels['check'])).toEqual(['new']);
});
