import path from 'node:path';
import { expect } from 'chai';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { addressOf } from '#core/vault/layout.ts';
import type { ListedObject } from '#core/vault/storage/vault.ts';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast with an item below another', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let outer: string;
  let inner: string;
  const name = (at: string): string => at.split('/').slice(-2).join('/');
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    outer = await createRepository(path.join(place, 'api'), { commits: 1 });
    inner = await createRepository(path.join(place, 'api', 'wiki'), { commits: 1 });
    const beside = await createRepository(path.join(place, 'api-docs'), { commits: 1 });
    for (let backup = 0; backup < 2; backup++)
      expect((await run('backup', 'git', outer, inner, beside, '--full')).code).to.equal(0);
  });

  async function addressesIn(event: string, ...args: string[]): Promise<string[]> {
    const { code, stdout } = await run(...args, '--json');
    expect(code).to.equal(0);
    const told = events(stdout) as { event: string; address?: string; item?: string }[];
    const found = told.filter((one) => one.event === event);
    return found.map(({ address, item }) => name(address ?? addressOf(item ?? ''))).sort();
  }

  it('verifies one without walking the others', async () => {
    const vaults: { list: (this: FolderVault, prefix: string) => AsyncIterable<ListedObject> } = FolderVault.prototype;
    const { list } = vaults;
    const walked: string[] = [];
    vaults.list = function (prefix) {
      walked.push(prefix);
      return list.call(this, prefix);
    };
    try {
      expect((await run('verify', inner)).code).to.equal(0);
      expect(walked).to.include('runs/git/');
      expect(walked.filter((prefix) => /^(?:(?:checks|removing)\/)?git\/$|api-docs/.test(prefix))).to.deep.equal([]);
    } finally {
      vaults.list = list;
    }
  });

  it('verifies, drills and prunes both by the address of the outer one, and one by that of the inner', async () => {
    const both = [name(outer), name(inner)].sort();
    expect(await addressesIn('snapshot', 'verify', outer)).to.deep.equal([...both, ...both].sort());
    expect(await addressesIn('snapshot', 'verify', inner)).to.deep.equal([name(inner), name(inner)]);
    expect(await addressesIn('drilled', 'drill', outer)).to.deep.equal(both);
    expect(await addressesIn('would-remove', 'prune', outer, '--keep-last', '1', '--dry-run')).to.deep.equal(both);
  });

  it('takes a source, or the beginning of an address, for all below it', async () => {
    expect(await addressesIn('drilled', 'drill', 'git')).to.have.length(3);
    const { stdout } = await run('list', '--json');
    const [first] = events(stdout) as { address: string }[];
    const above = first!.address.split('/').slice(0, -1).join('/');
    expect(await addressesIn('drilled', 'drill', above)).to.have.length(3);
    expect((await run('verify', `${above}/ap`)).stderr).to.match(/holds no item/);
  });

  it('restores and shows each by its own address', async () => {
    expect((await run('show', outer)).stdout).to.not.include('wiki');
    expect((await run('restore', inner, '--to', path.join(place, 'back'))).code).to.equal(0);
    expect(await addressesIn('item', 'list')).to.have.length(3);
  });
});
