/**
 * What a check of type steps may say in checks.yml. A step is an http check's request and
 * expectations, and what to take from its answer. `${take:NAME}` must have been taken by a step
 * before; a host that holds one is no valid URL, so that no answer says where secrets are sent.
 */
import { z } from 'zod';
import { duration } from '../system/values.ts';
import { hopOf } from './_http-look.ts';
import { refineRequest, requestKeys, warned } from './_http-options.ts';
import type { HttpRequest } from './_http-options.ts';
import { REFERENCE, sources } from './_taking.ts';

const MAX_STEPS = 10;
const MAX_LABEL_CHARS = 24;

const step = z
  .strictObject({ ...requestKeys, take: sources })
  .superRefine((written, context) => {
    refineRequest(written, context);
    const isOfBody = Object.values(written.take).some((by) => by.json ?? by.matches);
    if (written.method === 'HEAD' && isOfBody) {
      const message = 'the answer to HEAD has no body: use GET';
      context.addIssue({ code: 'custom', path: ['take'], message });
    }
  })
  .transform((written) => ({ ...written, label: labelOf(written) }));

export type Step = z.infer<typeof step>;

/** `GET /basket`: without host and query. */
function labelOf(written: HttpRequest): string {
  const [, path = ''] = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(written.http) ?? [];
  const label = `${hopOf(written).method} ${path === '' ? '/' : path}`;
  return label.length > MAX_LABEL_CHARS ? `${label.slice(0, MAX_LABEL_CHARS - 3)}...` : label;
}

export const stepsOptions = z.strictObject({
  steps: z.array(step).min(1).max(MAX_STEPS).superRefine(refineReferences),
  expect: z
    .strictObject({ time: duration({ min: 1 }).optional() })
    .default({})
    .describe('Of all steps together'),
  warn: warned,
});
export type StepsOptions = z.infer<typeof stepsOptions>;

function refineReferences(steps: readonly Step[], { addIssue }: Pick<z.RefinementCtx, 'addIssue'>) {
  const known = new Set<string>();
  for (const [i, { expect, proxy, take, label: _label, ...asked }] of steps.entries()) {
    const complain = (path: readonly PropertyKey[], message: string, params?: object): void => {
      addIssue({ code: 'custom', path: [i, ...path], message, ...(params && { params }) });
    };
    for (const [path, text] of texts({ expect, proxy }, [])) {
      if (text.search(REFERENCE) < 0) continue;
      complain(path, 'nothing taken can stand here: only in what is sent');
    }
    for (const [path, text] of texts(asked, [])) {
      for (const [, name = ''] of text.matchAll(REFERENCE)) {
        if (known.has(name)) continue;
        const message = `no step before this one takes ${JSON.stringify(name)}`;
        complain(path, message, { word: name, known: [...known] });
      }
    }
    for (const name of Object.keys(take)) known.add(name);
  }
}

/** Every text in plain data, with its path. */
function texts(data: unknown, path: readonly PropertyKey[]): [readonly PropertyKey[], string][] {
  if (typeof data === 'string') return [[path, data]];
  if (Array.isArray(data)) return data.flatMap((item, i) => texts(item, [...path, i]));
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => texts(value, [...path, key]));
}
