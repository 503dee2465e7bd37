/**
 * A name server on loopback, by UDP and TCP on one port, that answers as a test tells it to: also
 * wrongly, late or never. It lives until its test has finished.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { Answer, Packet } from 'dns-packet';
import { onTestFinished } from 'vitest';
import { serve } from './loopback.ts';

export interface Question {
  readonly name: string;
  readonly type: string;
  readonly via: 'udp' | 'tcp';
}

export interface Reply {
  readonly rcode?: number;
  readonly answers?: Answer[];
  readonly authorities?: Answer[];
  readonly additionals?: Answer[];
  readonly isTruncated?: boolean;
  /** Says that it answers another question. */
  readonly hasWrongId?: boolean;
  readonly raw?: Buffer;
}

/** null: never. */
export type Answering = (question: Question) => Reply | null | Promise<Reply | null>;

export const SERVFAIL: Reply = { rcode: 2 };
export const NXDOMAIN: Reply = { rcode: 3 };
export const REFUSED: Reply = { rcode: 5 };

export class DnsServer {
  readonly port: number;
  readonly asked: Question[];

  constructor(port: number, asked: Question[]) {
    this.port = port;
    this.asked = asked;
  }

  /** `example.test A`, in the order in which they came. */
  get questions(): readonly string[] {
    return this.asked.map(({ name, type }) => `${name} ${type}`);
  }
}

export async function dnsServer(answering: Answering): Promise<DnsServer> {
  const asked: Question[] = [];
  const reply = async (message: Buffer, via: Question['via']): Promise<Buffer | null> => {
    const query = decode(message);
    const [{ name, type } = { name: '', type: 'A' }] = query.questions ?? [];
    const question = { name, type, via };
    asked.push(question);
    const answer = await answering(question);
    return answer === null ? null : (answer.raw ?? written(query, answer));
  };

  const tcp = createServer((socket) => {
    socket.on('data', (data: Buffer) => {
      void reply(data.subarray(2), 'tcp').then((answer) => {
        if (answer === null) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      });
    });
  });
  const port = await serve(tcp);
  const udp = createSocket('udp4');
  onTestFinished(() => {
    udp.close();
  });
  udp.on('message', (message, { address, port: from }) => {
    void reply(message, 'udp').then((answer) => {
      if (answer !== null) udp.send(answer, from, address);
    });
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return new DnsServer(port, asked);
}

function written(query: Packet, reply: Reply): Buffer {
  const { rcode = 0, answers = [], authorities = [], additionals = [] } = reply;
  const id = query.id ?? 0;
  return encode({
    type: 'response',
    id: reply.hasWrongId === true ? (id + 1) % 65_536 : id,
    flags:
      rcode |
      RECURSION_DESIRED |
      RECURSION_AVAILABLE |
      (reply.isTruncated === true ? TRUNCATED_RESPONSE : 0),
    ...(query.questions && { questions: query.questions }),
    answers,
    authorities,
    additionals,
  });
}

export function a(name: string, address: string, ttl = 60): Answer {
  return { type: 'A', name, ttl, data: address };
}

export function aaaa(name: string, address: string, ttl = 60): Answer {
  return { type: 'AAAA', name, ttl, data: address };
}

export function cname(name: string, to: string, ttl = 60): Answer {
  return { type: 'CNAME', name, ttl, data: to };
}

/** Where a resolver of a test reads whom to ask. */
export interface SystemFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

/** In a folder of their own until the test has finished; null: there is no such file. */
export function systemFiles(resolvConf: string | null, hosts: string | null = ''): SystemFiles {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-names-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const files = { hosts: join(folder, 'hosts'), resolvConf: join(folder, 'resolv.conf') };
  if (hosts !== null) writeFileSync(files.hosts, hosts);
  if (resolvConf !== null) writeFileSync(files.resolvConf, resolvConf);
  return files;
}

/** The lines of a resolv.conf that name these servers. */
export function nameservers(...servers: readonly { readonly port: number }[]): string {
  return servers.map(({ port }) => `nameserver 127.0.0.1:${port}\n`).join('');
}
