/**
 * TLS over a socket that is already connected. Node is told to accept any certificate and says
 * afterwards what it thought of it: so the dates of a bad one are seen too, and no byte of a request
 * has left when it is refused.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { DetailedPeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { factsOf } from './_certificates.ts';
import { classify } from './_failure.ts';
import type { FailureWord } from './_failure.ts';
import type { Limit } from './_limit.ts';
import { shed } from './_shed.ts';
import type { ClientCertificate, KeyShare, TlsFacts, TlsOptions } from './transport.ts';

export type Secured =
  | { readonly socket: TLSSocket; readonly facts: TlsFacts | null }
  | { readonly failure: FailureWord; readonly what: string; readonly facts: TlsFacts | null };

export interface Handshake extends TlsOptions {
  /** ALPN; HTTP/1.1 unless it is said. */
  readonly alpn?: readonly string[];
  readonly withChain?: boolean;
}

const REFUSALS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate is from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate chain is incomplete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate is from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate chain is incomplete or from an unknown authority',
  INVALID_PURPOSE: 'certificate, or one above it, is not meant for this',
  // What Node has no name for; in practice one of these.
  UNSPECIFIED: 'certificate not accepted: weak key or signature',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
};
/** A reload may bring other authorities: old contexts need not be kept for ever. */
const MAX_CONTEXTS = 64;

/**
 * What the hello offers. A share for ML-KEM costs a fifth of the handshake, and few targets would
 * notice; with `ml-kem` the hello is the one of Node, X25519MLKEM768 first.
 */
const GROUPS: Readonly<Record<KeyShare, string>> = {
  x25519: 'X25519:P-256:P-384:P-521',
  'ml-kem': 'auto',
};

/** One context per set of authorities, key share and client: building it costs more than a handshake. */
export class SecureContexts {
  readonly #made: Readonly<Record<KeyShare, Map<string | null, SecureContext>>> = {
    x25519: new Map(),
    'ml-kem': new Map(),
  };

  /** Throws on text that is not PEM. */
  for(ca: string | null, keyShare: KeyShare, client?: ClientCertificate): SecureContext {
    const byCa = this.#made[keyShare];
    const made = client === undefined ? ca : [ca, client.certificate, client.key].join();
    let context = byCa.get(made);
    if (context === undefined) {
      // createSecureContext takes any text, and then trusts nobody.
      if (ca !== null) new X509Certificate(ca);
      context = createSecureContext({
        ecdhCurve: GROUPS[keyShare],
        ...(ca !== null && { ca }),
        ...(client && { cert: client.certificate, key: client.key }),
      });
      if (byCa.size >= MAX_CONTEXTS) byCa.clear();
      byCa.set(made, context);
    }
    return context;
  }
}

/** Never rejects, and destroys the socket when it fails. `timeout` when the signal aborts. */
export function secure(
  plain: Socket,
  host: string,
  {
    verify,
    ca,
    serverName,
    keyShare = 'x25519',
    client,
    alpn = ['http/1.1'],
    withChain = false,
  }: Handshake,
  contexts: SecureContexts,
  limit: Limit,
): Promise<Secured> {
  return new Promise((resolve) => {
    const fail = (failure: FailureWord, what: string, facts: TlsFacts | null): void => {
      limit.unwatch();
      plain.destroy();
      resolve({ failure, what, facts });
    };
    const stop = (): void => {
      fail('timeout', 'TLS handshake not finished', null);
    };
    let secureContext: SecureContext;
    try {
      secureContext = contexts.for(ca, keyShare, client);
    } catch {
      fail('internal', 'the ca, or our own, is not a PEM certificate', null);
      return;
    }
    if (limit.isOver) {
      stop();
      return;
    }
    limit.watch(stop);
    const name = serverName ?? host;
    const socket = connect({
      socket: plain,
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
      secureContext,
      ALPNProtocols: [...alpn],
      rejectUnauthorized: false,
    });
    let leaf: X509Certificate | undefined;
    // To compare names, Node makes the whole chain into objects: a fifth of all that a look costs.
    // Given the names alone it compares those: the subject counts for no browser any more (RFC 9525).
    const namesAlone = () => {
      leaf = socket.getPeerX509Certificate();
      return { subjectaltname: leaf?.subjectAltName } as DetailedPeerCertificate;
    };
    // Not in one with its making: see `intake`.
    socket.getPeerCertificate = namesAlone;
    socket.once('close', shed);
    socket.on('error', (error) => {
      const { failure, what } = classify(error);
      if (failure === 'tls') fail('tls', what, null);
      else fail(failure === 'internal' ? 'tls' : failure, `TLS handshake failed: ${what}`, null);
    });
    socket.once('secureConnect', () => {
      const facts = factsOf(socket, leaf ?? socket.getPeerX509Certificate(), withChain);
      if (verify && !socket.authorized) {
        socket.destroy();
        fail('certificate', refusal(socket), facts);
        return;
      }
      limit.unwatch();
      resolve({ socket, facts });
    });
  });
}

function refusal(socket: TLSSocket): string {
  // Typed as an Error, but what Node puts there is the code's text.
  const code = String(socket.authorizationError);
  return REFUSALS[code] ?? `certificate not accepted (${code})`;
}
