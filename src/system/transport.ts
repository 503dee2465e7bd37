/**
 * The one way out. Every outgoing HTTP request and every outgoing socket is made here: probes and
 * channels are handed a Transport and cannot bring their own. Probes and channels get separate
 * ones, so that neither can exhaust the other's sockets. Nothing here throws for what a network may
 * do: a failure is an answer.
 */
import type { Socket } from 'node:net';
import type { Family, NameServer, ResolverChoice } from './resolver.ts';
import type { Signal } from './signal.ts';

export interface Transport {
  /** One HTTP exchange over a fresh connection, its phases measured, its body bounded: a probe's look. Redirects are answers. */
  exchange(request: Exchange): Promise<Exchanged | NetworkFailure>;
  /** A fresh TCP connection, with TLS over it where `secure` says so. The caller destroys the socket. */
  connect(to: Dial): Promise<Connected | NetworkFailure>;
  /** The address that a connection to a name would be tried at first. */
  resolve(name: Omit<Dial, 'port' | 'secure' | 'hangUp'>): Promise<Found | NetworkFailure>;
  /** One UDP datagram, and the first one back that is taken for an answer. */
  datagram(to: Datagram): Promise<Heard | NetworkFailure>;
  /** Whom our own resolver asks for names. */
  nameServers(): Promise<readonly NameServer[]>;
  /** One call of a vendor's API over a kept-alive, verified connection: a channel's request. */
  call(request: Call): Promise<Answer | NetworkFailure>;
  /** Closes the connections that exchanges have kept, and those under way as soon as they are done. */
  letGo(): void;
  close(): Promise<void>;
}

export interface NetworkFailure {
  readonly failure:
    | 'dns'
    | 'refused'
    | 'unreachable'
    | 'reset'
    | 'connect_timeout'
    | 'tls'
    | 'certificate'
    | 'timeout'
    | 'protocol'
    | 'too_large'
    | 'redirect'
    | 'internal';
  /** For people, at most 200 characters, without credentials, query or headers. */
  readonly detail: string;
  /** Had any byte of the request left before it failed? Then it may have been taken. */
  readonly sent: boolean;
  /** What was measured until then. */
  readonly phases: Phases;
  readonly ip: string | null;
  /** The certificate that was refused, as far as it was seen. */
  readonly tls: TlsFacts | null;
}

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  readonly signal: Signal;
  readonly tls: TlsOptions;
  /** `own` unless it is said. */
  readonly resolver?: ResolverChoice;
  /** Of the addresses, and only of them: either unless it is said. */
  readonly family?: Family | undefined;
  /**
   * Where a redirect leads: why not to go to an address that the host turned out to have, or null.
   * The failure is `redirect`. A proxy resolves the host by itself, and is not asked.
   */
  readonly refusal?: ((address: string) => string | null) | undefined;
  /** What went before in the same look: a timeout tells the whole of it. */
  readonly spentMs?: number;
  /** `http://` or `https://`; user and password in it are for the proxy alone. */
  readonly proxy?: URL | undefined;
  /** HTTP/2 (RFC 9113) over TLS: a server that does not speak it is `protocol`. */
  readonly http2?: boolean;
  /**
   * The connection is kept, and used again by the next exchange with the same object, if that is
   * with the same origin. Absent: a fresh connection, closed at the end.
   */
  readonly keep?: object | undefined;
}

export interface TlsOptions {
  readonly verify: boolean;
  /** PEM; instead of the system's authorities. */
  readonly ca: string | null;
  /** For SNI and the name check, instead of the URL's host. */
  readonly serverName: string | null;
  /** `x25519` unless it is said. */
  readonly keyShare?: KeyShare;
  /** Shown to a server that asks for it. */
  readonly client?: ClientCertificate | undefined;
}

/** PEM, both. */
export interface ClientCertificate {
  /** With its chain, the leaf first. */
  readonly certificate: string;
  readonly key: string;
}

/** The key exchange that the hello has a share for. */
export type KeyShare = 'x25519' | 'ml-kem';

