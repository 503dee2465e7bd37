import { describe, expect, it } from 'vitest';
import { traceSettings } from '../../src/observers/trace-settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const of = (env: Record<string, string>) => traceSettings({ ...ENDPOINT, ...env });

describe('there are no traces', () => {
  it.each([
    ['unless an endpoint is named', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['where all is disabled', { OTEL_SDK_DISABLED: 'TRUE' }],
    ['where none is the exporter', { OTEL_TRACES_EXPORTER: 'none' }],
    ['where none is sampled', { OTEL_TRACES_SAMPLER: 'always_off' }],
    [
      'where a share of none is sampled',
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    ],
  ])('%s', (_, env) => {
    expect(of(env)).toEqual({ settings: null, warnings: [] });
  });

  it.each([
    [
      'an endpoint is no URL',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    ],
    ['gRPC is wanted', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    ['another exporter is wanted', { OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER'],
  ])('and it is said that %s', (_, env, name) => {
    const { settings, warnings } = of(env);
    expect(settings).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${name}: .*no traces$`))]);
  });
});

describe('an endpoint', () => {
  it.each([
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
    ['https://collector.example/otlp/', 'https://collector.example/otlp/v1/traces'],
  ])('%s is where all signals go, traces below it', (written, url) => {
    expect(of({ OTEL_EXPORTER_OTLP_ENDPOINT: written }).settings?.url).toBe(url);
  });

  it('for traces alone is taken as it is, and goes first', () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/x?y=1' };
    expect(of(env).settings?.url).toBe('http://127.0.0.1:9/x?y=1');
  });
});

it('is what the specification says where nothing else is said', () => {
  expect(of({}).settings).toEqual({
    url: 'http://127.0.0.1:4318/v1/traces',
    headers: {},
    resource: { 'service.name': 'tocsin' },
    ...{ share: 1, timeoutMs: 10_000, delayMs: 5_000, queue: 2_048, batch: 512 },
  });
});

it('takes names, headers, times and sizes', () => {
  const { settings, warnings } = of({
    OTEL_SERVICE_NAME: 'pager',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=prod%20eu',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x=2==',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  expect(warnings).toEqual([]);
  expect(settings).toMatchObject({
    headers: { authorization: 'Bearer abc', x: '2==' },
    resource: { 'service.name': 'pager', 'deployment.environment.name': 'prod eu' },
    ...{ share: 0.25, timeoutMs: 2_000, delayMs: 100, queue: 10, batch: 10 },
  });
});

it('what is not understood is said without its value, and left out', () => {
  const { settings, warnings } = of({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization,x=a%0Ab,y=%E0%A4,ok=1',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_BSP_SCHEDULE_DELAY: '5s',
  });
  expect(settings).toMatchObject({ headers: { ok: '1' }, share: 1, delayMs: 5_000 });
  expect(warnings.map((warning) => warning.split(': ')[0])).toEqual([
    'OTEL_TRACES_SAMPLER',
    ...Array.from({ length: 3 }, () => 'OTEL_EXPORTER_OTLP_HEADERS'),
    'OTEL_BSP_SCHEDULE_DELAY',
  ]);
  expect(warnings.join()).not.toMatch(/authorization|a%0Ab|jaeger|5s/);
});
