/**
 * A small HTTP proxy on loopback, as the real ones are: tunnels by CONNECT, and fetches whole URLs.
 * It keeps what it was asked, and can be told to want credentials or to know one host by another name.
 */
import { createServer, request as fetchUrl } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { pem, serve } from './loopback.ts';

export interface Proxy {
  readonly port: number;
  /** `CONNECT shop.test:443`, `GET http://shop.test/`, in the order in which they came. */
  readonly asked: string[];
  /** Of each, what it was asked with. */
  readonly headers: IncomingMessage['headers'][];
}

export interface ProxyRules {
  /** `user:password`; without it, whoever asks is served. */
  readonly credentials?: string;
  /** Where every name leads; the port stays. */
  readonly to?: string;
  readonly isTls?: boolean;
}

const STATUS = { 407: 'Proxy Authentication Required', 502: 'Bad Gateway' } as const;

export async function proxyServer(rules: ProxyRules = {}): Promise<Proxy> {
  const { credentials, to = '127.0.0.1', isTls = false } = rules;
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const isKnown = (request: IncomingMessage): boolean => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    headers.push(request.headers);
    return wanted === undefined || request.headers['proxy-authorization'] === wanted;
  };
  const server: Server = isTls
    ? createHttpsServer({ key: pem('leaf.key'), cert: pem('good.pem') })
    : createServer();
  server.on('request', (request, response) => {
    const refuse = (status: keyof typeof STATUS): void => {
      response.writeHead(status, { 'x-squid-error': 'ERR 0' }).end(STATUS[status]);
    };
    if (!isKnown(request)) {
      refuse(407);
      return;
    }
    const url = URL.parse(request.url ?? '');
    if (url === null) {
      refuse(502);
      return;
    }
    const { 'proxy-authorization': _, ...own } = request.headers;
    const { method } = request;
    const onward = fetchUrl({
      host: to,
      port: url.port || 80,
      path: url.pathname,
      method,
      headers: own,
    });
    onward.on('error', () => refuse(502));
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {});
    const refuse = (status: keyof typeof STATUS): void => {
      socket.end(`HTTP/1.1 ${status} ${STATUS[status]}\r\ncontent-length: 0\r\n\r\n`);
    };
    if (!isKnown(request)) {
      refuse(407);
      return;
    }
    const onward = connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1]), to);
    onward.on('error', () => refuse(502));
    onward.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    socket.on('close', () => onward.destroy());
  });
  return { port: await serve(server), asked, headers };
}
