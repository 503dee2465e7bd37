/**
 * undici's dispatchers, and nothing else of it: its index also loads fetch, caches, mocks and event
 * sources, which nobody here asks for, and which take 8 MB of a daemon. What one would get wrong: these
 * paths are no promise of undici's, so that its version is exact, and its types are the index's.
 */
import { createRequire } from 'node:module';
import type * as undici from 'undici';

const load = createRequire(import.meta.url);

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof undici.Agent;
export type Agent = undici.Agent;
export const Client = load('undici/lib/dispatcher/client.js') as typeof undici.Client;
export type Client = undici.Client;
