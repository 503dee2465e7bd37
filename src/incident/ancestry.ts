/** What hangs below what. A circle cannot be configured; if there were one, it would end here too. */
import type { Config } from '../config/config.ts';

/** All that a check hangs below, nearest first. */
export function ancestorsOf({ checks }: Pick<Config, 'checks'>, check: string): readonly string[] {
  const seen = new Set<string>(checks.get(check)?.dependsOn);
  for (const id of seen) {
    for (const above of checks.get(id)?.dependsOn ?? []) seen.add(above);
  }
  return [...seen];
}
