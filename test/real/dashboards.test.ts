/** Every expression of every dashboard, read by promtool; grafana.test.ts runs them. */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

interface Board {
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
}

const folder = mkdtempSync(join(tmpdir(), 'tocsin-dashboards-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const filledIn = (expr: string) =>
  expr
    .replaceAll(/\$__(rate_interval|range)/g, '5m')
    .replaceAll('$objective', '99.9')
    .replaceAll(/\$(job|instance|check)/g, 'x');

test.each(globSync('dashboards/*.json'))('%s: promtool reads every expression', async (file) => {
  const { panels, annotations } = JSON.parse(readFileSync(file, 'utf8')) as Board;
  const targets = [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list];
  expect(targets.length).toBeGreaterThan(10);
  const rules = targets.map(({ expr }, n) => ({
    record: `panel:expr:n${n}`,
    expr: filledIn(expr),
  }));
  expect(JSON.stringify(rules)).not.toContain('$');
  const written = join(folder, 'rules.yml');
  writeFileSync(written, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  await promisify(execFile)('promtool', ['check', 'rules', '--lint=none', written]);
});
