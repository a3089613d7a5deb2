import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git, refsOf } from '../../test/support/repositories.ts';

/** What is in a vault, by key. */
export type Content = ReadonlyMap<string, Buffer>;

interface Data {
  key: string;
  sha256: string;
}

/** Of a manifest that which restoring by hand needs: docs/vault-format.md. */
interface Manifest {
  kind: string;
  snapshot: string;
  parent?: { item: string; snapshot: string };
  chain: Data[];
  data: Data[];
  git: { refs?: Record<string, string> };
}

/** A snapshot that stands in a vault, as one sees it who has git and nothing of Holdfast. */
export interface Judged {
  key: string;
  manifest: Manifest;
  /** The refs that it says it has. */
  refs: ReadonlyMap<string, string>;
  /** What git made of its data; undefined where it could not be restored, with the reason. */
  restored: ReadonlyMap<string, string> | undefined;
  reason: string;
}

/** Restores snapshots by git alone. The same bytes give the same repository, so they are restored once. */
export class Judge {
  readonly #known = new Map<string, Promise<ReadonlyMap<string, string> | Error>>();
  restored = 0;

  async judge(content: Content): Promise<Judged[]> {
    const judged: Judged[] = [];
    for (const [key, text] of content)
      if (key.startsWith('git/') && key.endsWith('/manifest.json')) judged.push(await this.#one(content, key, text));
    return judged;
  }

  async #one(content: Content, key: string, text: Buffer): Promise<Judged> {
    const manifest = JSON.parse(text.toString()) as Manifest;
    const parent = manifest.parent && content.get(`${manifest.parent.item}${manifest.parent.snapshot}/manifest.json`);
    const holder = manifest.kind === 'unchanged' && parent ? (JSON.parse(parent.toString()) as Manifest) : manifest;
    const refs = new Map(Object.entries(holder.git.refs ?? {}));
    const fail = (reason: string): Judged => ({ key, manifest, refs, restored: undefined, reason });
    if (manifest.parent && !parent) return fail('its parent is gone');
    const bundles: Buffer[] = [];
    // An unchanged snapshot leaves its data to its parent.
    const chain =
      manifest.kind === 'unchanged' ? [...holder.chain, ...holder.data] : [...manifest.chain, ...manifest.data];
    for (const data of chain) {
      const bytes = content.get(data.key);
      if (!bytes) return fail(`${data.key} is gone`);
      if (createHash('sha256').update(bytes).digest('hex') !== data.sha256) return fail(`${data.key} is damaged`);
      bundles.push(bytes);
    }
    const name = chain.map(({ sha256 }) => sha256).join();
    let made = this.#known.get(name);
    if (!made) {
      this.restored++;
      made = restore(bundles).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      this.#known.set(name, made);
    }
    const result = await made;
    return result instanceof Error ? fail(result.message) : { key, manifest, refs, restored: result, reason: '' };
  }
}

async function restore(bundles: readonly Buffer[]): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-campaign-'));
  try {
    const repository = path.join(folder, 'restored.git');
    await git(folder, 'init', '--quiet', '--bare', '--template=', repository);
    for (const [number, bundle] of bundles.entries()) {
      const file = path.join(folder, `${number}.bundle`);
      await writeFile(file, bundle);
      await git(repository, 'fetch', '--quiet', '--prune', file, '+refs/*:refs/*');
    }
    await git(repository, 'fsck', '--no-dangling');
    return (await refsOf(repository)).refs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
