/**
 * What the loader needs to know of probes and channels, as they are handed in: `Probe` and
 * `Channel` have it all.
 */
import type { z } from 'zod';
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
  readonly forMachines?: true;
  readonly room?: string;
  readonly pagesOnly?: true;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only ever called with what its own schema parsed
  answerable?(options: any): boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  proof?(options: any): 'acceptance' | 'receipt';
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  caveat?(options: any, name: string, isReachable: boolean): string | null;
}

export interface Registries {
  readonly probes: ReadonlyMap<string, ProbeKind>;
  readonly channels: ReadonlyMap<string, ChannelKind>;
}
