/**
 * `/etc/resolv.conf`: whom to ask for names, and which names are meant by a short one, as glibc reads
 * it (resolv.conf(5)). Its `timeout` and `attempts` are not honoured: its defaults wait longer than a
 * look may take.
 */
import { isIP } from 'node:net';
import type { NameServer } from './resolver.ts';

export interface ResolvConf {
  readonly servers: readonly NameServer[];
  readonly search: readonly string[];
  readonly ndots: number;
}

const DNS_PORT = 53;
const MAX_SERVERS = 3;
/** glibc has no limit; each is one more question for a name that does not exist. */
const MAX_SEARCH = 16;
const MAX_NDOTS = 15;
const MAX_NAME_LENGTH = 253;

/** What holds where there is no file, or none that names a server. */
export const NO_RESOLV_CONF: ResolvConf = {
  servers: [{ host: '127.0.0.1', port: DNS_PORT }],
  search: [],
  ndots: 1,
};

/** null: it names no server, as while somebody writes it anew. */
export function readResolvConf(text: string): ResolvConf | null {
  const servers: NameServer[] = [];
  let search: readonly string[] = [];
  let ndots = NO_RESOLV_CONF.ndots;
  for (const line of text.split('\n')) {
    const [key = '', ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (key === 'nameserver') servers.push(...serversOf(values[0] ?? ''));
    // Of these two the last one counts.
    if (key === 'search') search = values;
    if (key === 'domain') search = values.slice(0, 1);
    if (key !== 'options') continue;
    for (const option of values) {
      const dots = /^ndots:(\d{1,4})$/.exec(option)?.[1];
      if (dots !== undefined) ndots = Math.min(Number(dots), MAX_NDOTS);
    }
  }
  if (servers.length === 0) return null;
  return {
    servers: servers.slice(0, MAX_SERVERS),
    search: search.slice(0, MAX_SEARCH).map((domain) => domain.toLowerCase().replace(/\.$/, '')),
    ndots,
  };
}

/** An address, or as c-ares takes it too: `192.0.2.1:5353`, `[2001:db8::1]:5353`. */
function serversOf(text: string): readonly NameServer[] {
  const [, v6, v4, port] = /^(?:\[(.+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? v4 ?? text;
  return isIP(host) === 0 ? [] : [{ host, port: Number(port ?? DNS_PORT) }];
}

/** The full names to ask for, in this order, until one exists. None ends in a dot. */
export function candidates(name: string, { search, ndots }: ResolvConf): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = search.map((domain) => (domain === '' ? name : `${name}.${domain}`));
  const names = new Set(dots >= ndots ? [name, ...searched] : [...searched, name]);
  return [...names].filter(({ length }) => length <= MAX_NAME_LENGTH);
}
