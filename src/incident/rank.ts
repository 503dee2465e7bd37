/** How bad a severity is beside another: what is worse is told again, and named first. */
import type { Severity } from '../config/config.ts';

export const RANK: Readonly<Record<Severity, number>> = { minor: 0, major: 1, critical: 2 };
