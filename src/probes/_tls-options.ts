/** `tls:` as every probe over TLS has it, and the protocols in which it can be asked for. */
import { z } from 'zod';
import { certificates, isKeyOf, privateKey } from './_pem.ts';
import type { KeyShare, Secure, StartTls, TlsOptions } from '../system/transport.ts';

const KEY_SHARES: readonly KeyShare[] = ['x25519', 'ml-kem'];

/** Also as keys of a check of type tls itself. */
export const tlsKeys = {
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
  certificate: certificates()
    .optional()
    .describe('A file of ours, PEM, for a server that asks for one; its chain after it'),
  key: privateKey().optional().describe('A file with the key of the certificate, PEM'),
};

/** Options of `tlsKeys` that name files. */
export const TLS_FILES = ['ca', 'certificate', 'key'] as const;

interface ClientKeys {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

export function checkClient({ certificate, key }: ClientKeys, { addIssue }: z.core.$RefinementCtx) {
  const fault = (path: string, message: string) =>
    addIssue({ code: 'custom', path: [path], message });
  if (certificate !== undefined && key === undefined) fault('certificate', 'needs "key" beside it');
  if (certificate === undefined && key !== undefined) fault('key', 'needs "certificate" beside it');
  if (certificate === undefined || key === undefined) return;
  if (!isKeyOf(key, certificate)) fault('key', 'is not the key of the certificate');
}

export const tlsOptions = z.strictObject(tlsKeys).superRefine(checkClient);

/** `tls: true` is enough where nothing is said about it. */
export const tlsSwitch = z.union([z.boolean(), tlsOptions]);

const STARTTLS: readonly StartTls[] = ['smtp', 'imap', 'pop3', 'postgres', 'ldap'];
export const starttls = z.enum(STARTTLS).describe('Where TLS is asked for in the protocol itself');

type Written = z.infer<typeof tlsOptions> | true;

export function tlsAsked(written: Written): TlsOptions {
  if (written === true) return { verify: true, ca: null, serverName: null };
  const { verify, ca = null, server_name: serverName = null, key_share: keyShare } = written;
  const { certificate, key } = written;
  const client = certificate === undefined || key === undefined ? undefined : { certificate, key };
  return { verify, ca, serverName, keyShare, client };
}

/** What a connection is asked for: a handshake at once, unless more is said. */
export function secureBy(written: Written, more: Partial<Omit<Secure, 'tls'>> = {}): Secure {
  return { tls: tlsAsked(written), starttls: null, alpn: [], withChain: false, ...more };
}
