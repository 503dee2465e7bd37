/** The inspector's thread: one text at a time, as long as it takes. Who waits for it may end it. */
import { parentPort } from 'node:worker_threads';
import { inspect } from './_inspect.ts';
import type { Inquiry } from './_inspect.ts';

const port = parentPort;
if (port === null) throw new Error('this file is started as a thread');
port.on('message', ({ text, inquiry }: { readonly text: string; readonly inquiry: Inquiry }) => {
  port.postMessage(inspect(text, inquiry));
});
port.postMessage('ready');
