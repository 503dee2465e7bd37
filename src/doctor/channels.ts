/**
 * Would each channel take a page now? Asked cheaply, with its credentials, where its vendor lets one
 * ask without telling anybody; else only whether there is somebody at its address.
 */
import type { AnyChannel, Line } from '../channels/channel.ts';
import type { ChannelConfig, Config } from '../config/config.ts';
import type { Outcome } from '../incident/notification.ts';
import type { Examined, Finding } from './finding.ts';

const PATIENCE_MS = 10_000;

type Way = Omit<Line, 'signal'>;

export async function examineChannels(
  config: Config,
  kinds: ReadonlyMap<string, AnyChannel>,
  way: Way,
): Promise<Examined> {
  const asked = await Promise.all(
    [...config.channels.values()].map((channel) => examine(channel, kinds.get(channel.type), way)),
  );
  return {
    seen: asked.flatMap(({ seen }) => seen),
    findings: asked.flatMap(({ findings }) => findings),
  };
}

async function examine(
  { id, type, options }: ChannelConfig,
  kind: AnyChannel | undefined,
  way: Way,
): Promise<Examined> {
  if (!kind) return { seen: [], findings: [] };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if (kind.check) {
    const outcome = await kind.check(options, { ...way, signal });
    if (!('reason' in outcome)) return { seen: [`${id}: its vendor knows us`], findings: [] };
    return { seen: [], findings: [refused(id, outcome)] };
  }
  const [place] = kind.reaches?.(options) ?? [];
  if (place === undefined || place === 'localhost') {
    return { seen: [`${id}: ends on this machine`], findings: [] };
  }
  const url = URL.parse(place.includes('://') ? place : `tcp://${place}`);
  const isTls = url?.protocol === 'https:';
  const opened = await way.transport.connect({
    host: url?.hostname.replace(/^\[|\]$/g, '') ?? '',
    port: Number(url?.port) || (isTls ? 443 : 80),
    timeoutMs: PATIENCE_MS,
    signal,
    ...(isTls && { secure: SECURE }),
    hangUp: true,
  });
  if ('failure' in opened) {
    const { detail } = opened;
    return {
      seen: [],
      findings: [refused(id, { outcome: 'deferred', reason: 'network', detail })],
    };
  }
  const how = `only a message would tell whether it is taken: tocsin test ${id}`;
  return { seen: [`${id} (${type}): somebody is there; ${how}`], findings: [] };
}
const SECURE = {
  tls: { verify: true, ca: null, serverName: null },
  starttls: null,
  alpn: [],
  withChain: false,
} as const;

function refused(id: string, outcome: Extract<Outcome, { readonly reason: unknown }>): Finding {
  const { reason, detail } = outcome;
  return {
    level: 'fault',
    topic: 'channels',
    what: `channel ${id} would not take a page: ${reason}, ${detail}`,
    at: ['channels', id],
    why: 'whoever is paged by it alone sleeps on',
    remedy: reason === 'auth' ? 'mend its credentials' : `see that it answers: tocsin test ${id}`,
  };
}
