import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Inventory } from '#core/sources/source.ts';
import type { Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** The part of an earlier `inventory.json` that matters here; the rest may come from a later version. */
const earlierSchema = v.object({
  scope: v.optional(v.string()),
  listed: v.array(v.object({ item: v.object({ id: v.string(), name: v.string() }), skipped: v.optional(v.string()) })),
});

type Earlier = v.InferOutput<typeof earlierSchema> & { run: string };

/** Beyond this share of items gone at once, a fault is likelier than a clean-up. */
export const defaultLargestShrinkage = 0.5;

/**
 * Compares an inventory with the one before of the same scope. An item that is no longer listed is not deleted, only
 * absent: it is said, and its snapshots stay.
 * @param largest the share of items that may be gone, 0 to 1
 * @returns warnings
 * @throws {HoldfastError} SourceShrunk
 */
export async function compareWithEarlier(vault: Vault, inventory: Inventory, largest: number): Promise<string[]> {
  const { source, scope } = inventory;
  const warnings: string[] = [];
  const earlier = scope === undefined ? undefined : await earlierInventory(vault, source, scope, warnings);
  if (!earlier) return warnings;
  const present = new Set(inventory.listed.map(({ item }) => item.id));
  const gone = earlier.listed.filter(({ item }) => !present.has(item.id));
  if (gone.length > largest * earlier.listed.length)
    throw new HoldfastError(
      'SourceShrunk',
      `${gone.length} of the ${earlier.listed.length} items listed by run ${earlier.run} are not listed any more`,
      {
        advice: 'Check the token and its rights. If the items really are gone: --accept-shrinkage.',
      },
    );
  warnings.push(
    ...gone.slice(0, mostNamed).map(({ item }) => `${item.name} is not listed any more; its snapshots are kept`),
  );
  if (gone.length > mostNamed) warnings.push(`and ${gone.length - mostNamed} more are not listed any more`);
  return warnings;
}

const mostNamed = 20;

/** The newest that can be read: damage to what merely tells of an earlier run must not stop the next. */
async function earlierInventory(
  vault: Vault,
  source: Source,
  scope: string,
  warnings: string[],
): Promise<Earlier | undefined> {
  const keys: string[] = [];
  for await (const { key } of vault.list(`runs/${source}/`)) if (key.endsWith('/inventory.json')) keys.push(key);
  for (const key of keys.toReversed().slice(0, 20)) {
    try {
      const text = (await readWhole(vault.read(key), 512 << 20, key)).toString('utf8');
      const found = parseJson(earlierSchema, text, key, 'Damaged');
      if (found.scope === scope) return { ...found, run: key.split('/')[2] ?? '' };
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      warnings.push(`${key} cannot be read, so the list was compared with an older one`);
    }
  }
  return undefined;
}
