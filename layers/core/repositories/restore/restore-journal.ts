import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { hashBytes, type ObjectFormat } from '#core/git/object-format.ts';
import { hasCode, systemCode } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';

/** Key of a stored object → hash of the pack that it became. */
const journalSchema = v.record(v.string(), v.string());

/** The pack that a stored object became, and whether it is indexed. */
export interface PackInPlace {
  hash: string;
  indexed: boolean;
}

/** Remembers what an interrupted restore has in place, and trusts it only as far as the disk confirms it. */
export class RestoreJournal {
  readonly #file: string;
  readonly #done: Map<string, string>;

  private constructor(file: string, done: Map<string, string>) {
    this.#file = file;
    this.#done = done;
  }

  /** A journal that cannot be read, as one that a crash cut off, counts as empty. */
  static async open(file: string): Promise<RestoreJournal> {
    try {
      const entries = parseJson(journalSchema, await readFile(file, 'utf8'), file);
      return new RestoreJournal(file, new Map(Object.entries(entries)));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && !hasCode(error, 'ConfigurationInvalid')) throw error;
      return new RestoreJournal(file, new Map());
    }
  }

  /** The pack of a stored object, where it is whole in the repository. */
  async find(key: string, repository: string, format: ObjectFormat): Promise<PackInPlace | undefined> {
    const hash = this.#done.get(key);
    if (hash === undefined) return undefined;
    const folder = path.join(repository, 'objects', 'pack');
    const files = (await readdir(folder)).filter((name) => name.startsWith(`pack-${hash}.`));
    const whole = (name: string): Promise<boolean> => endsInItsHash(path.join(folder, name), format);
    const pack = `pack-${hash}.pack`;
    if (!files.includes(pack) || !(await whole(pack))) return undefined;
    let indexed = files.includes(`pack-${hash}.idx`);
    for (const name of files) if (indexed && name !== pack) indexed = await whole(name);
    return { hash, indexed };
  }

  async add(key: string, hash: string): Promise<void> {
    this.#done.set(key, hash);
    await writeFile(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#done)));
    await rename(`${this.#file}.new`, this.#file);
  }
}

/** Packs and their indexes end in a hash over all that comes before it (gitformat-pack). */
async function endsInItsHash(file: string, format: ObjectFormat): Promise<boolean> {
  const trailer = hashBytes(format);
  const hash = createHash(format);
  let end: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([end, chunk]);
    end = bytes.subarray(Math.max(0, bytes.length - trailer));
    hash.update(bytes.subarray(0, bytes.length - end.length));
  }
  return hash.digest().equals(end);
}
