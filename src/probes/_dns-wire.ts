/**
 * DNS messages (RFC 1035) of the dns probe: the question, what may be its answer, and what an answer
 * says, in the words of a zone file. Messages come from anybody: what cannot be read is null.
 */
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DecodedPacket } from 'dns-packet';

export const RECORDS = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SRV', 'SOA', 'CAA'] as const;
export type RecordType = (typeof RECORDS)[number];

/** Compressed names lead back and forth: a larger message could take long to read. */
export const MAX_MESSAGE_BYTES = 8 * 1024;
const HEADER_BYTES = 12;

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` … */
  readonly rcode: string;
  /** Those of the type that was asked for: `10 mail.example.com`, without a dot at the end. */
  readonly records: readonly string[];
  /** The shortest life of these records, in seconds; null without any. */
  readonly ttl: number | null;
  readonly counts: {
    readonly answer: number;
    readonly authority: number;
    readonly additional: number;
  };
  /** Of the SOA that was asked for. */
  readonly serial: number | null;
}

/** `name` without a dot at the end; empty: the root. */
export function question(name: string, type: RecordType, id: number): Buffer {
  const questions = [{ name: name === '' ? '.' : name, type }];
  return encode({ type: 'query', id, flags: RECURSION_DESIRED, questions });
}

/** A response with the question's own id, and its question where it repeats one. */
export function isAnswerTo(asked: Buffer, received: Buffer): boolean {
  if (received.length < HEADER_BYTES || received.readUInt16BE(0) !== asked.readUInt16BE(0)) {
    return false;
  }
  const isResponse = (received[2] ?? 0) >= 0x80;
  if (!isResponse || received.readUInt16BE(4) === 0) return isResponse;
  const repeated = received.subarray(HEADER_BYTES, asked.length).toString('latin1');
  return repeated.toLowerCase() === asked.toString('latin1', HEADER_BYTES).toLowerCase();
}

/** It did not fit: what is there is not all. */
export function isTruncated(received: Buffer): boolean {
  return ((received[2] ?? 0) & 0x02) !== 0;
}

/** null: it cannot be read. */
export function read(received: Buffer, type: RecordType): DnsAnswer | null {
  let packet: DecodedPacket;
  try {
    packet = decode(received);
  } catch {
    return null;
  }
  const { answers = [], authorities = [], additionals = [] } = packet;
  const records = answers.filter((record) => record.type === type);
  const [first] = records;
  return {
    // The package knows it, and its declarations do not.
    rcode: (packet as DecodedPacket & { readonly rcode: string }).rcode,
    records: records.map(printRecord),
    ttl: records.length === 0 ? null : Math.min(...records.map(ttlOf)),
    counts: {
      answer: answers.length,
      authority: authorities.length,
      additional: additionals.length,
    },
    serial: first?.type === 'SOA' ? (first.data.serial ?? null) : null,
  };
}

type DnsRecord = NonNullable<DecodedPacket['answers']>[number];

function ttlOf(record: DnsRecord): number {
  return 'ttl' in record ? (record.ttl ?? 0) : 0;
}

function printRecord(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'CNAME':
    case 'NS':
      return hostName(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${hostName(record.data.exchange)}`;
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data;
      return `${priority} ${weight} ${port} ${hostName(target)}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      const times = [serial, refresh, retry, expire, minimum].map((each) => each ?? 0).join(' ');
      return `${hostName(mname)} ${hostName(rname)} ${times}`;
    }
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} ${record.data.value}`;
    case 'TXT':
      return [record.data].flat().map(String).join('');
    default:
      return '';
  }
}

function hostName(name: string): string {
  return name.toLowerCase().replace(/(.)\.$/, '$1');
}
