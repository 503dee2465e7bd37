import { expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import type { Finding, Observation } from '../../src/probes/probe.ts';

const observation: Observation = {
  check: 'shop',
  generation: 'g1',
  from: 'lisbon',
  at: 1_000,
  tookMs: 12,
  facts: {},
  fault: null,
};

function finding(expectation: string, level: 'expect' | 'warn', met: boolean): Finding {
  const reason = expectation === 'status' ? 'status' : 'slow';
  return { expectation, level, met, expected: '', seen: '', reason, brief: `${expectation} bad` };
}

test('everything met is up, with no reason', () => {
  const verdict = judge(observation, [
    finding('status', 'expect', true),
    finding('time', 'warn', true),
  ]);
  expect(verdict).toMatchObject({ status: 'up', reason: null, brief: '', at: 1_000, tookMs: 12 });
});

test('nothing expected is up', () => {
  expect(judge(observation, []).status).toBe('up');
});

test('an unmet warn is degraded and says which', () => {
  const verdict = judge(observation, [
    finding('status', 'expect', true),
    finding('time', 'warn', false),
  ]);
  expect(verdict).toMatchObject({ status: 'degraded', reason: 'slow', brief: 'time bad' });
});

test('an unmet expect outweighs an unmet warn that comes first', () => {
  const verdict = judge(observation, [
    finding('time', 'warn', false),
    finding('status', 'expect', false),
  ]);
  expect(verdict).toMatchObject({ status: 'down', reason: 'status', brief: 'status bad' });
});

test('an expect that could not be seen is unknown, unless another failed', () => {
  const unseen = { ...finding('body', 'expect', false), isJudged: false } as const;
  const late = finding('time', 'warn', false);
  expect(judge(observation, [late, unseen])).toMatchObject({
    status: 'unknown',
    brief: 'body bad',
  });
  const failed = judge(observation, [unseen, finding('status', 'expect', false)]);
  expect(failed).toMatchObject({ status: 'down', brief: 'status bad' });
});

test('of two unmet expects the first gives the reason', () => {
  const verdict = judge(observation, [
    finding('status', 'expect', false),
    finding('time', 'expect', false),
  ]);
  expect(verdict.reason).toBe('status');
});

test('a look that could not be made is down, internal, whatever was found', () => {
  const fault = { ...observation, facts: null, fault: 'TypeError' };
  const verdict = judge(fault, [finding('status', 'expect', true)]);
  expect(verdict).toMatchObject({ status: 'down', reason: 'internal', findings: [] });
});
