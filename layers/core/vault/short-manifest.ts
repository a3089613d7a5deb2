import { isDeepStrictEqual } from 'node:util';
import { isShort, type Manifest } from './manifest.ts';

/**
 * The manifest of an unchanged snapshot without what that of its parent says: most snapshots of most items are unchanged,
 * and would otherwise write a chain of thirty, or a long list of what was left out, once more each time. It stays as it is
 * where they do not agree in what would be left out.
 */
export function shortened(manifest: Manifest, parent: Manifest): Manifest {
  if (manifest.kind !== 'unchanged') return manifest;
  const { git: _, metadata, tool, started, finished, ...own } = manifest;
  const said = isDeepStrictEqual(metadata, parent.metadata) || metadata === undefined ? {} : { metadata };
  // The report of a run says what a dataset lacks, and reads no other manifest for that.
  const omitted = manifest.records ? manifest.omitted : [];
  const short: Manifest = { ...own, ...said, format: 2, chain: [], data: [], omitted };
  const again = { ...completed(short, parent), format: manifest.format, tool, started, finished };
  return isDeepStrictEqual(asJson(again), asJson(manifest)) ? short : manifest;
}

/** A manifest with what it leaves to the snapshot to which it is equal. */
export function completed(manifest: Manifest, parent: Manifest): Manifest {
  if (!isShort(manifest)) return manifest;
  const { git } = parent;
  const metadata = manifest.metadata ?? parent.metadata;
  return {
    ...manifest,
    chain: [...parent.chain, ...parent.data],
    ...(git && { git: { objectFormat: git.objectFormat, head: git.head, refsDigest: git.refsDigest } }),
    ...(metadata && { metadata }),
    omitted: manifest.omitted.length > 0 ? manifest.omitted : parent.omitted,
  };
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
