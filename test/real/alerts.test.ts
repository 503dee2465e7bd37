/** The shipped Prometheus rules, checked and tested by promtool, and held against our metrics. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const promtool = (...args: string[]) => promisify(execFile)('promtool', args);

it('promtool finds the rules valid', async () => {
  const { stdout } = await promtool('check', 'rules', 'alerts/tocsin.rules.yml');
  expect(stdout).toContain('SUCCESS: 8 rules found');
});

it('every alert fires when it should, and not before', async () => {
  const { stdout } = await promtool('test', 'rules', 'alerts/tocsin.rules.test.yml');
  expect(stdout).toContain('SUCCESS');
});

it('the rules read only metrics that Tocsin has', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const observers = globSync('src/observers/*.ts').map((path) => readFileSync(path, 'utf8'));
  const names = [...rules.matchAll(/\b(?:tocsin|probe)_\w+(?=\{)/g)].map(([name]) =>
    name.replace(/_bucket$/, ''),
  );
  expect(names.length).toBeGreaterThan(5);
  const missing = names.filter((name) => !observers.some((text) => text.includes(`'${name}'`)));
  expect(missing).toEqual([]);
});

it('every alert has a test', () => {
  const rules = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  const tests = readFileSync('alerts/tocsin.rules.test.yml', 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map((match) => match[1] ?? '');
  expect(alerts.filter((alert) => !tests.includes(alert))).toEqual([]);
});
