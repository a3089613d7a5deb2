/** Manifests for tests: one as real ones are, and all that the format allows. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sources } from '#core/sources/table.ts';
import { itemPrefix, manifestKey, snapshotPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import { anyName } from './vault-names.ts';

export function hexOf(text: string, digits: 40 | 64): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

export interface ManifestOptions {
  /** Below the source `github`. */
  path?: string[];
  id?: string;
  snapshot?: SnapshotId;
}

/** An incremental snapshot of a repository with some history. */
export function exampleManifest(options: ManifestOptions = {}): Manifest {
  const { path = ['acme', 'Website'], id = '123456', snapshot = '2026-11-20T094512.345Z' } = options;
  const item = itemPrefix('github', path);
  const parent = '2026-11-13T094500.001Z';
  const names = ['refs/heads/main', 'refs/heads/größe', 'refs/pull/17/head', 'refs/tags/v1.0', 'refs/tags/版本-2'];
  const data = (prefix: string, bytes: number): Manifest['data'][number] => ({
    key: `${prefix}0a1b2c3d-repository.bundle`,
    format: 'bundle',
    bytes,
    sha256: hexOf(prefix, 64),
  });
  return {
    format: 1,
    item: { source: 'github', id, path, name: path.join('/') },
    snapshot,
    kind: 'incremental',
    parent: { item, snapshot: parent, digest: hexOf('parent', 64) },
    chain: [data(snapshotPrefix(item, parent), 497_123_456)],
    git: {
      objectFormat: 'sha1',
      head: { type: 'branch', ref: 'refs/heads/main', oid: hexOf('main', 40) },
      refsDigest: hexOf('refs', 64),
      refs: Object.fromEntries(names.map((name) => [name, hexOf(name, 40)])),
      pack: { objects: 849, hash: hexOf('pack', 40), bytes: 15_234 },
      prerequisites: [hexOf('old', 40)],
      changes: { created: 1, moved: 2, deleted: ['refs/heads/gone'], rewritten: ['refs/heads/main'] },
    },
    data: [data(snapshotPrefix(item, snapshot), 16_042)],
    omitted: [{ what: 'refs/heads/a..b', why: 'Git forbids the name' }],
    warnings: ['history was rewritten'],
    tool: { name: 'holdfast', version: '0.1.0' },
    started: '2026-11-20T09:45:12.345Z',
    finished: '2026-11-20T09:45:20.000Z',
  };
}

export function keyOf(manifest: Manifest): string {
  return manifestKey(itemPrefix(manifest.item.source, manifest.item.path), manifest.snapshot);
}

/** The text with the digest that makes it look like a manifest that was stored as it is. */
export function sealed(text: string): Buffer {
  const covered = `${text},\n`;
  return Buffer.from(`${covered}  "digest": "${createHash('sha256').update(covered).digest('hex')}"\n}\n`);
}

const digest = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 16 }, (_, digit) => digit.toString(16))),
  minLength: 64,
  maxLength: 64,
});
const oid = fc.oneof(
  digest,
  digest.map((text) => text.slice(0, 40)),
);
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const anyTime = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
const isoTime = anyTime.map((time) => time.toISOString());
const snapshotId = anyTime.map(snapshotIdOf);
const path = fc.array(anyName, { minLength: 1, maxLength: 5 });
// eslint-disable-next-line no-control-regex -- what the format forbids
const refName = anyName.map((name) => `refs/${name.replace(/[\u0000-\u0020\u007f]/g, '') || 'x'}`);
const texts = fc.array(anyName, { maxLength: 3 });

const head = fc.oneof(
  fc.record({ type: fc.constant('branch' as const), ref: refName, oid }),
  fc.record({ type: fc.constant('detached' as const), oid }),
  fc.record({ type: fc.constant('unborn' as const), ref: refName }),
  fc.constant({ type: 'absent' as const }),
);

const data = fc.record({
  key: anyName,
  format: fc.constantFrom('bundle' as const, 'tar.gz' as const, 'zip' as const),
  bytes: count,
  sha256: digest,
});

const git = fc.record(
  {
    objectFormat: fc.constantFrom('sha1' as const, 'sha256' as const),
    head,
    refsDigest: digest,
    refs: fc.dictionary(refName, oid, { maxKeys: 5, noNullPrototype: true }),
    pack: fc.record({ objects: count, hash: oid, bytes: count }),
    prerequisites: fc.array(oid, { maxLength: 3 }),
    changes: fc.record(
      { created: count, moved: count, deleted: texts, rewritten: texts, unclear: count },
      { requiredKeys: ['created', 'moved', 'deleted', 'rewritten'] },
    ),
  },
  { requiredKeys: ['objectFormat', 'head', 'refsDigest'] },
);

/** Every manifest that the format allows, be it sensible or not. */
export const anyManifest = fc
  .record(
    {
      format: fc.constant(1 as const),
      item: fc.record({ source: fc.constantFrom(...sources), id: anyName, path, name: anyName }),
      snapshot: snapshotId,
      kind: fc.constantFrom('full' as const, 'incremental' as const, 'unchanged' as const, 'empty' as const),
      parent: fc.record({ item: anyName, snapshot: snapshotId, digest }),
      chain: fc.array(data, { maxLength: 2 }),
      git,
      data: fc.array(data, { maxLength: 2 }),
      omitted: fc.array(fc.record({ what: anyName, why: anyName }), { maxLength: 2 }),
      warnings: texts,
      tool: fc.record({ name: anyName, version: anyName }),
      started: isoTime,
      finished: isoTime,
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        'format',
        'item',
        'snapshot',
        'kind',
        'chain',
        'data',
        'omitted',
        'warnings',
        'tool',
        'started',
        'finished',
      ],
    },
  )
  .map((manifest): Manifest => {
    const prefix = snapshotPrefix(itemPrefix(manifest.item.source, manifest.item.path), manifest.snapshot);
    const own = manifest.data.map((object) => ({ ...object, key: `${prefix}${object.key}` }));
    return { ...manifest, data: own };
  });
