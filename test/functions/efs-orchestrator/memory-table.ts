import type { PlainItem } from '#core/filesystems/attributes.ts';
import type { Condition, Table } from '#core/filesystems/table.ts';

/** A table with the semantics of DynamoDB's conditions; table.test.ts holds both to the same tests. */
export function memoryTable(items: Record<string, PlainItem> = {}): Table {
  // Nobody may hold on to what is stored; what is undefined, at any depth, is not stored.
  const copy = <T>(value: T): T => structuredClone(value);
  const keep = (item: PlainItem): PlainItem => JSON.parse(JSON.stringify(item)) as PlainItem;
  return {
    get: (key) => Promise.resolve(copy(items[key])),
    put: (item, conditions) => {
      if (!holds(items[item.BackupId], conditions)) return Promise.resolve(false);
      items[item.BackupId] = keep(item);
      return Promise.resolve(true);
    },
    update: (key, changes, conditions) => {
      if (!holds(items[key], conditions)) return Promise.resolve(undefined);
      const item = keep({ BackupId: key, ...items[key], ...changes });
      items[key] = item;
      return Promise.resolve(copy(item));
    },
    remove: (key, conditions) => {
      if (!holds(items[key], conditions)) return Promise.resolve(false);
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the keys of a table are dynamic
      delete items[key];
      return Promise.resolve(true);
    },
    async *all() {
      for (const item of Object.values(items)) yield Promise.resolve(copy(item));
    },
    close: () => undefined,
  };
}

function holds(item: PlainItem | undefined, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => {
    const value = item?.[condition.attribute];
    if ('in' in condition) return condition.in.some((wanted) => wanted === value);
    if (value === undefined) return true;
    if ('absentOr' in condition) return value === condition.absentOr;
    return 'absentOrBefore' in condition && typeof value === 'string' && value < condition.absentOrBefore;
  });
}
