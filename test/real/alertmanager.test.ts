/** Alerts of Debian's real Alertmanager page through the real daemon, and end as they end there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePorts } from '../e2e/daemon-process.ts';
import { ANA, openHouse } from '../e2e/house.ts';

const TOKEN = 'token-of-the-alertmanager';

let house: Awaited<ReturnType<typeof openHouse>>;
let alertmanager: ChildProcess;
let url: string;

beforeEach(async () => {
  house = await openHouse({
    more: () => `hooks: { prometheus: { type: alertmanager, token: ${TOKEN} } }\n`,
  });
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${String(port)}`;
  const file = join(house.folder, 'alertmanager.yml');
  writeFileSync(
    file,
    `route: { receiver: tocsin, group_wait: 100ms, group_interval: 500ms, repeat_interval: 1s }
receivers:
  - name: tocsin
    webhook_configs: [{ url: "${house.public}/hooks/alertmanager/${TOKEN}" }]
`,
  );
  alertmanager = spawn(
    'prometheus-alertmanager',
    [
      ...[`--config.file=${file}`, `--storage.path=${join(house.folder, 'alertmanager')}`],
      ...[`--web.listen-address=127.0.0.1:${String(port)}`, '--cluster.listen-address='],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const { stderr } = alertmanager;
  if (stderr === null) throw new Error('no stderr');
  for await (const line of createInterface({ input: stderr })) {
    if (line.includes('Listening on')) break;
  }
});
afterEach(async () => {
  const gone = once(alertmanager, 'exit');
  alertmanager.kill('SIGKILL');
  await gone;
  await house.close();
});

async function alert(instance: string, ends?: Date): Promise<void> {
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      {
        labels: { alertname: 'QueueFull', instance, severity: 'critical' },
        annotations: { summary: `Queue of ${instance} is full`, description: '9,000 jobs wait' },
        ...(ends ? { endsAt: ends.toISOString() } : {}),
      },
    ]),
  });
  expect(answer.status).toBe(200);
}

it('an alert pages once, however often it is told, and its end is told', async () => {
  const daemon = await house.start();
  const taken = (outcome: string, count: number) =>
    daemon.waitFor(() => daemon.lines.filter(({ event }) => event === outcome).length >= count);
  await alert('mq1');
  const page = await house.waitForSms(ANA, /DOWN/);
  expect(page.body).toMatch(
    /^[2-9A-Z]{2} DOWN Queue of mq1 is full: 9,000 jobs wait, since \d\d:\d\d\. Reply/,
  );
  const code = page.body.split(' ')[0] ?? '';
  // Alertmanager says it again and again.
  await taken('nothing changed', 3);
  expect(house.smsTo(ANA)).toHaveLength(1);
  const acked = await house.command('ack', code, '--by', 'ana', '--json');
  expect(JSON.parse(acked.out)).toMatchObject({
    state: 'acknowledged',
    severity: 'critical',
    checks: [{ id: expect.stringMatching(/^alert:prometheus:[0-9a-f]{16}$/) as string }],
  });

  await alert('mq1', new Date());
  const over = await house.waitForSms(ANA, / OK /);
  expect(over.body).toMatch(new RegExp(`^${code} OK Queue of mq1 is full: up after`));
  await daemon.kill('SIGTERM');
  expect(JSON.stringify([daemon.lines, daemon.other])).not.toContain(TOKEN);
}, 60_000);
