/**
 * The rules of Grafana's dashboard-linter, by their names there, and that what is committed is what
 * the source makes. https://github.com/grafana/dashboard-linter/blob/main/docs/index.md
 * Left out: target-instance, where the dashboard is about checks: `instance` on `probe_…` is the
 * target, as with blackbox_exporter.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { asJson, boards } from '../dashboards/source/write.ts';

interface Target {
  readonly expr: string;
  readonly datasource: unknown;
  readonly refId: string;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly targets?: readonly Target[];
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly query: unknown;
  readonly datasource?: unknown;
  readonly refresh?: number;
  readonly includeAll?: boolean;
  readonly multi?: boolean;
  readonly allValue?: string;
}
interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly id?: null;
  readonly version?: number;
  readonly __inputs?: unknown;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const files = globSync('dashboards/*.json');
const loaded = files.map((file) => ({
  file,
  board: JSON.parse(readFileSync(file, 'utf8')) as Dashboard,
}));

it('the committed JSON is what the source makes: npm run dashboards', () => {
  const names = Object.keys(boards) as (keyof typeof boards)[];
  expect(files.map((file) => basename(file, '.json')).sort()).toEqual(names.sort());
  for (const name of names) {
    expect(readFileSync(`dashboards/${name}.json`, 'utf8')).toBe(asJson(name));
  }
});

it('the uids are those that links and provisioning know', () => {
  expect(loaded.map(({ board }) => board.uid).sort()).toEqual([
    'tocsin-check',
    'tocsin-itself',
    'tocsin-overview',
    'tocsin-paging',
  ]);
});

describe.each(loaded)('$file', ({ board }) => {
  const shown = board.panels.filter(({ type }) => type !== 'row');
  const variable = (name: string) => board.templating.list.find((each) => each.name === name);
  const targets = shown.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, ...target })),
  );

  test('uneditable-dashboard: and nothing that belongs to one Grafana', () => {
    expect(board.editable).toBe(false);
    expect(board.id).toBeUndefined();
    expect(board.version).toBeUndefined();
    expect(board.__inputs).toBeUndefined();
  });

  test('template-datasource, template-job, template-instance', () => {
    expect(variable('datasource')).toMatchObject({
      type: 'datasource',
      query: 'prometheus',
      label: 'Data source',
    });
    const everything = { datasource: DATASOURCE, includeAll: true, multi: true, allValue: '.+' };
    expect(variable('job')).toMatchObject({ type: 'query', label: 'Job', ...everything });
    if (targets.some(({ expr }) => expr.includes('$instance'))) {
      expect(variable('instance')).toMatchObject({ label: 'Instance', ...everything });
    }
  });

  test('template-label-promql, template-on-time-change-reload', () => {
    for (const { type, query, refresh } of board.templating.list) {
      if (type !== 'query') continue;
      expect(refresh).toBe(2);
      const text = (query as { query: string }).query;
      expect(text).toMatch(/^label_values\(tocsin_\w+(\{job=~"\$job"\})?, \w+\)$/);
    }
  });

  test('panel-datasource, panel-title-description, panel-units, panel-no-targets', () => {
    for (const { title, description, datasource, targets, fieldConfig } of shown) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/\.$/);
      expect(datasource, title).toEqual(DATASOURCE);
      expect(fieldConfig?.defaults.unit, title).toBeTypeOf('string');
      expect(targets?.length, title).toBeGreaterThan(0);
    }
  });

  test('target-job: every selector has it, and no job is written out', () => {
    for (const { title, expr } of targets) {
      const selectors = [...expr.matchAll(/\b(?:tocsin|probe|process|nodejs)_\w+(\{[^}]*\})?/g)];
      expect(selectors.length, title).toBeGreaterThan(0);
      for (const [, selector] of selectors) expect(selector, title).toContain('job=~"$job"');
    }
  });

  test('target-rate-interval: rate() over what Grafana scrapes, no range written out', () => {
    for (const { title, expr } of targets) {
      for (const [, range] of expr.matchAll(/\[([^\]]+)\]/g)) {
        expect(['$__rate_interval', '$__range'], title).toContain(range);
      }
      expect(expr, title).not.toMatch(/\bi?rate\([^[]*\[\$__range\]/);
    }
  });

  test('target-counter-agg: a counter is shown by its increase', () => {
    for (const { title, expr } of targets) {
      const bare = expr.replaceAll(/\b(?:rate|irate|increase)\([^[]*\[[^\]]*\]\)/g, '');
      expect(bare, title).not.toMatch(/_(?:total|bucket|sum|count)\{/);
    }
  });

  test('every target asks the chosen data source, each by its letter', () => {
    for (const { title, targets } of shown) {
      expect(new Set(targets?.map(({ refId }) => refId)).size, title).toBe(targets?.length);
      for (const { datasource } of targets ?? []) expect(datasource, title).toEqual(DATASOURCE);
    }
  });

  test('panels have numbers of their own, and none lies over another', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of board.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`), title).toBe(false);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });
});
