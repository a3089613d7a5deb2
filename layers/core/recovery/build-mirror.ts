import { readFile, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { addPack, createMirror, writeRefs } from '#core/git/mirror.ts';
import { indexPack, type Indexer } from '#core/git/pack-index.ts';
import { nativeGitVersion } from '#core/git/native.ts';
import { systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Vault } from '#core/vault/vault.ts';
import type { RepositoryContent } from './content.ts';
import { openStoredBundle, readProven } from './stored-data.ts';
import { unpackArchive } from './unpack.ts';

export interface BuildOptions {
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  /** Called with the bytes read from the vault so far. */
  onProgress?: (bytes: number) => void;
  /** A file that lists what is in place already, so that an interrupted restore can go on. */
  journal?: string;
}

const journalSchema = v.array(v.string());

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
  const { objectFormat, refs, head, data } = content;
  const [only] = data;
  if (only && only.format !== 'bundle') {
    await unpackArchive(counted(readProven(vault, only), options), only.format, folder);
    return;
  }
  await createMirror(folder, objectFormat);
  const done = await readJournal(options.journal);
  for (const object of data) {
    throwIfInterrupted(options.signal);
    if (done.includes(object.key)) continue;
    const bundle = await openStoredBundle(vault, object);
    const { hash } = await addPack(folder, counted(bundle.pack, options), objectFormat);
    await indexPack(folder, hash, objectFormat, options.indexer);
    done.push(object.key);
    if (options.journal !== undefined) await writeFile(options.journal, JSON.stringify(done));
  }
  await writeRefs(folder, refs, head);
}

async function* counted(chunks: AsyncIterable<Buffer>, { onProgress, signal }: BuildOptions): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    throwIfInterrupted(signal);
    bytes += chunk.length;
    onProgress?.(bytes);
    yield chunk;
  }
}

async function readJournal(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  try {
    return parseJson(journalSchema, await readFile(file, 'utf8'), `the journal ${file}`);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
