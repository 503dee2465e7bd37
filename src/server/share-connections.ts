/**
 * No client may hold all the connections of a listener. One that has its share and opens another loses
 * the oldest on which nothing is asked: so the newcomer gets in, also where many stand behind one
 * address, and holding connections open wins nothing.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { sourceOf } from './source.ts';

export function shareConnections(server: Server, most: number): void {
  const open = new Map<string, Set<Socket>>();
  const busy = new WeakSet<Socket>();

  server.on('connection', (socket: Socket) => {
    const source = sourceOf(socket.remoteAddress ?? '');
    const theirs = open.get(source) ?? new Set();
    if (theirs.size >= most) {
      const idle = theirs.values().find((each) => !busy.has(each));
      if (idle === undefined) {
        socket.destroy();
        return;
      }
      // Here, not when it has closed: the next one may come before.
      theirs.delete(idle);
      idle.destroy();
    }
    theirs.add(socket);
    open.set(source, theirs);
    socket.once('close', () => {
      theirs.delete(socket);
      if (theirs.size === 0) open.delete(source);
    });
  });
  server.on('request', ({ socket }, response) => {
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
  });
}
