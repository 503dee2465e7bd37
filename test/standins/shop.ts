/** A small web shop that can be broken and mended: what the demo and the end-to-end tests watch. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Shop {
  readonly url: string;
  /** Every answer from now on; the default is 200 with a page to buy from. */
  answerWith(status: number): void;
  /** When each look came and what it got, oldest first, by the wall clock. */
  readonly looks: readonly { readonly at: number; readonly status: number }[];
  close(): Promise<void>;
}

export async function openShop(port = 0): Promise<Shop> {
  let status = 200;
  const looks: { at: number; status: number }[] = [];
  const server = createServer((_, response) => {
    looks.push({ at: Date.now(), status });
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(status === 200 ? '<h1>Shop</h1> Add to cart' : 'Something went wrong');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    answerWith: (next) => void (status = next),
    looks,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
