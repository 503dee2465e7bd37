/**
 * What the loader needs to know of probes, channels and the templates of messages, as they are
 * handed in: `Probe`, `Channel` and `message/` have it all.
 */
import type { z } from 'zod';
import type { AddressKind, TemplateName, Templates } from './config.ts';

export interface ProbeKind {
  readonly type: string;
  readonly options: z.ZodObject;
  readonly files?: readonly (readonly string[])[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only ever called with what its own schema parsed
  target(options: any): string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  reaches?(options: any): readonly string[];
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
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  reaches?(options: any): readonly string[];
}

export interface Registries {
  readonly probes: ReadonlyMap<string, ProbeKind>;
  readonly channels: ReadonlyMap<string, ChannelKind>;
}

export interface TemplateKind {
  /** The folder of those that ship, with a separator at its end. */
  readonly folder: string;
  /** All of them together: what each says depends on the others. */
  parse(
    texts: Readonly<Record<TemplateName, string>>,
  ): Templates | { readonly faults: readonly TemplateFault[] };
}

export interface TemplateFault {
  readonly template: TemplateName;
  /** Into its text. */
  readonly offset: number;
  readonly text: string;
  readonly unknown?: { readonly word: string; readonly known: readonly string[] };
}
