import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createLog } from '../../src/system/log.ts';

function recording(pretty = false) {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    pretty,
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, lines };
}

function parsed(lines: readonly string[]): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a line', () => {
  test('is JSON with its level, time and event', () => {
    const { log, lines } = recording();
    log.warn('check turned', { check: 'shop', tookMs: 12 });
    expect(lines[0]).toMatch(/\}\n$/);
    expect(parsed(lines)[0]).toMatchObject({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event: 'check turned',
      check: 'shop',
      tookMs: 12,
    });
  });

  test('below the level is not written', () => {
    const { log, lines } = recording();
    log.debug('noise');
    expect(lines).toEqual([]);
  });

  test('never breaks on what a target may say', () => {
    const { log, lines } = recording();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    log.info('odd', { text: 'a\nb\u001B[2J', loop, big: 10n, none: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.trimEnd()).not.toContain('\n');
    expect(parsed(lines)[0]).toMatchObject({ text: 'a\nb\u001B[2J', big: '10' });
  });

  test('for a person is one plain line, with nothing that could move the cursor', () => {
    const { log, lines } = recording(true);
    log.error('look failed', { check: 'shop', detail: 'x\n\u001B[2J\u009B2J' });
    // eslint-disable-next-line no-control-regex -- colors are what is taken away
    const plain = lines[0]!.replace(/\u001B\[\d+m/g, '');
    expect(plain).toMatch(/^\d\d:\d\d:\d\d ERROR look failed check=shop detail="x\\n.*"\n$/);
    // eslint-disable-next-line no-control-regex -- that there is none is what is tested
    expect(plain.trimEnd()).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
  });
});

describe('what must not be told', () => {
  test('secrets are blotted out wherever they stand', () => {
    const { log, lines } = recording();
    log.redact(['s3cret/+key', 'pin']);
    const cause = new Error('sent s3cret/+key');
    log.error('failed with s3cret/+key', {
      's3cret/+key': 'name',
      deep: [{ list: ['Bearer s3cret/+key'] }],
      url: 'https://x.test/?k=s3cret%2F%2Bkey',
      error: new Error('outer', { cause }),
      pin: 'too short to be one',
    });
    expect(lines[0]).not.toMatch(/s3cret/);
    expect(lines[0]).toContain('[secret]');
    expect(parsed(lines)[0]).toMatchObject({
      pin: 'too short to be one',
      url: 'https://x.test/?k=[secret]',
      error: { message: 'outer', cause: { message: 'sent [secret]' } },
    });
  });

  test('a secret that looks like a pattern, or contains another, is still only itself', () => {
    const { log, lines } = recording();
    log.redact(['a.*b', 'token', 'token-long']);
    log.info('x', { text: 'axxb a.*b token-long' });
    expect(parsed(lines)[0]).toMatchObject({ text: 'axxb [secret] [secret]' });
  });

  test('phone numbers lose their middle', () => {
    const { log, lines } = recording();
    log.info('x', { to: '+351912345678', form: 'To=%2B447700900123&From=x', clock: '+01:00' });
    expect(parsed(lines)[0]).toMatchObject({
      to: '+351***678',
      form: 'To=%2B447***123&From=x',
      clock: '+01:00',
    });
  });

  test("an error's own fields stay behind: SDKs keep whole requests in them", () => {
    const { log, lines } = recording();
    const error = Object.assign(new Error('no'), {
      code: 'ECONNREFUSED',
      config: { headers: { Authorization: 'Basic abc' } },
    });
    log.error('x', { error });
    expect(lines[0]).not.toContain('Authorization');
    expect(parsed(lines)[0]).toMatchObject({ error: { message: 'no', code: 'ECONNREFUSED' } });
  });
});

test('what a stuck reader does not take is dropped and counted, and said when it reads again', async () => {
  const source = `
    import { createLog } from ${JSON.stringify(new URL('../../src/system/log.ts', import.meta.url).href)};
    const log = createLog({ level: 'info', pretty: false });
    const text = 'x'.repeat(3000);
    while (log.dropped() === 0) log.info('flood', { text });
    process.stderr.write('dropped');
    process.stdin.once('data', async () => { await log.flush(); process.exit(); });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source]);
  child.stdout.pause();
  await once(child.stderr, 'data');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += String(chunk);
    if (text.includes('log lines dropped')) child.stdin.write('end\n');
  });
  child.stdout.resume();
  await once(child.stdout, 'end');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', event: 'log lines dropped', lines: 1 });
});
