/** The thread that reads one configuration, hands it over and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from '../config/load.ts';
import { sendParcels } from './_parcels.ts';
import type { Named } from './loading.ts';
import { registries } from './registries.ts';

const named = workerData as Named;
const loaded = await loadConfig({ ...named, ...registries });
if (parentPort !== null) sendParcels(parentPort, loaded);
