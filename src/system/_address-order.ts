/**
 * Which of a name's addresses to try first: those that this machine has an address of the same kind
 * to speak from, and of these as RFC 6724 ranks them. What cannot be reached stays, at the end: an
 * interface may be missing from the list for other reasons.
 */
import { networkInterfaces } from 'node:os';
import type { HostAddress } from './resolver.ts';

type Kind = 'loopback4' | 'loopback6' | 'global4' | 'global6' | 'unique-local' | 'link-local';

/** The policy table of RFC 6724, 2.1; IPv4 has one rank there. */
const PRECEDENCE: Readonly<Record<Kind, number>> = {
  loopback6: 50,
  global6: 40,
  global4: 35,
  loopback4: 35,
  'unique-local': 3,
  'link-local': 2,
};

export function inOrder(
  addresses: readonly HostAddress[],
  own: readonly string[] = ownAddresses(),
): readonly HostAddress[] {
  const kinds = new Set(own.map(kindOf));
  const rank = ({ address }: HostAddress): number => {
    const kind = kindOf(address);
    return kinds.has(kind) ? PRECEDENCE[kind] : 0;
  };
  return addresses.toSorted((one, other) => rank(other) - rank(one));
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((those = []) =>
    those.map(({ address }) => address),
  );
}

function kindOf(address: string): Kind {
  if (!address.includes(':')) return address.startsWith('127.') ? 'loopback4' : 'global4';
  if (address === '::1') return 'loopback6';
  const head = Number.parseInt(address, 16);
  if (head >= 0xfc00 && head <= 0xfdff) return 'unique-local';
  return head >= 0xfe80 && head <= 0xfebf ? 'link-local' : 'global6';
}
