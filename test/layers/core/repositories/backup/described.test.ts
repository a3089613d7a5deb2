import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { backUpRepository, type BackupRequest } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { itemNamed } from '../../../../support/backups.ts';
import { createRepository, useTemporaryFolders } from '../../../../support/repositories.ts';

describe('what a source knows of a repository beside its content', () => {
  const folder = useTemporaryFolders();

  async function take(describe: BackupRequest['describe']): Promise<Manifest> {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    const vault = new FolderVault(await folder());
    const snapshot = '2026-11-20T010000.000Z';
    const item = itemNamed('app');
    const { prefix } = await backUpRepository({
      item,
      transport: new LocalTransport(path),
      vault,
      snapshot,
      options: defaultBackupOptions,
      describe,
    });
    return (await new Catalogue(vault).manifest(prefix, snapshot)).manifest;
  }

  it('is kept as it is', async () => {
    const metadata = { description: 'The app', tags: { team: 'web' }, triggers: [{ name: 'tell', events: ['all'] }] };
    const { metadata: kept, warnings } = await take(() => Promise.resolve({ metadata }));
    expect(kept).to.deep.equal(metadata);
    expect(warnings).to.deep.equal([]);
  });

  it('costs no snapshot where it cannot be read, but is missed aloud', async () => {
    const refused = new HoldfastError('AccessDenied', 'not authorized to perform: codecommit:GetRepositoryTriggers');
    const { kind, metadata, warnings } = await take(() => Promise.reject(refused));
    expect(kind).to.equal('full');
    expect(metadata).to.equal(undefined);
    expect(warnings.join()).to.include('codecommit:GetRepositoryTriggers');
  });
});
