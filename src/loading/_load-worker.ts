/** The thread that reads one configuration, hands it over and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { channels } from '../channels/index.ts';
import { loadConfig } from '../config/load.ts';
import { probes } from '../probes/index.ts';
import { sendParcels } from './_parcels.ts';
import type { Named } from './loading.ts';

const named = workerData as Named;
const loaded = await loadConfig({ ...named, probes, channels });
if (parentPort !== null) sendParcels(parentPort, loaded);
