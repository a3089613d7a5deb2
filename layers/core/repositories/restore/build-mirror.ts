import { addPack, createMirror, writeRefs } from '#core/git/mirror.ts';
import { nativeGitVersion } from '#core/git/native.ts';
import { indexPack, type Indexer } from '#core/git/pack-index.ts';
import { throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { compareHeader, comparePack } from './compare.ts';
import type { RepositoryContent } from './content.ts';
import { packsIn } from './mirror-files.ts';
import type { RestoreJournal } from './restore-journal.ts';
import { asDamage, openStoredBundle } from './stored-bundle.ts';
import { takeMirror } from './take-mirror.ts';

export interface BuildOptions {
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  /** Called with the bytes read from the vault so far. */
  onProgress?: ((bytes: number) => void) | undefined;
  onPhase?: ((phase: Phase) => void) | undefined;
  /** Knows what an interrupted attempt has in place already. */
  journal?: RestoreJournal;
}

/** The git binary where there is one, since it is many times faster; JavaScript otherwise. */
export async function chooseIndexer(): Promise<Indexer> {
  return (await nativeGitVersion()) === undefined ? 'javascript' : 'native';
}

/** Turns a snapshot into a bare repository in a folder, every byte proven and every object hashed on the way. */
export async function buildMirror(
  vault: Vault,
  content: RepositoryContent,
  folder: string,
  options: BuildOptions,
): Promise<void> {
  const building = { vault, content, folder, ...options, count: counter(options) };
  const [only] = content.data;
  if (only && only.format !== 'bundle') await addArchive(building, only);
  else await addBundles(building);
  await writeRefs(folder, content.refs, content.head);
}

interface Building extends BuildOptions {
  vault: Vault;
  content: RepositoryContent;
  folder: string;
  count: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
}

async function addBundles(building: Building): Promise<void> {
  const { content, folder, indexer, journal, onPhase, signal } = building;
  await createMirror(folder, content.objectFormat);
  for (const object of content.data) {
    const inPlace = await journal?.find(object.key, folder, content.objectFormat);
    if (inPlace?.indexed) continue;
    let hash = inPlace?.hash;
    if (hash === undefined) {
      onPhase?.('reading');
      hash = await asDamage(object.key, addBundle(building, object));
      await journal?.add(object.key, hash);
    }
    onPhase?.('indexing');
    await indexPack(folder, hash, content.objectFormat, indexer, signal);
  }
}

async function addBundle({ vault, content, folder, count }: Building, object: RepositoryData): Promise<string> {
  const { git, data } = content.snapshot.content;
  const { header, pack } = await openStoredBundle(vault, object);
  const info = await addPack(folder, count(pack), content.objectFormat);
  // What earlier bundles of a chain said is known to their own manifests only.
  if (git && data.some(({ key }) => key === object.key)) {
    compareHeader(object.key, header, git);
    comparePack(object.key, info, git);
  }
  return info.hash;
}

async function addArchive(building: Building, object: RepositoryData): Promise<void> {
  const { vault, content, folder, indexer, count, onPhase, signal } = building;
  onPhase?.('reading');
  await takeMirror(count(readProven(vault, object)), object, content, folder);
  onPhase?.('indexing');
  for (const hash of await packsIn(folder)) await indexPack(folder, hash, content.objectFormat, indexer, signal);
}

function counter({ onProgress, signal }: BuildOptions): Building['count'] {
  let bytes = 0;
  return async function* (chunks) {
    for await (const chunk of chunks) {
      throwIfInterrupted(signal);
      bytes += chunk.length;
      onProgress?.(bytes);
      yield chunk;
    }
  };
}
