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
  /** An unchanged snapshot leaves it to its parent. */
  git?: { refs?: Record<string, string>; refsSince?: RefsSince };
}

/** What a list of refs has become since that of another snapshot. */
interface RefsSince {
  base: { item: string; snapshot: string };
  set: Record<string, string>;
  gone: string[];
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
    const parent = manifest.parent && readManifest(content, manifest.parent);
    const holder = manifest.kind === 'unchanged' && parent ? parent : manifest;
    const since = holder.git?.refsSince;
    const base = since && readManifest(content, since.base);
    const refs = new Map(Object.entries((base ?? holder).git?.refs ?? {}));
    for (const gone of since?.gone ?? []) refs.delete(gone);
    for (const [ref, oid] of Object.entries(since?.set ?? {})) refs.set(ref, oid);
    const fail = (reason: string): Judged => ({ key, manifest, refs, restored: undefined, reason });
    if (manifest.parent && !parent) return fail('its parent is gone');
    if (since && !base?.git?.refs) return fail('the list is gone from which its refs are told');
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
    const listed = since && chain.findIndex(({ key }) => key.startsWith(`${since.base.item}${since.base.snapshot}/`));
    if (listed === -1) return fail('the list from which its refs are told is of no snapshot that it builds on');
    const name = [...chain.map(({ sha256 }) => sha256), ...(since ? [listed, JSON.stringify(since.gone)] : [])].join();
    let made = this.#known.get(name);
    if (!made) {
      this.restored++;
      made = restore(bundles, listed, since?.gone).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      this.#known.set(name, made);
    }
    const result = await made;
    return result instanceof Error ? fail(result.message) : { key, manifest, refs, restored: result, reason: '' };
  }
}

function readManifest(content: Content, { item, snapshot }: { item: string; snapshot: string }): Manifest | undefined {
  const text = content.get(`${item}${snapshot}/manifest.json`);
  return text && (JSON.parse(text.toString()) as Manifest);
}

/**
 * By hand, as docs/vault-format.md says.
 * @param listed which of the bundles lists all refs, where the last one lists only what has changed since
 */
async function restore(
  bundles: readonly Buffer[],
  listed: number | undefined,
  gone: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-campaign-'));
  try {
    const repository = path.join(folder, 'restored.git');
    await git(folder, 'init', '--quiet', '--bare', '--template=', repository);
    const files: string[] = [];
    for (const [number, bundle] of bundles.entries()) {
      const file = path.join(folder, `${number}.bundle`);
      await writeFile(file, bundle);
      await git(repository, 'bundle', 'unbundle', file);
      files.push(file);
    }
    const last = files.at(-1);
    const whole = listed === undefined ? last : files[listed];
    if (whole !== undefined) await git(repository, 'fetch', '--quiet', '--prune', whole, '+refs/*:refs/*');
    if (listed !== undefined && last !== undefined) {
      for (const ref of gone) await git(repository, 'update-ref', '-d', ref);
      await git(repository, 'fetch', '--quiet', last, '+refs/*:refs/*');
    }
    await git(repository, 'fsck', '--no-dangling');
    return (await refsOf(repository)).refs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
