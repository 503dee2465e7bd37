/**
 * A TCP connection to a name: its addresses are tried in the resolver's order with the families
 * taking turns, each next one after a pause or as soon as the one before has failed, and the first
 * to connect wins (RFC 8305). Thus a family that swallows packets costs a pause, not the deadline.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { classify } from './_failure.ts';
import type { FailureWord, Fault } from './_failure.ts';
import type { Limit } from './_limit.ts';
import { addressesOf } from './_resolving.ts';
import { shed } from './_shed.ts';
import type { Alarm, Clock } from './clock.ts';
import type { Family, HostAddress, Resolver } from './resolver.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly family?: Family | undefined;
  /** Why not to go to an address that the host turned out to have; null: it may be. */
  readonly refusal?: ((address: string) => string | null) | undefined;
  /** That a connection can be made is all that is wanted: it is closed as soon as it is there. */
  readonly hangUp?: boolean;
}

export interface Dialled {
  readonly socket: Socket;
  readonly ip: string;
  readonly resolveMs: number;
  readonly connectMs: number;
}

export interface NotDialled {
  readonly failure: FailureWord;
  readonly what: string;
  readonly ip: string | null;
  readonly resolveMs: number;
  readonly connectMs: number;
}

const ATTEMPT_DELAY_MS = 250;
const MAX_ADDRESSES = 16;
/** Of several failures the one that says most about the target is told. */
const TELLING: readonly FailureWord[] = ['refused', 'reset', 'connect_timeout', 'unreachable'];

/** Never rejects. Until somebody else listens, errors of the socket are swallowed, not thrown. */
export async function dial(
  { host, port, family, refusal, hangUp }: Destination,
  { resolver, clock }: { readonly resolver: Resolver; readonly clock: Clock },
  limit: Limit,
): Promise<Dialled | NotDialled> {
  const startedAt = clock.monotonic();
  const resolved = await addressesOf({ host, family }, resolver, () => limit.signal);
  const resolvedAt = clock.monotonic();
  const resolveMs = resolvedAt - startedAt;
  if ('failure' in resolved) return { ...resolved, ip: null, resolveMs, connectMs: 0 };
  const addresses = takeTurns(resolved);
  for (const { address: ip } of refusal === undefined ? [] : addresses) {
    const what = refusal?.(ip) ?? null;
    if (what !== null) return { failure: 'redirect', what, ip, resolveMs, connectMs: 0 };
  }
  const raced = await race(addresses, port, clock, limit, hangUp);
  const connectMs = clock.monotonic() - resolvedAt;
  return 'failure' in raced
    ? { failure: raced.failure, what: raced.what, ip: raced.ip, resolveMs, connectMs }
    : { socket: raced.socket, ip: raced.ip, resolveMs, connectMs };
}

function takeTurns(addresses: readonly HostAddress[]): readonly HostAddress[] {
  if (addresses.length < 2) return addresses;
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return first
    .flatMap((address, at) => [address, ...other.slice(at, at + 1)])
    .concat(other.slice(first.length))
    .slice(0, MAX_ADDRESSES);
}

type Raced =
  | { readonly socket: Socket; readonly ip: string }
  | { readonly failure: FailureWord; readonly what: string; readonly ip: string };

function race(
  addresses: readonly HostAddress[],
  port: number,
  clock: Clock,
  limit: Limit,
  hangUp = false,
): Promise<Raced> {
  return new Promise((resolve) => {
    const waiting = new Map<Socket, string>();
    const failed: (Fault & { readonly ip: string })[] = [];
    let next = 0;
    let pause: Alarm | undefined;
    let over = false;

    const end = (outcome: Raced): void => {
      over = true;
      pause?.cancel();
      limit.unwatch();
      for (const socket of waiting.keys()) socket.destroy();
      resolve(outcome);
    };
    const stop = (): void => {
      const ip = [...waiting.values()][0] ?? addresses[0]?.address ?? '';
      end({ failure: 'connect_timeout', what: 'no connection', ip });
    };
    const attempt = (): void => {
      pause?.cancel();
      const address = addresses[next++];
      if (address === undefined) return;
      const ip = address.address;
      const socket = connect({ host: ip, port, noDelay: true, autoSelectFamily: false });
      waiting.set(socket, ip);
      socket.once('close', shed);
      socket.once('connect', () => {
        waiting.delete(socket);
        // Here and not later: once this has returned, Node begins to read.
        if (hangUp) socket.destroy();
        end({ socket, ip });
      });
      socket.on('error', (error) => {
        if (over || !waiting.delete(socket)) return;
        failed.push({ ...atConnect(classify(error)), ip });
        if (next < addresses.length) attempt();
        else if (waiting.size === 0) end(mostTelling(failed));
      });
      if (next < addresses.length) pause = clock.alarm(clock.now() + ATTEMPT_DELAY_MS, attempt);
    };

    if (limit.isOver) {
      stop();
      return;
    }
    limit.watch(stop);
    attempt();
  });
}

function atConnect(fault: Fault): Fault {
  return fault.failure === 'timeout' ? { ...fault, failure: 'connect_timeout' } : fault;
}

function mostTelling<F extends Fault>(failed: readonly F[]): F {
  const rank = ({ failure }: F): number => {
    const at = TELLING.indexOf(failure);
    return at === -1 ? TELLING.length : at;
  };
  return failed.reduce((best, fault) => (rank(fault) < rank(best) ? fault : best));
}
