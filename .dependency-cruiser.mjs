// Who may import whom: one row a folder, in the order in which data passes through them. A file
// imports only from rows above its own. What stands below and is needed above is handed in as a
// function. `imports` may be used at run time; `types` only as `import type`.

/** Kept short: the row of a plugin drawer that others may see is its interface. */
const PROBE = 'probes/probe.ts';
const CHANNEL = 'channels/channel.ts';

const rows = [
  { row: 'system/', imports: [], types: [] },
  { row: 'calendar/', imports: [], types: [] },
  { row: 'config/', imports: ['calendar/', 'system/values.ts'], types: ['system/'] },
  { row: 'registration/', imports: [], types: ['system/'] },
  {
    row: 'probes/',
    imports: ['system/values.ts'],
    types: ['system/', 'config/', 'registration/rdap.ts'],
  },
  { row: 'judge/', imports: ['calendar/'], types: ['config/', PROBE] },
  { row: 'schedule/', imports: ['calendar/'], types: ['config/', PROBE, 'system/'] },
  // The seed of a decision's names is data, and `system/random.ts` says what it looks like.
  {
    row: 'incident/',
    imports: ['calendar/'],
    types: ['config/', PROBE, 'judge/', 'system/random.ts'],
  },
  {
    row: 'communication/',
    imports: ['calendar/'],
    types: ['config/', PROBE, 'judge/', 'incident/'],
  },
  {
    row: 'events.ts',
    imports: [],
    types: [
      'system/',
      'config/',
      'registration/rdap.ts',
      PROBE,
      'judge/',
      'schedule/',
      'incident/',
      'communication/',
    ],
  },
  {
    row: 'message/',
    imports: ['config/config.ts'],
    types: ['config/', PROBE, 'incident/', 'communication/'],
  },
  {
    row: 'channels/',
    imports: ['message/', 'system/values.ts'],
    types: ['system/', 'config/', 'incident/'],
  },
  {
    row: 'outbox/',
    imports: ['system/deadline.ts'],
    types: [CHANNEL, 'system/', 'config/', 'incident/', 'events.ts'],
  },
  {
    row: 'store/',
    imports: [],
    types: ['system/', 'config/', PROBE, 'judge/', 'incident/', 'communication/', 'events.ts'],
  },
  {
    row: 'self.ts',
    imports: ['judge/', 'config/config.ts'],
    types: ['system/', 'config/', 'schedule/', 'incident/'],
  },
  {
    row: 'self-test.ts',
    imports: ['outbox/deadline.ts'],
    types: ['system/', 'schedule/', 'store/', 'events.ts'],
  },
  { row: 'ack-links.ts', imports: ['incident/'], types: ['config/'] },
  {
    row: 'heartbeats.ts',
    imports: ['judge/', 'schedule/due-heap.ts'],
    types: ['system/', 'config/', 'incident/', 'events.ts'],
  },
  {
    row: 'registrations.ts',
    imports: ['registration/'],
    types: ['system/', 'config/', PROBE, 'events.ts'],
  },
  {
    row: 'sight.ts',
    imports: ['system/signal.ts'],
    types: ['system/', 'config/', PROBE],
  },
  {
    row: 'watch.ts',
    imports: ['judge/', 'sight.ts'],
    types: [
      'self.ts',
      'system/',
      'config/',
      PROBE,
      'schedule/',
      'incident/',
      'store/',
      'events.ts',
      'pipeline.ts',
    ],
  },
  {
    row: 'departure.ts',
    imports: ['judge/'],
    types: [
      'system/',
      'schedule/',
      'incident/',
      'events.ts',
      'heartbeats.ts',
      'self.ts',
      'watch.ts',
      'pipeline.ts',
    ],
  },
  { row: 'deadlines.ts', imports: ['incident/'], types: ['system/', 'config/'] },
  {
    row: 'pipeline.ts',
    imports: ['judge/', 'incident/', 'communication/', 'deadlines.ts'],
    types: ['system/', 'config/', PROBE, 'store/', 'outbox/', 'events.ts'],
  },
  {
    row: 'observers/',
    imports: ['judge/freshness.ts', 'incident/coverage.ts', 'incident/reach.ts'],
    types: [
      'system/',
      'config/',
      PROBE,
      'judge/',
      'schedule/',
      'incident/',
      'events.ts',
      'message/',
    ],
  },
  // How rows read as JSON is one pure function, the same for the API and for a webhook.
  {
    row: 'server/',
    imports: [
      'system/values.ts',
      'incident/incident-view.ts',
      'incident/silence-view.ts',
      'incident/duty-view.ts',
      'incident/bundle-called.ts',
      'incident/drill-view.ts',
      'incident/coverage.ts',
      'judge/freshness.ts',
    ],
    types: [
      'system/',
      'config/',
      PROBE,
      'judge/',
      'incident/',
      'events.ts',
      CHANNEL,
      'store/',
      'pipeline.ts',
      'observers/',
    ],
  },
  { row: 'directory.ts', imports: [], types: ['config/', 'incident/', CHANNEL] },
  {
    row: 'inbound.ts',
    imports: ['directory.ts', 'incident/hearing-of-bundles.ts', 'incident/notification.ts'],
    types: ['config/', 'incident/', CHANNEL, 'events.ts'],
  },
  {
    row: 'loading/',
    imports: [
      'config/',
      'probes/index.ts',
      'channels/index.ts',
      'message/templates.ts',
      'system/heap.ts',
    ],
    types: ['events.ts'],
  },
  {
    row: 'doctor/',
    imports: ['config/fate.ts', 'system/process.ts', 'system/values.ts'],
    types: ['.*'],
  },
  { row: 'housekeeping.ts', imports: [], types: ['.*'] },
  {
    row: 'reload.ts',
    imports: ['calendar/', 'config/problem.ts', 'config/differences.ts'],
    types: ['.*'],
  },
  {
    row: 'core.ts',
    imports: ['(?!cli/|main\\.ts|daemon\\.ts|server/|observers/|system/)'],
    types: ['system/'],
  },
  { row: 'daemon.ts', imports: ['(?!cli/|main\\.ts)'], types: [] },
  { row: 'cli/', imports: ['(?!main\\.ts)'], types: [] },
];

