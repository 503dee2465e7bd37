/**
 * How V8 collects what looks leave behind: often and little, instead of seldom and for long. Set from
 * inside, so that it holds however Tocsin is started. One would get wrong when: before all else is
 * imported, as a heap that has grown stays so; threads that are started later follow.
 */
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';

const FLAGS = [
  // The young generation keeps its first megabyte. Left to itself it takes 64 MB, and to collect that
  // at 1,000 looks a second holds the loop for a tenth of a second; a megabyte, for one or two ms.
  '--semi-space-growth-factor=1',
  // Helpers share the core of a daemon that is given one: the loop would wait for their turn too.
  // To mark the old generation, four of them would leave it a fifth of the core, some 50 ms long.
  '--no-parallel-scavenge',
  '--no-concurrent-marking',
  // The old generation is collected when so much has come on top, not when it is four times as big.
  // With 30 a look costs a tenth more, with 60 there are 30 MB more.
  '--heap-growing-percent=40',
];

export function keepHeapSmall(): void {
  FLAGS.forEach((flag) => {
    setFlagsFromString(flag);
  });
}

/**
 * For a thread that makes much, keeps little of it and ends. With a megabyte of young generation a
 * third of reading ten thousand checks is collecting; with this it is a tenth, and in less memory.
 */
const ROOMY_FLAGS = ['--min-semi-space-size=16', '--initial-heap-size=128'];
const USUAL_FLAGS = ['--min-semi-space-size=0', '--initial-heap-size=0'];

/** The thread that `begin` makes has room; a thread takes its sizes when it comes up, not when it is made. */
export function withRoom(begin: () => Worker): Worker {
  ROOMY_FLAGS.forEach(setFlagsFromString);
  const usual = (): void => USUAL_FLAGS.forEach(setFlagsFromString);
  return begin().once('online', usual).once('exit', usual);
}
