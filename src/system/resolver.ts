/**
 * Names to addresses. Whatever opens sockets is handed a Resolver, so that looks and pages need not
 * share one. Nothing here throws for what a name server may do: a failure is an answer.
 */
export interface Resolver {
  /**
   * Literal addresses are never asked for. Of a `family` only that one's question is sent. Never
   * rejects; ends at once when the signal says stop.
   */
  resolve(host: string, signal: AbortSignal, family?: Family): Promise<Resolved>;
}

/** `addresses` are in the order in which to try them, and at least one. */
export type Resolved =
  { readonly addresses: readonly HostAddress[] } | { readonly failure: NameFailure };

export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** IPv4 or IPv6, where only one of them will do. */
export type Family = HostAddress['family'];

export interface NameServer {
  readonly host: string;
  readonly port: number;
}

/** Whose answer is taken: that of our own resolver, or what getaddrinfo says. */
export type ResolverChoice = 'own' | 'system';

/** Of a resolver's failures; `unreachable`: no server takes a question; `failed`: none of the others. */
export type NameFailure =
  | 'nxdomain'
  | 'nodata'
  | 'servfail'
  | 'refused'
  | 'notimp'
  | 'formerr'
  | 'malformed'
  | 'badname'
  | 'timeout'
  | 'unreachable'
  | 'closed'
  | 'failed';
