/**
 * `/etc/hosts`, asked for one name at a time. It is searched as text, never taken apart as a whole:
 * on some machines it is a blocklist of a hundred thousand lines, and a look asks for one name.
 */
import { isIP } from 'node:net';
import type { HostAddress } from './resolver.ts';

/** `hosts` is the file in lower case, `name` a name in lower case. In the order of the file. */
export function writtenAddresses(hosts: string, name: string): readonly HostAddress[] {
  const found: HostAddress[] = [];
  for (let at = hosts.indexOf(name); at !== -1; at = hosts.indexOf(name, at + name.length)) {
    if (!isWhole(hosts, at, at + name.length)) continue;
    const line = hosts.slice(hosts.lastIndexOf('\n', at) + 1, at);
    if (line.includes('#')) continue;
    const address = line.trimStart().split(/\s/, 1)[0] ?? '';
    const family = isIP(address);
    if (family === 4 || family === 6) found.push({ address, family });
  }
  return found;
}

function isWhole(hosts: string, start: number, end: number): boolean {
  return /[ \t]/.test(hosts[start - 1] ?? '') && /[\s#]/.test(hosts[end] ?? '\n');
}