/** Each library belongs to the one place that wraps it: replacing it is a change there. */
const libraries = {
  undici: ['system/'],
  pino: ['system/log.ts'],
  croner: ['calendar/'],
  yaml: ['config/'],
  tldts: ['config/fate.ts'],
  'fastest-levenshtein': ['config/', 'server/'],
  zod: ['system/values.ts', 'config/', 'probes/', 'channels/', 'server/'],
  re2js: ['system/values.ts', 'probes/'],
  'jsonpath-rfc9535': ['system/values.ts', 'probes/'],
  'dns-packet': ['probes/'],
  ws: ['probes/'],
  'p-limit': ['schedule/', 'outbox/'],
  twilio: ['channels/'],
  '@sendgrid/mail': ['channels/'],
  nodemailer: ['channels/smtp.ts'],
  'prom-client': ['observers/'],
  hono: ['server/'],
  '@hono/node-server': ['server/'],
  'node-cron': ['housekeeping.ts'],
  commander: ['cli/'],
  mustache: ['message/template.ts'],
};

const builtins = {
  sqlite: { where: ['store/'], why: 'Ask the Store (src/store/store.ts).' },
  'net|tls|dgram|dns|dns/promises|https': {
    where: ['system/'],
    why: 'Use the Transport you were handed (src/system/transport.ts).',
  },
  http2: {
    where: ['system/', 'probes/_grpc-health.ts'],
    why: 'It takes a socket: one from the Transport you were handed.',
  },
  http: { where: ['system/', 'server/'], why: 'Only src/server listens; only src/system calls.' },
  child_process: { where: ['system/'], why: 'Only src/system starts programs.' },
  'fs|fs/promises': {
    where: [
      ...['system/', 'config/disk.ts', 'loading/', 'store/', 'doctor/machine.ts', 'cli/'],
      'main.ts',
    ],
    why: 'After the start the main thread touches no disk.',
  },
};

const under = (names) => names.map((name) => `^src/${name}`);

const rowRules = rows.flatMap(({ row, imports, types }) => [
  {
    name: `${row} at run time`,
    comment: `Import from ${[row, ...imports].join(', ')}; all else is handed in, or a type.`,
    severity: 'error',
    from: { path: `^src/${row}` },
    to: {
      path: '^src/',
      pathNot: under([row, ...imports]),
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: `${row} types`,
    comment: `Import types from ${[...imports, ...types].join(', ')}: rows above this one.`,
    severity: 'error',
    from: { path: `^src/${row}` },
    to: { path: '^src/', pathNot: under([row, ...imports, ...types]) },
  },
]);

const libraryRules = Object.entries(libraries).map(([name, where]) => ({
  name: `${name} lives in ${where.join(', ')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: under(where) },
  to: { path: `/node_modules/${name}/|^node_modules/${name}/`, dependencyTypesNot: ['type-only'] },
}));

const builtinRules = Object.entries(builtins).map(([names, { where, why }]) => ({
  name: `node:${names}`,
  comment: why,
  severity: 'error',
  from: { path: '^src/', pathNot: under(where) },
  to: {
    path: `^(node:)?(${names})$`,
    dependencyTypes: ['core'],
    dependencyTypesNot: ['type-only'],
  },
}));

export default {
  forbidden: [
    ...rowRules,
    ...libraryRules,
    ...builtinRules,
    {
      name: 'loaded when it is asked for',
      comment: 'Import it where it is needed, by import(): most daemons never do.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/observers/' },
      to: {
        path: '^src/observers/(traces|span-exporter|otlp)\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'has a row',
      comment: 'Give this file or folder its row in the table above.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...under(rows.map(({ row }) => row)), '^src/main\\.ts$'] },
      to: {},
    },
    {
      name: 'pure',
      comment: 'These folders know nothing of Node; src/config only where it reads.',
      severity: 'error',
      from: {
        path: '^src/(calendar|config|judge|incident|communication|message)/',
        pathNot: '^src/config/(load|disk)\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'plugins stand alone',
      comment: 'Two probes, or two channels, never import each other: share by _name.ts.',
      severity: 'error',
      from: { path: '^src/(probes|channels)/', pathNot: '/index\\.ts$' },
      to: { path: '^src/$1/', pathNot: '/(probe|channel|_[^/]+)\\.ts$' },
    },
    {
      name: 'underscore is private',
      comment: 'A file named _name.ts belongs to its folder.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: '/_[^/]+\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'reached from main.ts',
      // The store without a disk is the second one that every test of a Store holds against.
      comment: 'Nothing uses this file: delete it, or import it.',
      severity: 'error',
      from: { path: '^src/(main|.+/_[^/]*worker)\\.ts$' },
      to: { path: '^src/', pathNot: '/(main|store/memory|_[^/]*worker)\\.ts$', reachable: false },
    },
    {
      name: 'installed for running',
      comment: 'What src imports stands in "dependencies", and exists.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
