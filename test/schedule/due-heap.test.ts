import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from '../../src/schedule/due-heap.ts';

const steps = fc.array(
  fc.record({
    id: fc.nat(20),
    what: fc.constantFrom('place', 'place', 'remove', 'pop'),
    at: fc.nat(50),
  }),
  { maxLength: 200 },
);

test('whatever is placed, moved and removed, the earliest is on top', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const items = Array.from({ length: 21 }, (_, id) => ({ id, dueAt: Infinity, index: -1 }));
      const heap = new DueHeap<(typeof items)[number]>();
      const inside = new Set<(typeof items)[number]>();
      for (const { id, what, at } of sequence) {
        const item = what === 'pop' ? heap.earliest : items[id]!;
        if (!item) continue;
        if (what === 'place') {
          heap.place(item, at);
          inside.add(item);
        } else {
          heap.remove(item);
          inside.delete(item);
        }
        const earliest = Math.min(...Array.from(inside, ({ dueAt }) => dueAt));
        expect(heap.earliest?.dueAt ?? Infinity).toBe(earliest);
        for (const other of items) expect(other.index >= 0).toBe(inside.has(other));
      }
    }),
  );
});
