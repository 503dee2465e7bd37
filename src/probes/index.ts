/** All probes, by the key that makes a check of their type in checks.yml. */
import { dns } from './dns.ts';
import { http } from './http.ts';
import type { AnyProbe } from './probe.ts';
import { tcp } from './tcp.ts';

export const probes: ReadonlyMap<string, AnyProbe> = new Map<string, AnyProbe>([
  [dns.type, dns],
  [http.type, http],
  [tcp.type, tcp],
]);
