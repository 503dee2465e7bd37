/**
 * What the loader needs to know of probes and channels, as they are handed in: `Probe` and
 * `Channel` have it all. And the names that will come later: they are refused by name, not as
 * unknown, and what is written about them is checked as far as its shape is settled.
 */
import { z } from 'zod';
import { e164, httpUrl, secretText } from '../system/values.ts';
import type { AddressKind } from './config.ts';

export interface ProbeKind {
  readonly type: string;
  readonly options: z.ZodObject;
  readonly files?: readonly (readonly string[])[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only ever called with what its own schema parsed
  target(options: any): string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  labelled?(options: any, shown: any): object;
}

export interface ChannelKind {
  readonly type: string;
  readonly options: z.ZodObject;
  readonly address: AddressKind | null;
  readonly forMachines?: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only ever called with what its own schema parsed
  answerable?(options: any): boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  proof?(options: any): 'acceptance' | 'receipt';
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  caveat?(options: any, name: string): string | null;
}

export interface Registries {
  readonly probes: ReadonlyMap<string, ProbeKind>;
  readonly channels: ReadonlyMap<string, ChannelKind>;
}

/** Channel types to come. */
export const LATER_CHANNELS: ReadonlyMap<string, z.ZodObject> = new Map([
  [
    'twilio-voice',
    z.strictObject({
      account_sid: z.string().min(1),
      auth_token: secretText(),
      from: e164(),
      base_url: httpUrl().optional(),
    }),
  ],
]);

export const notSupported = (what: string): string => `${what}: not supported yet`;
