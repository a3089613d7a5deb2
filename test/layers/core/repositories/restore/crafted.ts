/** Snapshots that no sound program would have written, but whose digests are all right: only a closer look finds them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleHeader } from '#core/git/bundle.ts';
import { PackChecker } from '#core/git/pack-checker.ts';
import type { Head, Refs } from '#core/git/refs.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { manifestKey } from '#core/vault/layout.ts';
import { writeManifest, type GitState, type Manifest } from '#core/vault/manifest.ts';
import { ReplacingVault } from '../../../../support/faulty-vault.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import type { Stored, StoredRepository } from './stored-repository.ts';

export interface Crafted {
  vault: ReplacingVault;
  catalogue: Catalogue;
  prefix: string;
  snapshot: string;
}

/** A vault in which one snapshot has another manifest, and other data where some is given. */
export function craft(
  { vault: inner }: StoredRepository,
  { manifest, outcome }: Stored,
  changes: { git?: Partial<GitState>; data?: Buffer; manifest?: Partial<Manifest> } = {},
): Crafted {
  const { prefix, snapshot } = outcome;
  const [object] = manifest.data;
  const replaced = new Map<string, Buffer>();
  const changed: Manifest = { ...manifest, ...changes.manifest };
  if (changes.git && manifest.git) changed.git = { ...manifest.git, ...changes.git };
  if (changes.data && object) {
    changed.data = [{ ...object, bytes: changes.data.length, sha256: sha256(changes.data) }];
    replaced.set(object.key, changes.data);
  }
  replaced.set(manifestKey(prefix, snapshot), Buffer.from(writeManifest(changed).text));
  const vault = new ReplacingVault(inner, replaced);
  return { vault, catalogue: new Catalogue(vault), prefix, snapshot };
}

/** A snapshot whose bundle holds this pack and lists the refs of the manifest, or others. */
export function craftBundle(stored: StoredRepository, taken: Stored, pack: Buffer, refs?: Refs): Crafted {
  const { git } = taken.content;
  const listed = refs ?? new Map(Object.entries(git?.refs ?? {}));
  const head: Head = git?.head ?? { type: 'absent' };
  const header = bundleHeader(git?.objectFormat ?? 'sha1', listed, head, git?.prerequisites ?? []);
  const checker = new PackChecker(git?.objectFormat ?? 'sha1');
  checker.update(pack);
  return craft(stored, taken, { git: { pack: checker.finish() }, data: Buffer.concat([header, pack]) });
}

/** The stored bytes of a snapshot's own data. */
export function dataOf({ backups }: StoredRepository, { manifest }: Stored): Promise<Buffer> {
  return readFile(join(backups.folder, manifest.data[0]?.key ?? ''));
}

/** The pack in a bundle. */
export function packOf(bundle: Buffer): Buffer {
  return bundle.subarray(bundle.indexOf('\n\n') + 2);
}

/** Puts the right hash at the end of a pack whose content was changed. */
export function sealed(pack: Buffer): Buffer {
  const content = pack.subarray(0, -20);
  return Buffer.concat([content, createHash('sha1').update(content).digest()]);
}
