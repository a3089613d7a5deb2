import { Catalogue } from '#core/vault/catalogue.ts';
import { sources } from '#core/vault/layout.ts';
import type { ListedObject, Vault } from '#core/vault/vault.ts';

/**
 * Data that no manifest will ever name: what a killed or failed attempt stored. Looked for among snapshots without
 * manifest only; a backup that is under way looks the same, so age decides.
 * @param before only what was last changed before this moment
 */
export async function findLeftovers(vault: Vault, before: Date): Promise<ListedObject[]> {
  const leftovers: ListedObject[] = [];
  const catalogue = new Catalogue(vault);
  for (const source of sources) {
    for await (const item of catalogue.items(source)) {
      for (const snapshot of item.snapshots) {
        if (!snapshot.hasManifest) leftovers.push(...snapshot.objects);
        else if (snapshot.objects.length > 1) leftovers.push(...(await unnamed(catalogue, snapshot)));
      }
    }
  }
  return leftovers.filter((object) => object.modified < before);
}

/** Objects beside those that the manifest names: an attempt failed before the one that was committed. */
async function unnamed(
  catalogue: Catalogue,
  { item, snapshot, objects }: { item: string; snapshot: string; objects: ListedObject[] },
): Promise<ListedObject[]> {
  const { manifest } = await catalogue.manifest(item, snapshot);
  const named = new Set(manifest.data.map((data) => data.key));
  return objects.filter((object) => !named.has(object.key));
}
