/** All probes, by the key that makes a check of their type in checks.yml. */
import { dns } from './dns.ts';
import { exec } from './exec.ts';
import { grpc } from './grpc.ts';
import { http } from './http.ts';
import { icmp } from './icmp.ts';
import type { AnyProbe } from './probe.ts';
import { ssh } from './ssh.ts';
import { steps } from './steps.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';
import { websocket } from './websocket.ts';

export const probes: ReadonlyMap<string, AnyProbe> = new Map<string, AnyProbe>([
  [dns.type, dns],
  [http.type, http],
  [steps.type, steps],
  [tcp.type, tcp],
  [tls.type, tls],
  [icmp.type, icmp],
  [grpc.type, grpc],
  [websocket.type, websocket],
  [ssh.type, ssh],
  [exec.type, exec],
]);
