/**
 * What the probers look at: nginx from Debian, one process on the target's core, answering `ok` over
 * HTTP and HTTPS. Neither session cache nor tickets: every handshake is a whole one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TARGET_CORE } from './cost.ts';
import { freePort, outputOf, start, untilListening } from './program.ts';

/**
 * Sixteen addresses: a connection that has ended keeps its port from the next one to the same address
 * for a while, and looking for a free one would soon cost more than the look.
 */
const HOSTS = Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 1}`);

export interface Target {
  /** One for each address of the target. */
  readonly http: readonly string[];
  readonly https: readonly string[];
  /** host:port of the HTTP server. */
  readonly tcp: readonly string[];
  /** The file of the certificate, which is its own authority. */
  readonly ca: string;
  stop(): Promise<void>;
}

const NAMES = HOSTS.map((host) => `IP:${host}`).join(',');
const CERTIFICATE = (
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 ' +
  `-subj /CN=bench -addext subjectAltName=${NAMES}`
).split(' ');

export async function startTarget(directory: string): Promise<Target> {
  const ports = { http: await freePort(), https: await freePort() };
  const ca = join(directory, 'cert.pem');
  const key = join(directory, 'key.pem');
  await outputOf(TARGET_CORE, [...CERTIFICATE, '-out', ca, '-keyout', key]);
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(directory, ports));
  const nginx = start(TARGET_CORE, [
    '/usr/sbin/nginx',
    '-p',
    directory,
    '-c',
    file,
    '-e',
    'stderr',
  ]);
  await untilListening(ports.https);
  return {
    http: HOSTS.map((host) => `http://${host}:${ports.http}/`),
    https: HOSTS.map((host) => `https://${host}:${ports.https}/`),
    tcp: HOSTS.map((host) => `${host}:${ports.http}`),
    ca,
    stop: () => nginx.stop(),
  };
}

function configuration(directory: string, ports: { http: number; https: number }): string {
  const listens = HOSTS.flatMap((host) => [
    `listen ${host}:${ports.http} backlog=4096;`,
    `listen ${host}:${ports.https} ssl backlog=4096;`,
  ]);
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
events { worker_connections 10000; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    ${listens.join('\n    ')}
    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;
    ssl_session_cache off;
    ssl_session_tickets off;
    default_type text/plain;
    location / { return 200 "ok"; }
  }
}
`;
}
