/**
 * What a handshake says of the certificates in it. The chain is what the peer sent: more than leads
 * up to an authority, or less, and its earliest end need not be that of what was verified.
 */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { CertificateFacts, LeafFacts, TlsFacts } from './transport.ts';

const MAX_CHAIN = 5;
const MAX_NAMES = 1_000;
const MAX_SUBJECT_LENGTH = 100;
const MAX_DISTINGUISHED_LENGTH = 250;
const MAX_ALTERNATIVES_LENGTH = 1_000;
/** `DNS:a.example, IP Address:192.0.2.1`; Node puts quotes around a name that could be misread. */
const ALT_NAME = /(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;
/** The order in which Go writes the parts of a name, and what it calls them (crypto/x509/pkix). */
const PARTS = ['serialNumber', 'CN', 'postalCode', 'street', 'ST', 'L', 'OU', 'O', 'C'];
const CALLED: Readonly<Record<string, string>> = {
  serialNumber: 'SERIALNUMBER',
  postalCode: 'POSTALCODE',
  street: 'STREET',
};

/** To read a leaf costs more than to recognise it, and the next look finds the same. */
const leaves = new Map<string, LeafFacts>();
const MAX_LEAVES = 10_000;

export function factsOf(
  socket: TLSSocket,
  leaf: X509Certificate | undefined,
  withChain: boolean,
): TlsFacts | null {
  if (leaf === undefined) return null;
  const chain = [leaf];
  for (let issuer = leaf.issuerCertificate; issuer; issuer = issuer.issuerCertificate) {
    chain.push(issuer);
  }
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    leafNotBefore: leaf.validFromDate.getTime(),
    leafNotAfter: leaf.validToDate.getTime(),
    chainNotAfter: Math.min(...chain.map(endOf)),
    verifiedNotAfter: socket.authorized ? Math.min(...verified(chain).map(endOf)) : null,
    leaf: leafFacts(leaf),
    ...(withChain && { chain: chain.slice(0, MAX_CHAIN).map(describe) }),
  };
}

function endOf({ validToDate }: X509Certificate): number {
  return validToDate.getTime();
}

/** Of a chain that was accepted, what it was accepted for: nothing that has ended is. */
function verified([leaf, ...sent]: readonly X509Certificate[]): X509Certificate[] {
  const path = leaf === undefined ? [] : [leaf];
  for (const issuer of sent) {
    if (endOf(issuer) > Date.now() && path.at(-1)?.checkIssued(issuer)) path.push(issuer);
  }
  return path;
}

function leafFacts(leaf: X509Certificate): LeafFacts {
  const { fingerprint256 } = leaf;
  const known = leaves.get(fingerprint256);
  if (known !== undefined) return known;
  const facts = {
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: distinguished(leaf.subject),
    issuer: distinguished(leaf.issuer),
    names: namesOf(leaf, ['DNS']).join(',').slice(0, MAX_ALTERNATIVES_LENGTH),
    serial: leaf.serialNumber.toLowerCase(),
  };
  if (leaves.size >= MAX_LEAVES) leaves.clear();
  leaves.set(fingerprint256, facts);
  return facts;
}

/** As Go's `pkix.Name` is printed, which is what the metrics of other exporters have. */
function distinguished(name: string): string {
  const parts = Map.groupBy(name.split('\n'), (part) => part.slice(0, part.indexOf('=')));
  const printed = [...parts.keys()]
    .toSorted((a, b) => PARTS.indexOf(a) - PARTS.indexOf(b))
    .map((key) => {
      const called = (part: string) => `${CALLED[key] ?? key}${part.slice(key.length)}`;
      return (parts.get(key) ?? []).map(called).join('+');
    });
  return printed.join(',').slice(0, MAX_DISTINGUISHED_LENGTH);
}

function describe(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, validToDate } = certificate;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    notAfter: validToDate.getTime(),
    names: namesOf(certificate, ['DNS', 'IP Address']).slice(0, MAX_NAMES),
  };
}

function namesOf({ subjectAltName }: X509Certificate, kinds: readonly string[]): string[] {
  return [...(subjectAltName ?? '').matchAll(ALT_NAME)].flatMap(([, kind = '', name = '']) =>
    kinds.includes(kind) ? [name] : [],
  );
}

function nameOf(distinguished: string): string {
  const parts = distinguished.split('\n');
  const best = parts.find((part) => part.startsWith('CN=')) ?? parts.at(-1) ?? '';
  return best.replace(/^[A-Za-z]+=/, '').slice(0, MAX_SUBJECT_LENGTH);
}
