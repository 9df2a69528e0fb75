/** Something that comes after others. */
interface Dependent {
  readonly logicalId: string;
  readonly dependsOn: readonly string[];
}

/**
 * `items` so that each comes after everything it depends on, otherwise in the order given. What is not
 * among the items is no obstacle. A cycle is answered with its ids, the first one repeated at the end.
 */
export function dependencyOrder<Item extends Dependent>(
  items: readonly Item[],
): { readonly order: readonly Item[] } | { readonly cycle: readonly string[] } {
  const byId = new Map(items.map((item) => [item.logicalId, item]));
  const order: Item[] = [];
  const state = new Map<Item, 'open' | 'done'>();
  for (const start of items) {
    // A list of our own instead of recursion: a template may chain thousands.
    const open: { readonly item: Item; next: number }[] = [];
    if (!state.has(start)) open.push(enter(start));
    while (open.length > 0) {
      const top = open.at(-1)!;
      const id = top.item.dependsOn[top.next++];
      if (id === undefined) {
        state.set(top.item, 'done');
        order.push(top.item);
        open.pop();
        continue;
      }
      const item = byId.get(id);
      if (item && state.get(item) === 'open') {
        const ids = open.map((each) => each.item.logicalId);
        return { cycle: [...ids.slice(ids.indexOf(id)), id] };
      }
      if (item && !state.has(item)) open.push(enter(item));
    }
  }
  return { order };

  function enter(item: Item) {
    state.set(item, 'open');
    return { item, next: 0 };
  }
}
