/** Who can be reached how, and who is speaking, by the configuration in force: looked up when needed. */
import type { AnyChannel, Reader } from './channels/channel.ts';
import type { AddressKind, ChannelConfig, Config } from './config/config.ts';
import type { Notification } from './incident/notification.ts';

/** A channel of the configuration with the code that sends by it. */
export interface Way {
  readonly channel: AnyChannel;
  readonly config: ChannelConfig;
}

/** Always by the configuration in force. `linkIn`: where a message says that one can acknowledge. */
export function createDirectory(
  config: () => Config,
  channels: ReadonlyMap<string, AnyChannel>,
  linkIn: (notification: Notification) => string | null,
) {
  const channel = (id: string): Way | null => wayOf(config(), channels, id);
  const callback = (way: Way): string | null => callbackOf(config(), way);
  return {
    channel,
    channels: () => [...config().channels.keys()].flatMap((id) => channel(id) ?? []),
    address: (responder: string, kind: AddressKind) => addressOf(config(), responder, kind),
    reader: (notification: Notification, by: ChannelConfig) =>
      readerOf(config(), notification, by, linkIn(notification)),
    callback,
    isCalled: (way: Way) => callback(way) !== null,
  };
}

/** A channel of the configuration with the code that sends by it; null: there is none (any more). */
export function wayOf(
  config: Config,
  channels: ReadonlyMap<string, AnyChannel>,
  id: string,
): Way | null {
  const channelConfig = config.channels.get(id);
  const channel = channels.get(channelConfig?.type ?? '');
  return channelConfig && channel ? { channel, config: channelConfig } : null;
}

/** Where a channel's vendor is told to call: `https://…/hooks/VENDOR`; null: it does not, or could not reach us. */
function callbackOf({ publicUrl }: Config, { channel, config }: Way): string | null {
  const { vendor } = channel;
  if (publicUrl === null || vendor === undefined) return null;
  return channel.isCalled?.(config.options) === true ? `${publicUrl}/hooks/${vendor}` : null;
}

export function addressOf(config: Config, responder: string, kind: AddressKind): string | null {
  return config.responders.get(responder)?.addresses.get(kind) ?? null;
}

export function readerOf(
  config: Config,
  { responder }: Notification,
  { answerable }: ChannelConfig,
  link: string | null,
): Reader {
  const known = config.responders.get(responder ?? '');
  return {
    name: known?.name ?? null,
    timezone: known?.timezone ?? null,
    canAnswer: answerable,
    link,
    templates: config.templates,
  };
}

/** The responder with this phone number or mail address; null: a stranger. */
export function responderWith(config: Config, address: string): string | null {
  for (const responder of config.responders.values()) {
    for (const known of responder.addresses.values()) if (known === address) return responder.id;
  }
  return null;
}
