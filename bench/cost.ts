/**
 * What a piece of work cost, by the kernel's own accounting, and on which core it was done. The
 * prober has one core for itself and the target the other: a prober that waits for its target costs
 * nothing while it waits, so that the cost of one look does not depend on who is faster.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export const PROBER_CORE = 0;
export const TARGET_CORE = Math.min(1, cpus().length - 1);

/** One window of looks. */
export interface Cost {
  readonly looks: number;
  readonly failed: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** The kernel counts what it tells of processes in hundredths of a second. */
const TICK_MS = 10;

/** CPU time of a process with all its threads, user and system. */
export function cpuMsOf(pid: number): number {
  const [utime, stime] = statOf(pid);
  return (utime + stime) * TICK_MS;
}

/** CPU time of the children of this process that have ended. */
export function cpuMsOfChildren(): number {
  const [, , cutime, cstime] = statOf(process.pid);
  return (cutime + cstime) * TICK_MS;
}

function statOf(pid: number): [number, number, number, number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number) as [number, number, number, number];
}

/** Resident memory in MB. */
export function rssMbOf(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kb) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `share` of the values are at most this. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
