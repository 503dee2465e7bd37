/**
 * What something stands or falls with, read off the names that it is written with: no name is asked
 * for. A name under somebody's suffix (`shop.github.io`) is in the domain of that somebody
 * (`github.io`): its owner's outage is its own.
 */
import { getDomain, parse } from 'tldts';
import { z } from 'zod';

/** One word for one thing that may be lost: two that have one in common are lost together. */
export type Fate = `${FateKind}:${string}`;

export type FateKind =
  | 'host'
  | 'domain'
  /** One server on Tocsin's own machine, by its port: each may be down alone. */
  | 'machine'
  /** A /24 of IPv4 or a /48 of IPv6: what one router, rack or provider announces. */
  | 'block'
  | 'certificate'
  /** As somebody has written it: `fate: [aws-eu-west-1]`. */
  | 'declared';

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** As it is written: what something stands or falls with. */
export function fateNames() {
  return z
    .array(
      z
        .string({ error: () => 'expected a name such as aws-eu-west-1' })
        .meta({ pattern: `${NAME.source}|\\$\\{` })
        .refine((name) => NAME.test(name), 'a fate has 1 to 64 letters, digits, "_", "." and "-"'),
      { error: () => 'expected a list such as [aws-eu-west-1]' },
    )
    .max(20)
    .meta({
      description: 'What it stands or falls with: whatever names the same is lost together',
      examples: [['aws-eu-west-1']],
    });
}

/** Of a URL, `host:port` or a host. */
export function fatesOf(place: string): readonly Fate[] {
  const { host, port } = hostIn(place);
  const lower = host.toLowerCase().replace(/\.$/, '');
  if (lower === '') return [];
  if (isLoopback(lower)) {
    const itself = lower === 'localhost' || lower === '::1' ? '127.0.0.1' : lower;
    return [`machine:${itself}:${port}`];
  }
  const { isIp } = parse(lower);
  if (isIp === true) return [`host:${lower}`, `block:${blockOf(lower)}`];
  const domain = getDomain(lower);
  return domain === null ? [`host:${lower}`] : [`host:${lower}`, `domain:${domain}`];
}

/** `[aws-eu-west-1, cloudflare.com]`: a name that can be registered is that domain. */
export function declaredFates(names: readonly string[] = []): readonly Fate[] {
  return names.map((name): Fate => {
    const { domain, isIcann } = parse(name.toLowerCase());
    const isDomain = domain === name.toLowerCase() && isIcann === true;
    return isDomain ? `domain:${domain}` : `declared:${name}`;
  });
}

/** Each once; undefined where nothing is known, so that a row without any costs nothing. */
export function fatesOfAll(
  places: readonly string[],
  declared: readonly string[] | undefined,
): { readonly fate?: readonly Fate[] } {
  const fate = new Set([...places.flatMap(fatesOf), ...declaredFates(declared)]);
  return fate.size === 0 ? {} : { fate: [...fate] };
}

/** `203.0.113.0/24`, `2001:db8:1::/48`. */
export function blockOf(address: string): string {
  if (!address.includes(':')) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = 8 - (first?.length ?? 0) - (last?.length ?? 0);
  const whole = [...(first ?? []), ...Array<string>(Math.max(0, zeros)).fill('0'), ...(last ?? [])];
  return `${whole.slice(0, 3).map(plain).join(':')}::/48`;
}

function plain(group: string): string {
  return group.replace(/^0+(?=.)/, '');
}

function hostIn(place: string): { readonly host: string; readonly port: string } {
  const url = place.includes('://') ? URL.parse(place) : null;
  if (url !== null) {
    const port = url.port || (/^(?:https|wss):$/.test(url.protocol) ? '443' : '80');
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  }
  const [, v6, name, port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(place) ?? [];
  return { host: v6 ?? name ?? place, port };
}

function isLoopback(host: string): boolean {
  return (
    /^(?:127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1?)$/.test(host) ||
    host === 'localhost' ||
    host.endsWith('.localhost')
  );
}
