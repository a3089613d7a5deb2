import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { openBundle } from '#core/git/bundle.ts';
import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { refsIn } from '#core/repositories/restore/mirror-files.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Chosen } from '../plan.ts';
import { fileNames } from './names.ts';
import type { Place, Places, Standing, Transfer, Transferred } from './place.ts';

/** A folder that gets a bare mirror, or a bundle, of each repository, in folders as its path has them. */
export class Folders implements Places {
  readonly name: string;
  readonly lacks = [];
  readonly notes = [];
  readonly #vault: Vault;
  readonly #bundles: boolean;

  constructor(vault: Vault, folder: string, bundles: boolean) {
    this.#vault = vault;
    this.name = path.resolve(folder);
    this.#bundles = bundles;
  }

  refuses(_item: Chosen, { data }: RepositoryContent): ReturnType<Places['refuses']> {
    return this.#bundles && data.length === 0 ? { message: 'it was empty, and Git has no empty bundles' } : undefined;
  }

  place(item: Chosen): Place {
    const base = path.join(this.name, ...fileNames(item));
    return this.#bundles ? new BundlePlace(this.#vault, `${base}.bundle`) : new MirrorPlace(this.#vault, `${base}.git`);
  }

  close(): void {
    // Nothing stays open.
  }
}

/** Compares what is there now with what was to be there. */
async function compared(place: Place, { refs }: RepositoryContent): Promise<Transferred> {
  const there = (await place.look())?.refs;
  const missing = [...refs].filter(([name, oid]) => there?.get(name) !== oid);
  return {
    leftOut: [],
    refused: missing.map(([name]) => ({ name, reason: 'it is not there as it was stored' })),
    notes: [],
  };
}

class MirrorPlace implements Place {
  readonly #vault: Vault;
  readonly name: string;

  constructor(vault: Vault, name: string) {
    this.#vault = vault;
    this.name = name;
  }

  async look(): Promise<Standing | undefined> {
    const names: string[] = await readdir(this.name).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw inTheWay(this.name, error);
    });
    if (names.length === 0) return undefined;
    if (!names.includes('HEAD') || !names.includes('objects')) throw inTheWay(this.name);
    return { refs: (await refsIn(this.name)).refs, hidden: [] };
  }

  async make(): Promise<string[]> {
    // The restore makes it at once with its content.
    return Promise.resolve([]);
  }

  async restore(content: RepositoryContent, transfer: Transfer): Promise<Transferred> {
    const indexer = await chooseIndexer();
    await restoreToFolder(this.#vault, content, { target: this.name, checkout: false, indexer, ...transfer });
    return compared(this, content);
  }
}

class BundlePlace implements Place {
  readonly #vault: Vault;
  readonly name: string;

  constructor(vault: Vault, name: string) {
    this.#vault = vault;
    this.name = name;
  }

  async look(): Promise<Standing | undefined> {
    const found = await stat(this.name).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw inTheWay(this.name, error);
    });
    if (!found) return undefined;
    if (!found.isFile()) throw inTheWay(this.name);
    const { header, pack } = await openBundle(createReadStream(this.name) as AsyncIterable<Buffer>);
    await pack.return(undefined);
    return { refs: header.refs, hidden: [] };
  }

  async make(): Promise<string[]> {
    await mkdir(path.dirname(this.name), { recursive: true });
    return [];
  }

  async restore(content: RepositoryContent, { signal, onProgress, onPhase }: Transfer): Promise<Transferred> {
    await restoreToBundle(this.#vault, content, this.name, onProgress, signal, onPhase);
    return compared(this, content);
  }
}

function inTheWay(name: string, cause?: unknown): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${name} is in the way`, {
    cause,
    advice: 'Nothing is ever restored over something: move it away, or name another folder.',
  });
}
