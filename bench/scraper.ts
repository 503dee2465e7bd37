/**
 * A Prometheus that does nothing with what it reads: for each URL that its parent sends it asks once,
 * with the headers of a real one, and answers how long that took and how many samples there were.
 */
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';

export interface Scraped {
  readonly tookMs: number;
  readonly samples: number;
}

const ACCEPT = {
  text: 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  openmetrics: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5',
};
const [NEWLINE, HASH] = [10, 35];

process.on('message', ({ url, format }: { url: string; format: keyof typeof ACCEPT }) => {
  void scrape(url, ACCEPT[format]).then((found) => process.send!(found));
});

async function scrape(url: string, accept: string): Promise<Scraped> {
  const began = performance.now();
  const [answer] = (await once(get(url, { headers: { accept } }), 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode ?? 'no status'}`);
  const chunks = (await answer.toArray()) as Buffer[];
  const tookMs = performance.now() - began;
  return { tookMs, samples: samplesIn(Buffer.concat(chunks)) };
}

/** Lines that are no comments. */
function samplesIn(text: Buffer): number {
  let samples = 0;
  for (let start = 0; start < text.length; start = text.indexOf(NEWLINE, start) + 1) {
    if (text[start] !== HASH && text[start] !== NEWLINE) samples++;
  }
  return samples;
}
