/**
 * channels: and responders:. A responder's addresses keep the order in which they were written: it
 * is the order of failover.
 */
import type { AddressKind, ChannelConfig, Responder } from './config.ts';
import { read } from './explain.ts';
import { fatesOf, fatesOfAll } from './fate.ts';
import { itemsOf, type Item, type Reading } from './reading.ts';
import type { ChannelKind } from './registries.ts';
import { channelKeys, responder } from './schema.ts';
import { secretsIn } from './schema-walk.ts';
import { nearest } from './suggest.ts';
import { idOf, isBlank, type Mapping, plain, valueAt } from './written.ts';

const ADDRESS_KINDS: readonly string[] = [
  'sms',
  'email',
  'pushover',
  'telegram',
] satisfies AddressKind[];

/** Words that a reply may begin with, ours and the carriers': `BEN 7K` must always mean Ben. */
const REPLY_WORDS: ReadonlySet<string> = new Set(
  (
    'ack ok esc res why help info stop stopall unsubscribe cancel end quit start unstop yes ' +
    'revoke optout arret'
  ).split(' '),
);

export function readChannels(reading: Reading): ReadonlyMap<string, ChannelConfig> {
  const channels = new Map<string, ChannelConfig>();
  for (const item of itemsOf(reading, 'channels')) {
    const channel = readChannel(item, reading);
    if (channel !== null) channels.set(item.id, channel);
  }
  return channels;
}

function readChannel({ id, node, owner }: Item, reading: Reading): ChannelConfig | null {
  const { channels, complaints, secrets, warnings } = reading;
  const typeNode = valueAt(node, ['type']);
  const type = typeNode === undefined ? undefined : plain(typeNode);
  const types = [...channels.keys()];
  if (typeNode === undefined || typeof type !== 'string') {
    const text = `needs a type: one of ${types.join(', ')}`;
    complaints.add(typeNode?.at ?? owner.at, `${owner.name} ${text}`);
    return null;
  }
  const kind = channels.get(type);
  if (kind === undefined) {
    const shown = idOf(typeNode)?.shown ?? type;
    const near = nearest(type, types);
    const hint =
      near === null ? `, expected one of ${types.join(', ')}` : `: did you mean "${near}"?`;
    complaints.add(typeNode.at, `unknown type ${JSON.stringify(shown)} of ${owner.name}${hint}`);
    return null;
  }
  const { options } = kind;
  const own = 'type' in options.shape ? node : without(node, 'type');
  const written = read(options.safeExtend(channelKeys.shape), own, owner, complaints);
  if (written === null) return null;
  const { fate, ...values } = written;
  const declared = fate as readonly string[] | undefined;
  for (const secret of secretsIn(options, plain(own))) secrets.add(secret);
  const isReachable = !isBlank(valueAt(reading.root, ['public_url']));
  const caveat = kind.caveat?.(values, owner.name, isReachable) ?? null;
  if (caveat !== null) warnings.push(caveat);
  const answerable = kind.answerable?.(values) ?? false;
  const proof = kind.proof?.(values) ?? 'acceptance';
  const address = isRoom(kind, node) ? null : kind.address;
  const pagesOnly = kind.pagesOnly === true ? { pagesOnly: true as const } : {};
  const forMachines = kind.forMachines === true ? { forMachines: true as const } : {};
  const fated = fatesOfAll(kind.reaches?.(values) ?? [], declared);
  const traits = { ...pagesOnly, ...forMachines, ...fated };
  return { id, type, address, answerable, ...traits, proof, options: values };
}

/** Is where it goes written with the channel itself, so that no responder needs an address? */
export function isRoom({ room }: ChannelKind, node: Mapping): boolean {
  return room !== undefined && node.entries.has(room);
}

function without(node: Mapping, key: string): Mapping {
  return { ...node, entries: new Map([...node.entries].filter(([name]) => name !== key)) };
}

export function readResponders(reading: Reading): ReadonlyMap<string, Responder> {
  const { complaints, names } = reading;
  const responders = new Map<string, Responder>();
  for (const { id, node, owner } of itemsOf(reading, 'responders')) {
    if (REPLY_WORDS.has(id.toLowerCase())) {
      complaints.add(
        owner.at,
        `${owner.name}: this word has a meaning in replies: choose another id`,
      );
    }
    if (names.rotations.has(id)) {
      complaints.add(owner.at, `${owner.name}: there is a rotation of the same name`);
    }
    const values = read(responder, node, owner, complaints);
    if (values === null) continue;
    const addresses = new Map<AddressKind, string>();
    for (const key of node.entries.keys()) {
      const address = isAddressKind(key) ? values[key] : undefined;
      if (isAddressKind(key) && address !== undefined) addresses.set(key, address);
    }
    const { name = id, timezone = null } = values;
    const mail = values.email?.split('@').at(-1);
    const mailFate = mail === undefined ? {} : { mailFate: fatesOf(mail) };
    responders.set(id, { id, name, addresses, ...mailFate, timezone });
  }
  return responders;
}

function isAddressKind(key: string): key is AddressKind {
  return ADDRESS_KINDS.includes(key);
}
