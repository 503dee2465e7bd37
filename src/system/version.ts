/** Which Tocsin this is: read once from package.json, which stands beside both src and dist. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

export const VERSION = manifest.version;
