/**
 * A span for each look and each attempt to deliver, for a collector of OpenTelemetry: loaded only where
 * the environment asks for it. What a span says of a look are the numbers that /metrics shows of it,
 * by the same names; it never says how to reach a person, nor any text that a target sent.
 */
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { AnyProbe } from '../probes/probe.ts';
import type { Clock } from '../system/clock.ts';
import type { Transport } from '../system/transport.ts';
import { spanText, type AttributeValue, type Span } from './otlp.ts';
import { createSpanExporter, type SpanExporterParts } from './span-exporter.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface TracesParts extends Omit<SpanExporterParts, 'settings' | 'process'> {
  readonly settings: TraceSettings;
  /** For this alone: it is closed at the end. */
  readonly transport: Pick<Transport, 'call' | 'close'>;
  readonly version: string;
  readonly probes: ReadonlyMap<string, AnyProbe>;
  readonly config: () => Config;
  readonly board: () => ReadonlyBoard;
  readonly clock: Clock;
}

export interface Traces {
  observe(event: TocsinEvent): void;
  stop(): Promise<void>;
}

export function createTraces(parts: TracesParts): Traces {
  const { settings, version } = parts;
  const sdk = { 'telemetry.sdk.name': 'tocsin', 'telemetry.sdk.language': 'nodejs' };
  const exporter = createSpanExporter({
    ...parts,
    process: {
      resource: { ...sdk, 'service.version': version, ...settings.resource },
      scope: { name: 'tocsin', version },
    },
  });
  return {
    observe(event) {
      const span =
        event.type === 'looked'
          ? lookSpan(event, parts)
          : event.type === 'attempted'
            ? deliverySpan(event, parts)
            : null;
      if (span !== null) exporter.add(spanText(span));
    },
    async stop() {
      await exporter.stop();
      await parts.transport.close();
    },
  };
}

function lookSpan(
  { verdict, facts, trace }: Extract<TocsinEvent, { type: 'looked' }>,
  { config, probes }: TracesParts,
): Span | null {
  const check = config().checks.get(verdict.check);
  if (trace === undefined || check === undefined) return null;
  const { status, reason, at, tookMs } = verdict;
  return {
    trace,
    name: `look ${check.type}`,
    endedAt: at + tookMs,
    attributes: {
      'tocsin.check': check.id,
      'tocsin.type': check.type,
      'tocsin.instance': check.target,
      'tocsin.location': config().location,
      'tocsin.result': status,
      'tocsin.reason': reason,
      ...readings(probes.get(check.type), facts),
    },
    error: status === 'down' ? reason : null,
  };
}

/** As on /metrics; of a gauge with labels of its own, their values or names behind a dot. */
function readings(probe: AnyProbe | undefined, facts: unknown): Record<string, AttributeValue> {
  const found: Record<string, AttributeValue> = {};
  if (probe === undefined || facts === null) return found;
  for (const { name, read } of probe.gauges) {
    const reading = read(facts);
    if (typeof reading === 'object' && 'words' in reading) {
      for (const [key, word] of Object.entries(reading.words)) found[`${name}.${key}`] = word;
    } else if (typeof reading === 'object') {
      for (const [of, value] of reading) {
        if (Number.isFinite(value)) found[`${name}.${of}`] = value;
      }
    } else if (Number.isFinite(reading)) {
      found[name] = reading ?? 0;
    }
  }
  return found;
}

function deliverySpan(
  { notification, outcome, trace }: Extract<TocsinEvent, { type: 'attempted' }>,
  { config, board, clock }: TracesParts,
): Span | null {
  if (trace === undefined) return null;
  const { key, kind, channel, responder, about, attempts } = notification;
  const codes = about.flatMap((id) => board().incidents.get(id)?.code ?? []);
  const failed = 'reason' in outcome ? outcome.reason : null;
  const attributes: Record<string, AttributeValue | null> = {
    'tocsin.notification': key,
    'tocsin.kind': kind,
    'tocsin.channel': channel,
    'tocsin.type': config().channels.get(channel)?.type ?? null,
    'tocsin.responder': responder,
    'tocsin.incident': codes,
    'tocsin.attempt': attempts + 1,
    'tocsin.location': config().location,
    'tocsin.outcome': outcome.outcome,
    'tocsin.reason': failed,
  };
  return { trace, name: `deliver ${kind}`, endedAt: clock.now(), attributes, error: failed };
}
