/** The shipped Prometheus rules, checked and tested by promtool, and held against our metrics. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const promtool = (...args: string[]) => promisify(execFile)('promtool', args);

it('promtool finds the rules valid', async () => {
  const { stdout } = await promtool('check', 'rules', 'alerts/tocsin.rules.yml');
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

it('every alert fires when it should, and not before', async () => {
  const { stdout } = await promtool('test', 'rules', ...globSync('alerts/*.test.yml'));
  expect(stdout.match(/SUCCESS/g)).toHaveLength(2);
});

it('the rules read only metrics that Tocsin has', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const sources = globSync('src/{observers,probes}/*.ts').map((path) => readFileSync(path, 'utf8'));
  const names = [...rules.matchAll(/\b(?:tocsin|probe)_\w+(?=\{)/g)].map(([name]) =>
    name.replace(/_bucket$/, ''),
  );
  expect(names.length).toBeGreaterThan(5);
  const missing = names.filter((name) => !sources.some((text) => text.includes(`'${name}'`)));
  expect(missing).toEqual([]);
});

it('every alert says how bad it is, for how long, and has a runbook that is there', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const alerts = rules.split(/^ +- (?=alert: )/m).slice(1);
  expect(alerts.length).toBeGreaterThan(15);
  for (const alert of alerts) {
    const name = /^alert: (\w+)/.exec(alert)?.[1] ?? '';
    expect(alert, name).toMatch(/^ +for: \d/m);
    expect(alert, name).toMatch(/^ +severity: (critical|warning|info)$/m);
    // Those that are down share what they say.
    if (alert.includes('annotations: *')) continue;
    expect(alert, name).toMatch(/^ +summary: .*\.$/m);
    expect(alert, name).toMatch(/^ +description: >-$/m);
    const runbook = /^ +runbook_url: (.+)$/m.exec(alert)?.[1] ?? '';
    expect(runbook, name).toBe(`docs/runbooks/${name}.md`);
    expect(readFileSync(runbook, 'utf8')).toContain(`# ${name}\n`);
  }
});

it('every alert is in the list that people read', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const listed = readFileSync('alerts/README.md', 'utf8').matchAll(/^\| \[`(\w+)`\]/gm);
  const alerts = rules.matchAll(/- alert: (\w+)/g);
  const names = (found: Iterable<RegExpMatchArray>) =>
    [...new Set([...found].map(([, name = '']) => name))].sort();
  expect(names(listed)).toEqual(names(alerts));
});

it('every alert has a test', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const tests = readFileSync('alerts/tocsin.rules.test.yml', 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map((match) => match[1] ?? '');
  expect(alerts.filter((alert) => !tests.includes(alert))).toEqual([]);
});
