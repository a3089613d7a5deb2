import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { dataKey, indexKey, itemPrefix, manifestKey, verdictKey, type Verdict } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import { writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { ListedObject, Vault } from '#core/vault/storage/vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { allOf } from '../../../support/streams.ts';
import { codeOf } from '../../../support/vault-content.ts';
import { exampleManifest, hexOf, keyOf } from '../../../support/vault-manifests.ts';

/** A vault of keys alone: anything but listing them fails. */
function keysOnly(keys: string[], others: ListedObject[] = []): { vault: Vault; listed: () => number } {
  const objects = [...keys.map((key) => ({ key, bytes: 1, modified: new Date(0) })), ...others];
  // Keys are ASCII, so this is the order of their bytes.
  const inOrder = objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  let listed = 0;
  async function* list(prefix: string): AsyncIterable<ListedObject> {
    for (const object of inOrder) {
      if (!object.key.startsWith(prefix)) continue;
      listed += 1;
      yield await Promise.resolve(object);
    }
  }
  const refuse = (): never => {
    throw new Error('only a list was asked for');
  };
  const vault = new Proxy({} as Vault, { get: (_, name) => (name === 'list' ? list : refuse) });
  return { vault, listed: () => listed };
}

function catalogueOf(keys: string[]): Catalogue {
  return new Catalogue(keysOnly(keys).vault);
}

/** Of keys whose manifests are gone when they are read. */
function catalogueWithoutManifests(keys: string[]): Catalogue {
  const { vault } = keysOnly(keys);
  const gone = (): never => {
    throw new HoldfastError('NotFound', 'gone');
  };
  return new Catalogue(
    new Proxy(vault, { get: (_, name): unknown => (name === 'read' ? gone : Reflect.get(vault, name)) }),
  );
}

const month = (index: number): SnapshotId => snapshotIdOf(new Date(Date.UTC(2026, index, 1, 1, 2, 3, 4)));
const [first, second, third] = [month(0), month(1), month(2)];

/** The keys of a whole snapshot with data. */
function keysOfSnapshot(item: string, snapshot: SnapshotId): string[] {
  return [dataKey(item, snapshot, '0a1b', 'repository.bundle'), manifestKey(item, snapshot)];
}

describe('the catalogue of a vault', () => {
  describe('of 10,000 items with 12 snapshots each', () => {
    const prefixes = Array.from({ length: 10_000 }, (_, index) =>
      itemPrefix('github', [`owner-${index % 100}`, `Repository-${index}`]),
    );
    const months = Array.from({ length: 12 }, (_, index) => month(index));
    const { vault, listed } = keysOnly([
      ...prefixes.flatMap((item) => [
        ...keysOfSnapshot(item, months[0]!),
        ...months.slice(1).map((snapshot) => manifestKey(item, snapshot)),
      ]),
      'runs/github/2026-01-01T010203.004Z/report.json',
      'codecommit/1/eu-west-1/other/2026-01-01T010203.004Z/manifest.json',
    ]);

    it('lists every item and snapshot of a source without reading an object', async () => {
      const entries = await allOf(new Catalogue(vault).items('github'));
      expect(entries.map(({ item }) => item)).to.deep.equal([...prefixes].sort());
      for (const { item, snapshots } of entries) {
        expect(snapshots.map(({ snapshot }) => snapshot)).to.deep.equal(months);
        expect(snapshots.every((entry) => entry.hasManifest && entry.item === item)).to.equal(true);
        expect(snapshots.map(({ objects }) => objects.length)).to.deep.equal([1, ...Array<number>(11).fill(0)]);
      }
    });

    it('hands out an item when the next begins, so that it never holds them all', async () => {
      const before = listed();
      for await (const entry of new Catalogue(vault).items('github')) {
        expect(entry.snapshots).to.have.length(12);
        break;
      }
      expect(listed() - before).to.equal(14);
    });

    it('lists their lineages without reading an object', async () => {
      expect(await allOf(new Catalogue(vault).lineages('github'))).to.have.length(10_000);
    });
  });

  it('tells items from those nested in them, wherever their keys lie', async () => {
    const paths = [
      ['host', 'a'],
      ...['0', '1', '2026', '2026-01-15', '2026-02-15', '2027', '3', 'b', 'z'].map((name) => ['host', 'a', name]),
      ['host', 'a', 'b', 'c'],
      ...['a-b', 'a.b', 'a0', 'aa', 'A'].map((name) => ['host', name]),
    ];
    const items = paths.map((path) => itemPrefix('git', path));
    const catalogue = catalogueOf(
      items.flatMap((item) => [first, second, third].flatMap((snapshot) => keysOfSnapshot(item, snapshot))),
    );
    const entries = await allOf(catalogue.items('git'));
    expect(entries.map(({ item }) => item).sort()).to.deep.equal([...items].sort());
    for (const entry of entries) {
      expect(entry.snapshots.map(({ snapshot }) => snapshot)).to.deep.equal([first, second, third]);
      for (const { snapshot, objects } of entry.snapshots)
        expect(objects.map(({ key }) => key)).to.deep.equal([keysOfSnapshot(entry.item, snapshot)[0]]);
      expect(await catalogue.item(entry.item)).to.deep.equal(entry);
    }
    expect(entries.find(({ item }) => item === 'git/host/a/b/')?.address).to.equal('git/host/a/b');
    expect(entries.find(({ item }) => item === 'git/host/=a/')?.address).to.equal('git/host/A');
  });

  it('shows what an attempt left behind without a manifest', async () => {
    const item = itemPrefix('github', ['acme', 'website']);
    const leftover = dataKey(item, second, 'dead', 'repository.bundle');
    const catalogue = catalogueOf([...keysOfSnapshot(item, first), leftover]);
    const { snapshots } = await catalogue.item(item);
    expect(snapshots.map(({ snapshot, hasManifest }) => [snapshot, hasManifest])).to.deep.equal([
      [first, true],
      [second, false],
    ]);
    expect(snapshots[1]?.objects.map(({ key }) => key)).to.deep.equal([leftover]);
    expect(snapshots[1]?.manifestModified).to.equal(undefined);
    expect((await allOf(catalogue.lineages('github'))).flatMap((lineage) => lineage.snapshots)).to.deep.equal([
      snapshots[0],
    ]);
  });

  it('knows the verdict that storage received last, and takes no check for data', async () => {
    const item = itemPrefix('github', ['acme', 'website']);
    const check = (snapshot: SnapshotId, day: number, verdict: Verdict): ListedObject => ({
      key: verdictKey(item, snapshot, verdict),
      bytes: 1,
      modified: new Date(Date.UTC(2026, 5, day)),
    });
    const { vault } = keysOnly(
      [first, second, third].flatMap((snapshot) => keysOfSnapshot(item, snapshot)),
      [check(first, 1, 'damaged'), check(first, 2, 'intact'), check(second, 2, 'damaged'), check(second, 2, 'intact')],
    );
    for (const snapshots of [
      (await new Catalogue(vault).item(item)).snapshots,
      (await allOf(new Catalogue(vault).items('github')))[0]!.snapshots,
    ]) {
      expect(snapshots.map(({ checked }) => checked)).to.deep.equal(['intact', 'damaged', undefined]);
      expect(snapshots.map(({ checks }) => checks.length)).to.deep.equal([2, 2, 0]);
      expect(snapshots.every(({ objects }) => objects.length === 1)).to.equal(true);
    }
  });

  it('heeds a verdict beside the snapshot, where its writer could put one, only as a warning', async () => {
    const item = itemPrefix('github', ['acme', 'website']);
    const beside = (snapshot: SnapshotId, verdict: string) => `${item}${snapshot}/check-${third}-${verdict}.json`;
    const catalogue = catalogueOf([
      ...[first, second].flatMap((snapshot) => keysOfSnapshot(item, snapshot)),
      beside(first, 'intact'),
      beside(second, 'damaged'),
    ]);
    const { snapshots } = await catalogue.item(item);
    expect(snapshots.map(({ checked }) => checked)).to.deep.equal([undefined, 'damaged']);
    expect(snapshots.every(({ objects }) => objects.length === 1)).to.equal(true);
  });

  it('has no snapshots of an item that was never stored', async () => {
    const catalogue = catalogueOf([]);
    expect(await catalogue.item('github/acme/website/')).to.deep.include({
      address: 'github/acme/website',
      snapshots: [],
    });
    expect(await allOf(catalogue.items('github'))).to.deep.equal([]);
    expect(await catalogue.pathsOf('github', '1')).to.deep.equal([]);
    expect(await allOf(catalogue.lineages('github'))).to.deep.equal([]);
  });

  it('follows an item by its id through all its names, and only that', async () => {
    const paths = [
      ['old-owner', 'first-name'],
      ['acme', 'Second'],
      ['acme', 'third'],
    ] as const;
    const items = paths.map((path) => itemPrefix('github', path));
    const neighbour = itemPrefix('github', ['acme', 'neighbour']);
    const catalogue = catalogueWithoutManifests([
      ...items.map((item) => indexKey('github', '42', item)),
      indexKey('github', '4', neighbour),
      indexKey('github', '420', neighbour),
      // Stored in the order of their times, which is not that of their names.
      ...items.flatMap((item, index) => keysOfSnapshot(item, month(index))),
      ...keysOfSnapshot(neighbour, third),
    ]);
    expect((await catalogue.pathsOf('github', '42')).sort()).to.deep.equal([...items].sort());
    const lineage = await catalogue.lineage('github', '42', ['acme', 'third']);
    expect(lineage.map(({ item, snapshot }) => [item, snapshot])).to.deep.equal(
      items.map((item, index) => [item, month(index)]),
    );
    // Renamed since it was last stored: nothing is there yet, and all the rest is found.
    expect(await catalogue.lineage('github', '42', ['acme', 'fourth'])).to.deep.equal(lineage);
  });

  it('lists an item once with its former names', async () => {
    const [before, after] = [itemPrefix('github', ['acme', 'Before']), itemPrefix('github', ['acme', 'after'])];
    const catalogue = catalogueWithoutManifests([
      ...[before, after].map((item) => indexKey('github', '42', item)),
      ...keysOfSnapshot(before, first),
      ...keysOfSnapshot(after, second),
    ]);
    const lineages = await allOf(catalogue.lineages('github'));
    expect(lineages.map(({ address, formerly }) => ({ address, formerly }))).to.deep.equal([
      { address: 'github/acme/after', formerly: ['github/acme/Before'] },
    ]);
    expect(lineages[0]?.snapshots.map(({ snapshot }) => snapshot)).to.deep.equal([first, second]);
  });

  describe('with manifests', () => {
    const temporaryFolder = useTemporaryFolders();
    let vault: Vault;
    let catalogue: Catalogue;

    beforeEach(async () => {
      vault = new FolderVault(await temporaryFolder());
      catalogue = new Catalogue(vault);
    });

    async function put(manifest: Manifest): Promise<string> {
      const { text, digest } = writeManifest(manifest);
      await vault.create(keyOf(manifest), Buffer.from(text));
      return digest;
    }

    const item = itemPrefix('github', ['acme', 'Website']);
    const full = exampleManifest({ snapshot: first });
    const unchanged = (parentDigest: string, parent = first, snapshot = second): Manifest => ({
      ...exampleManifest({ snapshot }),
      kind: 'unchanged',
      parent: { item, snapshot: parent, digest: parentDigest },
      data: [],
    });

    it('tells apart two items that had the same name one after the other', async () => {
      for (const [id, snapshot] of [
        ['1', first],
        ['2', second],
        ['2', third],
      ] as const) {
        await put(exampleManifest({ id, snapshot }));
        await vault.create(indexKey('github', id, item), Buffer.alloc(0)).catch(() => undefined);
      }
      const lineages = await allOf(catalogue.lineages('github'));
      expect(lineages.map(({ snapshots }) => snapshots.map(({ snapshot }) => snapshot))).to.deep.equal([
        [first],
        [second, third],
      ]);
      for (const [id, expected] of [
        ['1', [first]],
        ['2', [second, third]],
        // Renamed to a name that others had before it: nothing of theirs is its own.
        ['3', []],
      ] as const) {
        const lineage = await catalogue.lineage('github', id, ['acme', 'Website']);
        expect(lineage.map(({ snapshot }) => snapshot)).to.deep.equal(expected);
      }
    });

    it('does not join two items because the index says that they are one', async () => {
      const other = itemPrefix('github', ['acme', 'Other']);
      await put(exampleManifest({ id: '1', snapshot: first }));
      await put(exampleManifest({ id: '2', path: ['acme', 'Other'], snapshot: second }));
      for (const [id, path] of [
        ['2', other],
        ['666', item],
        ['666', other],
      ] as const)
        await vault.create(indexKey('github', id, path), Buffer.alloc(0));
      const lineages = await allOf(catalogue.lineages('github'));
      expect(lineages.map(({ snapshots }) => snapshots.map(({ snapshot }) => snapshot))).to.have.deep.members([
        [first],
        [second],
      ]);
      expect(await catalogue.lineage('github', '666', ['acme', 'Website'])).to.deep.equal([]);
    });

    it('gives a snapshot what it holds itself', async () => {
      const digest = await put(full);
      expect(await catalogue.snapshot(item, first)).to.deep.equal({ manifest: full, digest, content: full });
    });

    it('gives an unchanged snapshot the content of the one to which it is equal', async () => {
      const manifest = unchanged(await put(full));
      const digest = await put(manifest);
      expect(await catalogue.snapshot(item, second)).to.deep.equal({ manifest, digest, content: full });
      await put(unchanged(digest, second, third));
      expect((await catalogue.snapshot(item, third)).content).to.deep.equal(full);
    });

    it('refuses an unchanged snapshot whose content is gone, exchanged, or not named', async () => {
      const orphan = unchanged('');
      Reflect.deleteProperty(orphan, 'parent');
      await put(orphan);
      expect(await codeOf(catalogue.snapshot(item, second))).to.equal('Damaged');

      await vault.remove(manifestKey(item, second));
      await put(unchanged(hexOf('another', 64)));
      expect(await codeOf(catalogue.snapshot(item, second))).to.equal('Damaged');
      await put(full);
      expect(await codeOf(catalogue.snapshot(item, second))).to.equal('Damaged');
    });

    it('says that there is no such snapshot, and that one is damaged', async () => {
      expect(await codeOf(catalogue.manifest(item, first))).to.equal('NotFound');
      expect(await codeOf(catalogue.snapshot(item, first))).to.equal('NotFound');
      await vault.create(manifestKey(item, first), Buffer.from('{}'));
      expect(await codeOf(catalogue.manifest(item, first))).to.equal('Damaged');
    });
  });
});
