/** Circles in depends_on: a check that waits for itself would never be explained by its cause. */

/** Each circle once, as `[a, b, a]`, beginning with the id that was written first. */
export function circles(dependsOn: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  for (const start of dependsOn.keys()) {
    // Depth first with a stack of its own: a chain may have ten thousand links.
    const path: { id: string; next: Iterator<string> }[] = [];
    const onPath = new Set<string>();
    const enter = (id: string): void => {
      path.push({ id, next: (dependsOn.get(id) ?? [])[Symbol.iterator]() });
      onPath.add(id);
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const step = top.next.next();
      if (step.done === true) {
        done.add(top.id);
        onPath.delete(top.id);
        path.pop();
      } else if (onPath.has(step.value)) {
        const from = path.findIndex(({ id }) => id === step.value);
        found.push([...path.slice(from).map(({ id }) => id), step.value]);
      } else if (!done.has(step.value)) {
        enter(step.value);
      }
    }
  }
  return found;
}
