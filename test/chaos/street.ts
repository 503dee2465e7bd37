/**
 * A street of shops, one path each, that can be broken and mended: what the daemons here watch. It
 * remembers since when each is what it is, which is the truth that everything else is held against.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Street {
  urlOf(shop: string, host: string): string;
  break(shop: string): void;
  mend(shop: string): void;
  /** How often each was looked at. */
  looksAt(shop: string): number;
  close(): Promise<void>;
}

export async function openStreet(): Promise<Street> {
  const broken = new Set<string>();
  const looks = new Map<string, number>();
  const server = createServer(({ url = '/' }, response) => {
    const shop = url.slice(1);
    looks.set(shop, (looks.get(shop) ?? 0) + 1);
    response.writeHead(broken.has(shop) ? 500 : 200).end('shop');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (shop, host) => `http://${host}:${port}/${shop}`,
    break: (shop) => void broken.add(shop),
    mend: (shop) => void broken.delete(shop),
    looksAt: (shop) => looks.get(shop) ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
