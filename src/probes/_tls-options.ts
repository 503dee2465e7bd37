/** `tls:` as every probe over TLS has it, and the protocols in which it can be asked for. */
import { z } from 'zod';
import { certificates } from '../system/values.ts';
import type { KeyShare, Secure, StartTls, TlsOptions } from '../system/transport.ts';

const KEY_SHARES: readonly KeyShare[] = ['x25519', 'ml-kem'];

export const tlsOptions = z.strictObject({
  verify: z.boolean().default(true),
  ca: certificates().optional().describe('A file of PEM certificates to trust instead'),
  server_name: z
    .string()
    .regex(/^[A-Za-z0-9._:-]+$/, 'expected a host name')
    .optional(),
  key_share: z
    .enum(KEY_SHARES)
    .default('x25519')
    .describe('What the handshake begins with; ml-kem is the post-quantum one'),
});

/** `tls: true` is enough where nothing is said about it. */
export const tlsSwitch = z.union([z.boolean(), tlsOptions]);

const STARTTLS: readonly StartTls[] = ['smtp', 'imap', 'pop3', 'postgres', 'ldap'];
export const starttls = z.enum(STARTTLS).describe('Where TLS is asked for in the protocol itself');

type Written = z.infer<typeof tlsOptions> | true;

export function tlsAsked(written: Written): TlsOptions {
  if (written === true) return { verify: true, ca: null, serverName: null };
  const { verify, ca = null, server_name: serverName = null, key_share: keyShare } = written;
  return { verify, ca, serverName, keyShare };
}

/** What a connection is asked for: a handshake at once, unless more is said. */
export function secureBy(written: Written, more: Partial<Omit<Secure, 'tls'>> = {}): Secure {
  return { tls: tlsAsked(written), starttls: null, alpn: [], withChain: false, ...more };
}
