/**
 * TLS over a socket that is already connected. Node is told to accept any certificate and says
 * afterwards what it thought of it: so the dates of a bad one are seen too, and no byte of a request
 * has left when it is refused.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect, createSecureContext } from 'node:tls';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { classify } from './_failure.ts';
import type { FailureWord } from './_failure.ts';
import type { TlsFacts, TlsOptions } from './transport.ts';

export type Secured =
  | { readonly socket: TLSSocket; readonly facts: TlsFacts | null }
  | { readonly failure: FailureWord; readonly what: string; readonly facts: TlsFacts | null };

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

/** One context per set of authorities: building it costs more than a handshake. */
export class SecureContexts {
  readonly #byCa = new Map<string | null, SecureContext>();

  /** Throws on text that is not PEM. */
  for(ca: string | null): SecureContext {
    let context = this.#byCa.get(ca);
    if (context === undefined) {
      // createSecureContext takes any text, and then trusts nobody.
      if (ca !== null) new X509Certificate(ca);
      context = createSecureContext(ca === null ? {} : { ca });
      if (this.#byCa.size >= MAX_CONTEXTS) this.#byCa.clear();
      this.#byCa.set(ca, context);
    }
    return context;
  }
}

/** Never rejects, and destroys the socket when it fails. `timeout` when the signal aborts. */
export function secure(
  plain: Socket,
  host: string,
  { verify, ca, serverName }: TlsOptions,
  contexts: SecureContexts,
  signal: AbortSignal,
): Promise<Secured> {
  return new Promise((resolve) => {
    const fail = (failure: FailureWord, what: string, facts: TlsFacts | null): void => {
      signal.removeEventListener('abort', stop);
      plain.destroy();
      resolve({ failure, what, facts });
    };
    const stop = (): void => {
      fail('timeout', 'TLS handshake not finished', null);
    };
    let secureContext: SecureContext;
    try {
      secureContext = contexts.for(ca);
    } catch {
      fail('internal', 'the ca is not a PEM certificate', null);
      return;
    }
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    const name = serverName ?? host;
    const socket = connect({
      socket: plain,
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
      secureContext,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
      checkServerIdentity: isFor,
    });
    socket.on('error', (error) => {
      const { failure, what } = classify(error);
      if (failure === 'tls') fail('tls', what, null);
      else fail(failure === 'internal' ? 'tls' : failure, `TLS handshake failed: ${what}`, null);
    });
    socket.once('secureConnect', () => {
      const facts = read(socket);
      if (verify && !socket.authorized) {
        socket.destroy();
        fail('certificate', refusal(socket), facts);
        return;
      }
      signal.removeEventListener('abort', stop);
      resolve({ socket, facts });
    });
  });
}

/** By its names: the subject counts for no browser any more (RFC 9525). */
function isFor(host: string, { subjectaltname }: PeerCertificate): Error | undefined {
  return checkServerIdentity(host, { subjectaltname } as PeerCertificate);
}

function refusal(socket: TLSSocket): string {
  // Typed as an Error, but what Node puts there is the code's text.
  const code = String(socket.authorizationError);
  return REFUSALS[code] ?? `certificate not accepted (${code})`;
}

/** What the peer sent, which need not lead up to an authority. */
function read(socket: TLSSocket): TlsFacts | null {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return null;
  let chainNotAfter = leaf.validToDate.getTime();
  for (let issuer = leaf.issuerCertificate; issuer; issuer = issuer.issuerCertificate) {
    chainNotAfter = Math.min(chainNotAfter, issuer.validToDate.getTime());
  }
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    leafNotBefore: leaf.validFromDate.getTime(),
    leafNotAfter: leaf.validToDate.getTime(),
    chainNotAfter,
  };
}
