/**
 * What the environment says about traces, by the names that OpenTelemetry gave them. Without an
 * endpoint there are none: a default one would be a collector that nobody asked for. What is not
 * understood is said and left out, as the specification wants; a daemon that watches starts anyway.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export interface TraceSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Attributes of the resource: this process. */
  readonly resource: Readonly<Record<string, string>>;
  /** How many traces are recorded, above 0 and up to 1. */
  readonly share: number;
  /** Of one request. */
  readonly timeoutMs: number;
  /** How long a span waits for others. */
  readonly delayMs: number;
  readonly queue: number;
  readonly batch: number;
}

type Env = Readonly<Record<string, string | undefined>>;
type Warn = (what: string) => void;

const SIGNAL_PATH = '/v1/traces';
const SAMPLER = /^(?:parentbased_)?(always_on|always_off|traceidratio)$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;

/** `settings`: null where there are to be no traces. `warnings` hold no values, which may be secrets. */
export function traceSettings(env: Env): {
  readonly settings: TraceSettings | null;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const warn: Warn = (what) => warnings.push(what);
  const url = isOff(env, warn) ? null : endpoint(env, warn);
  const share = url === null ? 0 : sampled(env, warn);
  if (url === null || share === 0) return { settings: null, warnings };
  const queue = whole(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2_048, warn);
  const batch = whole(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, warn);
  const settings = {
    url,
    headers: {
      ...pairs(env, 'OTEL_EXPORTER_OTLP_HEADERS', warn, isHeader),
      ...pairs(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', warn, isHeader),
    },
    resource: {
      'service.name': 'tocsin',
      ...pairs(env, 'OTEL_RESOURCE_ATTRIBUTES', warn),
      ...(env['OTEL_SERVICE_NAME'] ? { 'service.name': env['OTEL_SERVICE_NAME'] } : {}),
    },
    share,
    timeoutMs: whole(
      env,
      env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT']
        ? 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'
        : 'OTEL_EXPORTER_OTLP_TIMEOUT',
      10_000,
      warn,
    ),
    delayMs: whole(env, 'OTEL_BSP_SCHEDULE_DELAY', 5_000, warn),
    queue,
    batch: Math.min(batch, queue),
  };
  return { settings, warnings };
}

function isOff(env: Env, warn: Warn): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return true;
  const exporter = env['OTEL_TRACES_EXPORTER'] || 'otlp';
  if (exporter !== 'otlp' && exporter !== 'none') {
    warn('OTEL_TRACES_EXPORTER: only otlp and none are known: there are no traces');
  }
  return exporter !== 'otlp';
}

function endpoint(env: Env, warn: Warn): string | null {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const name = own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const written = env[name];
  if (!written) return null;
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    warn(`${name}: expected a URL such as http://127.0.0.1:4318: there are no traces`);
    return null;
  }
  const protocol =
    env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  if (protocol === 'grpc') {
    warn('OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not spoken, only http/json: there are no traces');
    return null;
  }
  if (!own) url.pathname = `${url.pathname.replace(/\/$/, '')}${SIGNAL_PATH}`;
  return url.href;
}

/** All our spans are roots: what is decided by a parent is decided here. */
function sampled(env: Env, warn: Warn): number {
  const written = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const [, sampler] = SAMPLER.exec(written) ?? [];
  if (sampler === undefined) {
    warn('OTEL_TRACES_SAMPLER: expected always_on, always_off or traceidratio: all are recorded');
  }
  if (sampler === 'always_off') return 0;
  if (sampler !== 'traceidratio') return 1;
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG'] || '1');
  if (share >= 0 && share <= 1) return share;
  warn('OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1: all are recorded');
  return 1;
}

function whole(env: Env, name: string, otherwise: number, warn: Warn): number {
  const written = env[name];
  if (!written) return otherwise;
  const value = Number(written);
  if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) return value;
  warn(`${name}: expected a whole number above 0: it is ${otherwise}`);
  return otherwise;
}

/** `a=b,c=d`, percent-encoded, as W3C Baggage writes it. */
function pairs(
  env: Env,
  name: string,
  warn: Warn,
  isFit: (key: string, value: string) => boolean = () => true,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [n, pair] of (env[name] ?? '').split(',').entries()) {
    if (pair.trim() === '') continue;
    const [key, ...rest] = pair.split('=');
    const value = decoded(rest.join('=').trim());
    const isHeaderless = key === undefined || key.trim() === '' || rest.length === 0;
    if (isHeaderless || value === null || !isFit(key.trim(), value)) {
      warn(`${name}: number ${n + 1} is not understood: it is left out`);
    } else {
      found[key.trim()] = value;
    }
  }
  return found;
}

function isHeader(key: string, value: string): boolean {
  return HEADER_NAME.test(key) && HEADER_VALUE.test(value);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
