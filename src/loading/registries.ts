/** All that a configuration may name: what it is read by, here and in the thread alike. */
import { fileURLToPath } from 'node:url';
import { channels } from '../channels/index.ts';
import { parseTemplates } from '../message/templates.ts';
import { probes } from '../probes/index.ts';

/** As far above the sources as above what is built of them. */
const SHIPPED = fileURLToPath(new URL('../../alerts/templates/', import.meta.url));

export const registries = {
  probes,
  channels,
  templates: { folder: SHIPPED, parse: parseTemplates },
};
