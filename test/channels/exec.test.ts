import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { exec } from '../../src/channels/exec.ts';
import { hands } from '../contract/hands.ts';
import { serve } from '../loopback.ts';
import { facts, HOSTILE_NAMES } from '../message/facts.ts';
import { letter } from './letters.ts';

const { clock, transport, run } = hands();
afterAll(() => transport.close());

function send(source: string, { env = {}, signal = new AbortController().signal } = {}) {
  return sendTo([process.execPath, '-e', source], { env, signal });
}

function sendTo(
  command: readonly string[],
  { env = {}, signal = new AbortController().signal, example = letter() } = {},
) {
  const options = exec.options.parse({ command, env }) as Parameters<typeof exec.send>[1];
  return exec.send(exec.render(example, options), options, { clock, transport, run, signal });
}

/** What the program has read is its exit code's business: 0 where `condition` holds of `told`. */
const ifTold = (condition: string) =>
  `let all = ''; process.stdin.on('data', (some) => (all += some)).on('end', () => {
    const told = JSON.parse(all); process.exit(${condition} ? 0 : 1); })`;

describe('a program that is told', () => {
  it.each([
    `told.version === 1 && told.type === 'incident.opened' && told.incident.code === '7K'`,
    `told.title === '7K DOWN Shop home page' && told.lines.length > 0`,
    `told.responder.id === 'ana' && told.responder.name === 'Ana Silva'`,
  ])('reads as JSON that %s', async (condition) => {
    expect(await send(ifTold(condition))).toEqual({ outcome: 'accepted', reference: null });
  });

  it.each(HOSTILE_NAMES)('is told of a hostile name (%#) as data', async (name) => {
    const page = { name: 'x', kind: 'page', facts: facts({ name }) } as const;
    const command = [process.execPath, '-e', ifTold('told.version === 1')];
    expect(await sendTo(command, { example: letter(page) })).toMatchObject({
      outcome: 'accepted',
    });
  });

  it('has the environment that is written, and not ours', async () => {
    const source = `process.exit(process.env.KEY === 'v' && !process.env.VITEST ? 0 : 1)`;
    expect(await send(source, { env: { KEY: 'v' } })).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    [1, 'deferred', 'server'],
    [75, 'deferred', 'server'],
    [67, 'refused', 'address'],
    [77, 'refused', 'auth'],
    [78, 'refused', 'refused'],
  ])('and exits with %d: %s (%s)', async (code, outcome, reason) => {
    const source = `console.log('hunter2'); process.exit(${String(code)})`;
    expect(await send(source)).toEqual({ outcome, reason, detail: `exit ${String(code)}` });
  });

  it('and is ended by a signal may be tried again', async () => {
    const outcome = await send(`process.kill(process.pid, 'SIGTERM')`);
    expect(outcome).toEqual({ outcome: 'deferred', reason: 'server', detail: 'ended by SIGTERM' });
  });

  it('and is not there is refused', async () => {
    const outcome = await sendTo(['/nonexistent/program']);
    expect(outcome).toEqual({ outcome: 'refused', reason: 'refused', detail: 'no such program' });
  });

  it('and hangs is killed at the deadline, with its children', async () => {
    const server = createServer();
    const port = await serve(server);
    const deadline = new AbortController();
    const child = `require('net').connect(${String(port)}, '127.0.0.1'); setInterval(() => {}, 1e6)`;
    const source = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);
      setInterval(() => {}, 1e6)`;
    const sending = send(source, { signal: deadline.signal });
    const [grandchild] = (await once(server, 'connection')) as [Socket];
    const isGone = once(grandchild.on('error', () => undefined).resume(), 'close');
    deadline.abort();
    expect(await sending).toMatchObject({ outcome: 'unconfirmed', reason: 'timeout' });
    await isGone;
  });
});