/** Milliseconds; 0 for a phase that was not needed. As blackbox_exporter defines them. */
export interface Phases {
  readonly resolve: number;
  readonly connect: number;
  readonly tls: number;
  readonly processing: number;
  readonly transfer: number;
}

export interface Exchanged {
  readonly status: number;
  /** Lower-case names; repeated ones joined by ", ", and `set-cookie`, whose dates have commas, by line feeds. */
  readonly headers: Readonly<Record<string, string>>;
  /** Inflated where it was compressed, and decoded as UTF-8, replacement characters for what is not. */
  readonly body: string;
  /** As they came. */
  readonly bodyBytes: number;
  /** How the body still is encoded: in a way that is not known, or not as it says; null: it is plain. */
  readonly encoding: string | null;
  /** The body was longer than `maxBodyBytes`, as it came or inflated, and was cut there. */
  readonly truncated: boolean;
  readonly httpVersion: string;
  readonly ip: string;
  readonly phases: Phases;
  readonly tls: TlsFacts | null;
}

export interface TlsFacts {
  /** As the handshake says: `TLSv1.3`. */
  readonly protocol: string;
  /** As IANA calls it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** Epoch ms: of the leaf, and the earliest on the chain that was sent. */
  readonly leafNotBefore: number;
  readonly leafNotAfter: number;
  readonly chainNotAfter: number;
  /** The earliest of those that lead up from the leaf; null: the certificate was not accepted. */
  readonly verifiedNotAfter: number | null;
  readonly leaf: LeafFacts;
  /** As it was sent, the leaf first, at most 5; only where it was asked for (`withChain`). */
  readonly chain?: readonly CertificateFacts[];
}

export interface LeafFacts {
  /** SHA-256 of the certificate, lower case hexadecimal. */
  readonly fingerprint: string;
  /** `CN=shop.example,O=Shop,C=PT`, at most 250 characters each. */
  readonly subject: string;
  readonly issuer: string;
  /** The host names it is for, with commas between them; at most 1,000 characters. */
  readonly names: string;
  /** Lower case hexadecimal. */
  readonly serial: string;
}

export interface CertificateFacts {
  /** The common name, or what there is instead; at most 100 characters. */
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: number;
  /** The host names and addresses it is for, `*.` names as they are; at most 1,000. */
  readonly names: readonly string[];
}

export interface Dial {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: Signal;
  /** `own` unless it is said. */
  readonly resolver?: ResolverChoice;
  /** Of the address: either unless it is said. */
  readonly family?: Family | undefined;
  /** TLS within the same deadline. */
  readonly secure?: Secure;
  /** That a connection can be made is all that is wanted: it is closed as soon as it is there. */
  readonly hangUp?: boolean;
}

export interface Datagram extends Omit<Dial, 'secure' | 'hangUp'> {
  /** `nonce`: 16 bits that nobody can guess, for a protocol that marks its questions. */
  payload(nonce: number): Uint8Array;
  /** Is this the answer? What is not is ignored: anybody can send a datagram. */
  accepts(received: Buffer, nonce: number): boolean;
}

export interface Heard {
  readonly answer: Buffer;
  readonly ip: string;
  readonly resolveMs: number;
  /** From the sending to the answer. */
  readonly answerMs: number;
}

export interface Secure {
  readonly tls: TlsOptions;
  /** The protocol in which TLS is asked for first; null: the handshake comes at once. */
  readonly starttls: StartTls | null;
  /** What is offered to be spoken over it (ALPN), such as `h2`. */
  readonly alpn: readonly string[];
  /** Are the facts to hold each certificate? Reading them costs more than all else about them. */
  readonly withChain: boolean;
}

export type StartTls = 'smtp' | 'imap' | 'pop3' | 'postgres' | 'ldap';

export interface Connected {
  readonly socket: Socket;
  readonly ip: string;
  readonly resolveMs: number;
  readonly connectMs: number;
  /** With the dialogue before it, if there was one; 0 without TLS. */
  readonly tlsMs: number;
  readonly tls: TlsFacts | null;
}

export interface Found {
  readonly ip: string;
  readonly resolveMs: number;
}

export interface Call {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The attempt's total deadline. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 1 MiB. */
  readonly body: string;
}
