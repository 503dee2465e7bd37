/**
 * What is said in the clear until the peer is ready for a TLS handshake: RFC 3207 (SMTP), RFC 9051
 * (IMAP), RFC 2595 (POP3), RFC 4511 (LDAP) and PostgreSQL's SSLRequest. Whatever follows the go-ahead
 * in the clear may have been put there by somebody in between: it is refused, not read.
 */
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { classify } from './_failure.ts';
import type { Fault } from './_failure.ts';
import type { Limit } from './_limit.ts';
import type { StartTls } from './transport.ts';

type Heard = 'more' | 'well' | { readonly refused: string } | { readonly strange: string };

interface Step {
  say(socket: Socket): string | Uint8Array;
  heard(received: Buffer): Heard;
}

const MAX_HEARD_BYTES = 8 * 1024;
const MAX_SHOWN_LENGTH = 80;

/** Never rejects; null: the handshake may begin. Destroys the socket when it fails. */
export async function startTls(
  socket: Socket,
  protocol: StartTls,
  limit: Limit,
): Promise<Fault | null> {
  for (const step of DIALOGUES[protocol]) {
    const fault = await take(step, socket, protocol, limit);
    if (fault === null) continue;
    socket.destroy();
    return fault;
  }
  return null;
}

function take(
  { say, heard }: Step,
  socket: Socket,
  protocol: StartTls,
  limit: Limit,
): Promise<Fault | null> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (fault: Fault | null): void => {
      socket.pause();
      socket.off('data', hear).off('error', fail).off('close', close).off('end', close);
      limit.unwatch();
      resolve(fault);
    };
    const stop = (): void => {
      end({ failure: 'timeout', what: `no answer in ${protocol} before TLS` });
    };
    const fail = (error: Error): void => {
      end(classify(error));
    };
    const close = (): void => {
      end({ failure: 'reset', what: 'connection closed before TLS' });
    };
    const hear = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const is = received.length > MAX_HEARD_BYTES ? { strange: 'too much' } : heard(received);
      if (is === 'well') end(null);
      else if (is !== 'more') end(faultOf(is, protocol));
    };
    if (limit.isOver || socket.destroyed) {
      if (limit.isOver) stop();
      else close();
      return;
    }
    limit.watch(stop);
    socket.on('data', hear).on('error', fail).on('close', close).on('end', close).resume();
    const words = say(socket);
    if (words.length > 0) socket.write(words);
  });
}

function faultOf(heard: Exclude<Heard, string>, protocol: StartTls): Fault {
  if ('refused' in heard) {
    return { failure: 'tls', what: `TLS refused: ${heard.refused.slice(0, MAX_SHOWN_LENGTH)}` };
  }
  const seen = heard.strange.slice(0, MAX_SHOWN_LENGTH);
  return { failure: 'protocol', what: `not an answer in ${protocol}: ${seen}` };
}

/** A reply of lines: others may come before the last, nothing after it. */
function lines({ last, others, good }: Record<'last' | 'others' | 'good', RegExp>) {
  return (received: Buffer): Heard => {
    const whole = received.toString('latin1').split('\n');
    const rest = whole.pop() ?? '';
    for (const [at, raw] of whole.entries()) {
      const line = raw.replace(/\r$/, '');
      if (last.test(line)) {
        if (!good.test(line)) return { refused: line };
        const isMore = at < whole.length - 1 || rest !== '';
        return isMore ? { strange: 'more than was asked for' } : 'well';
      }
      if (!others.test(line)) return { strange: line };
    }
    return 'more';
  };
}

const NONE = /^(?!)/;
const smtp = lines({ last: /^\d{3}(?: |$)/, others: /^\d{3}-/, good: /^2/ });
const pop3 = lines({ last: /^(?:\+OK|-ERR)/, others: NONE, good: /^\+OK/ });

/** RFC 5321 §4.1.3: an address is a name that needs no DNS. */
function ehlo({ localAddress = '127.0.0.1' }: Socket): string {
  return `EHLO [${isIPv6(localAddress) ? 'IPv6:' : ''}${localAddress}]\r\n`;
}

const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex');

/** One byte, and a server that is too old or busy begins an error message instead. */
function postgres(received: Buffer): Heard {
  const first = String.fromCharCode(received[0] ?? 0);
  if (received.length > 1 && first === 'S') return { strange: 'more than was asked for' };
  if (first === 'S') return 'well';
  return first === 'N' || first === 'E' ? { refused: 'not offered' } : { strange: first };
}

const LDAP_OID = Buffer.from('1.3.6.1.4.1.1466.20037');
/** LDAPMessage 1, ExtendedRequest, requestName. */
const LDAP_START_TLS = Buffer.concat([
  Buffer.from([0x30, LDAP_OID.length + 7, 2, 1, 1, 0x77, LDAP_OID.length + 2, 0x80]),
  Buffer.from([LDAP_OID.length]),
  LDAP_OID,
]);

/** ExtendedResponse with its resultCode; lengths are of one to four bytes. */
function ldap(received: Buffer): Heard {
  const message = element(received, 0);
  if (message === 'more') return 'more';
  if (message.tag !== 0x30) return { strange: 'no LDAP message' };
  if (received.length < message.end) return 'more';
  const id = element(received, message.start);
  const response = id === 'more' ? id : element(received, id.end);
  const result = response === 'more' ? response : element(received, response.start);
  if (response === 'more' || result === 'more' || response.tag !== 0x78 || result.tag !== 0x0a) {
    return { strange: 'another LDAP message' };
  }
  const code = received[result.start] ?? 'missing';
  if (code !== 0) return { refused: `LDAP result ${code}` };
  return received.length > message.end ? { strange: 'more than was asked for' } : 'well';
}

/** BER: tag, length, and where the content is. */
function element(
  bytes: Buffer,
  at: number,
): { readonly tag: number; readonly start: number; readonly end: number } | 'more' {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return 'more';
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  const start = at + 2 + size;
  if (size === 0 || size > 4) return { tag, start, end: MAX_HEARD_BYTES + 1 };
  if (bytes.length < start) return 'more';
  return { tag, start, end: start + bytes.readUIntBE(at + 2, size) };
}

const listen = (heard: Step['heard']): Step => ({ say: () => '', heard });
const ask = (words: string | Uint8Array, heard: Step['heard']): Step => ({
  say: () => words,
  heard,
});

const DIALOGUES: Readonly<Record<StartTls, readonly Step[]>> = {
  smtp: [listen(smtp), { say: ehlo, heard: smtp }, ask('STARTTLS\r\n', smtp)],
  imap: [
    listen(lines({ last: /^\* (?:OK|PREAUTH|BYE)\b/i, others: NONE, good: /^\* OK/i })),
    ask('a STARTTLS\r\n', lines({ last: /^a /i, others: /^\* /, good: /^a OK/i })),
  ],
  pop3: [listen(pop3), ask('STLS\r\n', pop3)],
  postgres: [ask(SSL_REQUEST, postgres)],
  ldap: [ask(LDAP_START_TLS, ldap)],
};
