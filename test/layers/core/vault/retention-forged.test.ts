import { expect } from 'chai';
import fc from 'fast-check';
import { indexKey, itemPrefix, manifestKey, runPrefix, snapshotPrefix, verdictKey } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { writeManifest, type Manifest } from '#core/vault/manifest.ts';
import type { RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { MemoryVault } from '../../../support/memory-vault.ts';
import { exampleManifest, hexOf } from '../../../support/vault-manifests.ts';

const dayMs = 86_400_000;
const now = new Date('2026-11-20T12:00:00Z');
const path = ['acme', 'Website'];
const item = itemPrefix('github', path);

interface Stored {
  daysAgo: number;
  /** Of the history so far, the one on which it builds; absent for a full one. */
  on?: Manifest | undefined;
  equals?: boolean;
}

/** Writes a snapshot as of so many days ago, received when storage says so. */
function put(vault: MemoryVault, { daysAgo, on, equals = false }: Stored, received: Date): Manifest {
  const snapshot = snapshotIdOf(new Date(now.getTime() - daysAgo * dayMs));
  const { parent: _, ...example } = exampleManifest({ path, snapshot });
  const key = `${snapshotPrefix(item, snapshot)}0a1b2c3d-repository.bundle`;
  const data: Manifest['data'] = equals ? [] : [{ key, format: 'bundle', bytes: 3, sha256: hexOf('data', 64) }];
  const digest = on ? writeManifest(on).digest : '';
  const manifest: Manifest = {
    ...example,
    kind: on ? (equals ? 'unchanged' : 'incremental') : 'full',
    ...(on ? { parent: { item, snapshot: on.snapshot, digest } } : {}),
    chain: on ? [...on.chain, ...on.data] : [],
    data,
  };
  vault.now = () => received;
  const place = manifestKey(item, snapshot);
  if (vault.objects.has(place)) return manifest;
  for (const object of data) void vault.replace(object.key, Buffer.from('abc'));
  void vault.replace(place, Buffer.from(writeManifest(manifest).text));
  return manifest;
}

/** A history of a repository, each snapshot of it in the report of its run, or proven. */
function trueHistory(shape: { step: number; kinds: number[]; copied: boolean; proven: boolean }): MemoryVault {
  const vault = new MemoryVault();
  let latest: Manifest | undefined;
  for (const [index, kind] of shape.kinds.entries()) {
    const daysAgo = (shape.kinds.length - index) * shape.step;
    const received = shape.copied
      ? new Date(now.getTime() - dayMs)
      : new Date(now.getTime() - daysAgo * dayMs + 60_000);
    const on = kind === 0 ? undefined : latest;
    const manifest = put(vault, { daysAgo, on, equals: kind === 2 }, received);
    if (manifest.kind !== 'unchanged') latest = manifest;
    const { snapshot } = manifest;
    const report = { items: [{ prefix: item, snapshot }] };
    if (shape.proven) void vault.replace(verdictKey(item, snapshot, 'intact'), Buffer.from('{}'));
    else void vault.replace(`${runPrefix('github', snapshot)}report.json`, Buffer.from(JSON.stringify(report)));
  }
  void vault.replace(indexKey('github', exampleManifest().item.id, item), Buffer.alloc(0));
  return vault;
}

async function kept(vault: MemoryVault, policy: RetentionPolicy): Promise<Set<string>> {
  const copy = vault.copy();
  await applyRetention(copy, { source: 'github', policy, now, dryRun: false, deadAfterMs: 0 });
  return new Set([...copy.objects.keys()].filter((key) => key.endsWith('/manifest.json')));
}

const small = fc.nat(4);
const policies = fc.record({
  keepLast: fc.integer({ min: 1, max: 4 }),
  days: fc.constantFrom(0, 0, 20, 90),
  daily: small,
  weekly: small,
  monthly: small,
  yearly: small,
  keepVerified: small,
});
const histories = fc.record({
  step: fc.constantFrom(1, 7, 30),
  kinds: fc.array(fc.constantFrom(0, 1, 1, 2), { minLength: 2, maxLength: 20 }),
  copied: fc.boolean(),
  proven: fc.boolean(),
});
const forgeries = fc.array(
  fc.record({
    // In the future, of right now, or back-dated.
    daysAgo: fc.oneof(fc.double({ min: -4000, max: 700, noNaN: true }), fc.double({ min: -0.5, max: 2, noNaN: true })),
    on: fc.nat(20),
    way: fc.constantFrom('full', 'on', 'equal', 'unreadable', 'verdict-intact', 'verdict-damaged', 'index'),
  }),
  { maxLength: 25 },
);

describe('retention after somebody has added what they could', () => {
  it('removes no snapshot that would have stayed without it', async () => {
    await fc.assert(
      fc.asyncProperty(policies, histories, forgeries, async (policy, shape, forged) => {
        const vault = trueHistory(shape);
        const without = await kept(vault, policy);
        const ours = [...vault.objects].filter(([key]) => key.endsWith('/manifest.json'));
        for (const { daysAgo, on, way } of forged) {
          const [place = '', held] = ours[on % ours.length] ?? [];
          const manifest = JSON.parse(held?.content.toString() ?? '{}') as Manifest & { digest?: string };
          delete manifest.digest;
          const id = snapshotIdOf(new Date(now.getTime() - daysAgo * dayMs));
          vault.now = () => now;
          const beside = place.slice(0, -'manifest.json'.length);
          if (way === 'full') put(vault, { daysAgo }, now);
          else if (way === 'on') put(vault, { daysAgo, on: manifest }, now);
          else if (way === 'equal') put(vault, { daysAgo, on: manifest, equals: true }, now);
          else if (way === 'unreadable')
            await vault.create(manifestKey(item, id), Buffer.from('{}')).catch(() => undefined);
          else if (way === 'index')
            await vault.create(indexKey('github', '666', item), Buffer.alloc(0)).catch(() => undefined);
          else
            await vault
              .create(`${beside}check-${id}-${way.slice('verdict-'.length)}.json`, Buffer.from('{}'))
              .catch(() => undefined);
        }
        const withForged = await kept(vault, policy);
        const gone = [...without].filter((key) => !withForged.has(key));
        expect(gone).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });

  it('still removes what nothing keeps', async () => {
    const vault = trueHistory({ step: 1, kinds: [0, 0, 0, 0, 0, 0], copied: false, proven: false });
    const policy = { keepLast: 2, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    expect(await kept(vault, policy)).to.have.property('size', 2);
  });
});

describe('retention of a vault that was copied back', () => {
  it('keeps its history, although all of it was stored on one day', async () => {
    const kinds = Array.from({ length: 61 }, () => 0);
    const vault = trueHistory({ step: 30, kinds, copied: true, proven: false });
    const policy = { keepLast: 3, days: 0, daily: 0, weekly: 0, monthly: 24, yearly: 10, keepVerified: 3 };
    const original = trueHistory({ step: 30, kinds, copied: false, proven: false });
    expect(await kept(vault, policy)).to.deep.equal(await kept(original, policy));
    expect((await kept(vault, policy)).size).to.be.above(24);
  });
});

describe('retention of snapshots whose ids came from a clock that was slow', () => {
  it('removes what builds on another before that one, whatever their ids say', async () => {
    const vault = new MemoryVault();
    const base = put(vault, { daysAgo: 5 }, new Date(now.getTime() - 5 * dayMs));
    const builds = put(vault, { daysAgo: 10, on: base }, new Date(now.getTime() - 4 * dayMs));
    put(vault, { daysAgo: 1 }, new Date(now.getTime() - dayMs));
    vault.now = () => now;
    const removed: string[] = [];
    const remove = vault.remove.bind(vault);
    vault.remove = (key) => {
      removed.push(key);
      return remove(key);
    };
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    await applyRetention(vault, { source: 'github', policy, now, dryRun: false });
    expect(removed.filter((key) => key.startsWith(item) && key.endsWith('/manifest.json'))).to.deep.equal(
      [builds, base].map(({ snapshot }) => manifestKey(item, snapshot)),
    );
  });
});

describe('retention where snapshots are known to be damaged', () => {
  const last3 = { keepLast: 3, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
  /** Full, incremental, full, and two that build on the second full one. */
  const kinds = [0, 1, 0, 1, 1];

  const ids = (vault: MemoryVault): string[] =>
    [...vault.objects.keys()].filter((key) => key.endsWith('/manifest.json')).map((key) => key.split('/')[3] ?? '');

  for (const [where, damage] of [
    ['checks', (vault: MemoryVault, id: string) => vault.replace(verdictKey(item, id, 'damaged'), Buffer.from('{}'))],
    [
      'beside the snapshot, by an older version',
      (vault: MemoryVault, id: string) =>
        vault.replace(`${item}${id}/check-2026-11-19T000000.000Z-damaged.json`, Buffer.from('{}')),
    ],
  ] as const)
    it(`lets neither them nor what builds on them displace a sound one (a verdict in ${where})`, async () => {
      // What a check of the present kind has proven since counts more than an old verdict.
      for (const proven of where === 'checks' ? [true, false] : [false]) {
        const vault = trueHistory({ step: 1, kinds, copied: false, proven });
        const before = ids(vault).sort();
        vault.now = () => now;
        await damage(vault, before[2] ?? '');
        const spared: string[] = [];
        const onSpared = ({ why }: { why: string }) => void spared.push(why);
        const result = await applyRetention(vault, { source: 'github', policy: last3, now, dryRun: false, onSpared });
        expect(ids(vault).sort()).to.deep.equal(before);
        expect(result).to.include({ removed: 0, spared: 1 });
        expect(spared.join()).to.include('damaged');
      }
    });

  it('counts as damaged what a damaged one is equal to, and all others that are', async () => {
    const vault = trueHistory({ step: 1, kinds: [0, 0, 2, 2, 2], copied: false, proven: false });
    const before = ids(vault).sort();
    vault.now = () => now;
    await vault.replace(verdictKey(item, before[3] ?? '', 'damaged'), Buffer.from('{}'));
    await applyRetention(vault, { source: 'github', policy: { ...last3, keepLast: 1 }, now, dryRun: false });
    expect(ids(vault)).to.include(before[0]);
  });

  it('never removes the newest that is sound', async () => {
    const vault = trueHistory({ step: 1, kinds: [0, 0, 0, 0], copied: false, proven: false });
    const [, newestSound = '', ...later] = ids(vault).sort();
    vault.now = () => now;
    for (const id of later) await vault.replace(verdictKey(item, id, 'damaged'), Buffer.from('{}'));
    await applyRetention(vault, { source: 'github', policy: { ...last3, keepLast: 1 }, now, dryRun: false });
    expect(ids(vault)).to.include(newestSound);
  });
});
