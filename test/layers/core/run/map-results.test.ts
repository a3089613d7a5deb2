import path from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { mapOutcomes } from '#core/run/map-results.ts';
import { itemsKey, mapPrefix } from '#core/run/run-files.ts';
import { storeItems } from '#core/run/take-inventory.ts';
import type { ListedItem } from '#core/sources/source.ts';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { extendChain } from '#core/vault/chain/extend-chain.ts';
import { manifestKey } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { Backups } from '../../../support/backups.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { allOf, collect, failureOf } from '../../../support/streams.ts';

const run = '2026-11-20T010000.000Z';
const itemOf = (name: string): ManifestItem => ({ source: 'github', id: `id-${name}`, path: ['acme', name], name });
const inputOf = (name: string): string => JSON.stringify({ item: { item: itemOf(name) }, run });

describe('the results of a map', () => {
  const folder = useTemporaryFolders();

  /** As Step Functions leaves them, beside the list that it was given. */
  async function write(files: FolderVault, results: Record<string, object[]>): Promise<string> {
    const below = `${mapPrefix('github', run)}/0a1b`;
    const ResultFiles: Record<string, object[]> = {};
    for (const [kind, executions] of Object.entries(results)) {
      const Key = `${below}/${kind}_0.json`;
      await files.create(Key, Buffer.from(JSON.stringify(executions)));
      ResultFiles[kind] = [{ Key, Size: 1 }];
    }
    const key = `${below}/manifest.json`;
    await files.create(key, Buffer.from(JSON.stringify({ DestinationBucket: 'files', ResultFiles })));
    return key;
  }

  it('are read from beside the vault, and what was stored from the vault itself', async () => {
    const root = await folder();
    const files = new FolderVault(path.join(root, 'files'));
    const backups = new Backups(path.join(root, 'vault'));
    const transport = new LocalTransport(await createRepository(path.join(root, 'stored'), { commits: 1 }));
    const { manifest } = await backups.take(transport, { item: itemOf('stored'), snapshot: run });
    const key = await write(files, {
      SUCCEEDED: [
        { Input: inputOf('stored'), Output: '{}' },
        { Input: inputOf('claimed'), Output: '{}' },
      ],
      FAILED: [{ Input: inputOf('failed'), Error: 'Unavailable', Cause: '{"errorMessage":"no answer"}' }],
      PENDING: [{ Input: inputOf('pending') }],
    });
    const outcomes = await mapOutcomes(backups.vault, run, files, key);
    expect(outcomes.map(({ item, outcome }) => [item.name, outcome])).to.deep.equal([
      ['stored', 'stored'],
      ['claimed', 'failed'],
      ['failed', 'failed'],
      ['pending', 'failed'],
    ]);
    expect(outcomes[0]).to.include({ snapshot: manifest.snapshot });
    expect(outcomes[1]).to.include({ code: 'NotFound' });
    expect(outcomes[2]).to.include({ code: 'Unavailable', message: 'no answer' });
  });

  it('come with the digests of the manifests, so that none is read again for the chain', async () => {
    const root = await folder();
    const files = new FolderVault(path.join(root, 'files'));
    const backups = new Backups(path.join(root, 'vault'));
    const { vault } = backups;
    const transport = new LocalTransport(await createRepository(path.join(root, 'source'), { commits: 1 }));
    const stored: string[] = [];
    for (const name of ['one', 'two']) {
      const { outcome } = await backups.take(transport, { item: itemOf(name), snapshot: run });
      stored.push(manifestKey(outcome.prefix, outcome.snapshot));
    }
    const key = await write(files, {
      SUCCEEDED: ['one', 'two'].map((name) => ({ Input: inputOf(name), Output: JSON.stringify({ snapshot: run }) })),
    });
    const read: string[] = [];
    const reading = vault.read.bind(vault);
    vault.read = (name) => {
      read.push(name);
      return reading(name);
    };
    const digests = new Map<string, string>();
    await mapOutcomes(vault, run, files, key, digests);
    const { list } = await extendChain(vault, 'github', run, digests);
    expect(read.filter((name) => name.endsWith('/manifest.json'))).to.have.members(stored);
    const text = (await collect(reading(list.key))).toString();
    for (const name of stored) expect(text).to.include(`${await digestOf(vault, name)}  ${name}\n`);
  });

  it('name the newest snapshot of the run where a build went on from what a function had stored', async () => {
    const root = await folder();
    const files = new FolderVault(path.join(root, 'files'));
    const backups = new Backups(path.join(root, 'vault'));
    const source = await createRepository(path.join(root, 'stored'), { commits: 1 });
    await backups.take(new LocalTransport(source), { item: itemOf('stored'), snapshot: run });
    await addCommit(source, { message: 'Go on' });
    const { manifest } = await backups.take(new LocalTransport(source), { item: itemOf('stored'), snapshot: run });
    expect(manifest.snapshot).not.to.equal(run);
    const key = await write(files, { SUCCEEDED: [{ Input: inputOf('stored'), Output: '{}' }] });
    expect((await mapOutcomes(backups.vault, run, files, key))[0]).to.include({ snapshot: manifest.snapshot });
  });

  it('that are gone are said by their key', async () => {
    const files = new FolderVault(path.join(await folder(), 'files'));
    const { code, message } = await failureOf(mapOutcomes(files, run, files, 'runs/github/gone/manifest.json'));
    expect(code).to.equal('NotFound');
    expect(message).to.include('runs/github/gone/manifest.json');
  });
});

describe('the list of items for a map', () => {
  const folder = useTemporaryFolders();

  it('has the selected ones alone, and stays as the first attempt left it', async () => {
    const files = new FolderVault(await folder());
    const listed: ListedItem[] = [{ item: itemOf('a') }, { item: itemOf('b'), skipped: 'a fork' }];
    const inventory = { source: 'github' as const, listed, warnings: [] };
    expect(await storeItems(files, run, inventory)).to.equal(1);
    await storeItems(files, run, { ...inventory, listed: [] });
    expect((await allOf(files.list(''))).map(({ key }) => key)).to.deep.equal([itemsKey('github', run)]);
    const stored: unknown = JSON.parse((await collect(files.read(itemsKey('github', run)))).toString());
    expect(stored).to.deep.equal([{ item: itemOf('a') }]);
  });
});
