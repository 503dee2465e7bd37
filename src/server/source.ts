/**
 * Where a request comes from, as far as that can be told apart: an IPv4 address, or the network of an
 * IPv6 one, for whoever has one address of it has all. A reverse proxy is told from a client by being
 * near: only such a one is believed about whom it speaks for, and only its last word (X-Forwarded-For
 * grows at the end).
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** RFC 1918, RFC 4193, RFC 4291 §2.5.3. */
const NEAR = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/;
const MAPPED = /^::ffff:(?=\d+\.)/i;
const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const V6 = /^[0-9a-f:]{2,39}$/;

export function sourceOf(address: string): string {
  const plain = address.replace(MAPPED, '').toLowerCase();
  if (!plain.includes(':')) return plain;
  const [before = '', after = ''] = plain.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === '' ? [] : after.split(':');
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}

export function clientOf(c: Context): string {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  const peer = (bindings?.incoming?.socket.remoteAddress ?? '').replace(MAPPED, '');
  if (!NEAR.test(peer.toLowerCase())) return sourceOf(peer);
  const last = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim().toLowerCase() ?? '';
  return sourceOf(V4.test(last) || V6.test(last) ? last : peer);
}
