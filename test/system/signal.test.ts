import { expect, test } from 'vitest';
import { Stop } from '../../src/system/signal.ts';

test('all who listen when work is stopped are told, once, and nobody who has left', () => {
  const stop = new Stop();
  const told: string[] = [];
  const leaves = () => told.push('left');
  stop.addEventListener('abort', () => told.push('first'));
  stop.addEventListener('abort', leaves);
  stop.addEventListener('abort', () => told.push('second'));
  stop.removeEventListener('abort', leaves);
  expect(stop.aborted).toBe(false);
  stop.abort();
  stop.abort();
  expect(stop.aborted).toBe(true);
  expect(told).toEqual(['first', 'second']);
});
