/**
 * The few kinds of panel and variable that our dashboards are made of, as Grafana 11 reads them. Panels
 * flow from left to right in the order written, and are numbered in it: a link to a panel by its
 * number breaks when one is put before it.
 */

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
const COLUMNS = 24;

/** As Grafana calls them. `dateTimeFromNow` takes epoch ms. */
export type Unit =
  | 'none'
  | 'short'
  | 's'
  | 'bytes'
  | 'percentunit'
  | 'ops'
  | 'cps'
  | 'dateTimeFromNow'
  | 'bool_yes_no';

export interface Query {
  readonly expr: string;
  /** `{{label}}`s; '' names the series after its labels. */
  readonly legend?: string;
}

interface Step {
  readonly from: number | null;
  readonly color: 'green' | 'orange' | 'red' | 'blue';
}

interface Look {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  readonly width?: number;
  readonly height?: number;
  readonly steps?: readonly Step[];
  /** Shown in place of a value. */
  readonly words?: Readonly<Record<string, string>>;
}

export interface Panel {
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly body: object;
}

const LETTERS = 'ABCDEFGH';

function panel(type: string, look: Look, size: [number, number], more: object): Panel {
  const isInstant = type !== 'timeseries' && type !== 'state-timeline';
  const { title, description, unit, queries, steps, words } = look;
  const mappings = words === undefined ? [] : [{ type: 'value', options: texts(words) }];
  const thresholds = (steps ?? [{ from: null, color: 'blue' }]).map(({ from, color }) => ({
    color,
    value: from,
  }));
  return {
    type,
    width: look.width ?? size[0],
    height: look.height ?? size[1],
    body: {
      title,
      description,
      datasource: DATASOURCE,
      targets: queries.map(({ expr, legend }, n) => ({
        datasource: DATASOURCE,
        refId: LETTERS[n],
        expr,
        legendFormat: legend ?? '__auto',
        ...(isInstant ? { instant: true, range: false } : { range: true }),
        ...(type === 'table' ? { format: 'table' } : {}),
      })),
      fieldConfig: {
        defaults: { unit, mappings, thresholds: { mode: 'absolute', steps: thresholds } },
        overrides: [],
      },
      ...more,
    },
  };
}

function texts(words: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }]));
}

export function stat(look: Look): Panel {
  const colorMode = look.steps === undefined ? 'none' : 'background';
  return panel('stat', look, [4, 4], {
    options: { colorMode, graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } },
  });
}

export function series(look: Look): Panel {
  return panel('timeseries', look, [12, 8], {
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  });
}

/** One lane a series, coloured by its value. */
export function lanes(look: Look): Panel {
  return panel('state-timeline', look, [24, 6], {
    options: { showValue: 'never', mergeValues: true, rowHeight: 0.9 },
  });
}

/** `columns`: labels in the order shown, by their headings; the value comes last, as `value`. */
export function table(
  look: Look & { readonly columns: Readonly<Record<string, string>>; readonly value: string },
): Panel {
  const columns = { ...look.columns, Value: look.value };
  return panel('table', look, [12, 8], {
    options: { showHeader: true, sortBy: [{ displayName: look.value, desc: false }] },
    transformations: [
      { id: 'filterFieldsByName', options: { include: { names: Object.keys(columns) } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(Object.keys(columns).map((name, n) => [name, n])),
          renameByName: columns,
        },
      },
    ],
  });
}

export function heading(title: string): Panel {
  return {
    type: 'row',
    width: COLUMNS,
    height: 1,
    body: { title, collapsed: false, panels: [] },
  };
}

/** Asked of the data source, again whenever the range changes; all of them unless one is chosen. */
export function labelValues(name: string, label: string, query: string, isMulti = true): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    ...(isMulti ? { includeAll: true, multi: true, allValue: '.+' } : {}),
  };
}

export function choice(name: string, label: string, options: string[], chosen: string): object {
  return {
    name,
    label,
    type: 'custom',
    query: options.join(','),
    current: { text: chosen, value: chosen },
    options: options.map((value) => ({ text: value, value, selected: value === chosen })),
  };
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly from: string;
  readonly variables: readonly object[];
  readonly annotations?: readonly { readonly name: string; readonly expr: string }[];
  readonly panels: readonly Panel[];
}

/** As Grafana reads it from a file. */
export function dashboard(board: Board): object {
  const { uid, title, description, from, variables, annotations = [], panels } = board;
  return {
    uid,
    title,
    description,
    tags: ['tocsin'],
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from, to: 'now' },
    links: [{ type: 'dashboards', tags: ['tocsin'], title: 'Tocsin', asDropdown: true }],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        labelValues('job', 'Job', 'label_values(tocsin_build_info, job)'),
        ...variables,
      ],
    },
    annotations: {
      list: annotations.map(({ name, expr }) => ({
        name,
        expr,
        datasource: DATASOURCE,
        enable: true,
        iconColor: 'red',
        step: '60s',
        titleFormat: name,
      })),
    },
    panels: laidOut(panels),
  };
}

function laidOut(panels: readonly Panel[]): object[] {
  let [x, y, tallest] = [0, 0, 0];
  return panels.map(({ type, width, height, body }, n) => {
    if (x + width > COLUMNS) [x, y, tallest] = [0, y + tallest, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    tallest = Math.max(tallest, height);
    return { id: n + 1, type, gridPos, ...body };
  });
}
