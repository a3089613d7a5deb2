import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Catalogue } from '#core/vault/catalogue.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { allOf } from '../../../support/streams.ts';
import { holdfast } from '../../../support/command-line.ts';
import {
  addCommit,
  createRepository,
  gitEnvironment,
  refsOf,
  useTemporaryFolders,
} from '../../../support/repositories.ts';

describe('RESTORE.md in a vault', () => {
  const folder = useTemporaryFolders();

  it('restores a chain of bundles by the commands that it prints, word for word', async () => {
    const place = await folder();
    const repository = await createRepository(path.join(place, 'App.git'), {
      commits: 2,
      branches: ['dev'],
      annotatedTags: ['v1'],
    });
    await holdfast(['backup', 'git', repository], { cwd: place });
    await addCommit(repository);
    await holdfast(['backup', 'git', repository], { cwd: place });

    const vault = path.join(place, 'vault');
    const catalogue = new Catalogue(new FolderVault(vault));
    const [found] = await allOf(catalogue.items('git'));
    const { item, snapshot } = found!.snapshots.at(-1)!;
    const { manifest } = await catalogue.manifest(item, snapshot);
    const keys = [...manifest.chain, ...manifest.data].map(({ key }) => key);
    expect(keys).to.have.length(2);

    const guide = await readFile(path.join(vault, 'RESTORE.md'), 'utf8');
    const [, byHand = ''] = guide.split('## Without Holdfast');
    const commands = byHand
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .join('\n');
    // What the text tells the reader to put in: names, cp for a folder, one line for each bundle, the HEAD that it is.
    const fetch = (key: string, at: number): string =>
      `cp "$vault/${key}" ${at + 1}.bundle && sha256sum ${at + 1}.bundle`;
    const script = commands
      .replace('s3://my-bucket/my-prefix', () => `'${vault}'`)
      .replace('github/acme/website', () => `'${item.replace(/\/$/, '')}'`)
      .replace('2026-11-01T010100.000Z', snapshot)
      .replaceAll('aws s3 ls', 'ls')
      .replaceAll('aws s3 cp', 'cp')
      .replace(/^ *cp .*<key>.*$/m, () => keys.map(fetch).join('\n'))
      .replace(/^ *git .*<oid>$/m, '')
      // The other way, for a bundle that lists only what has changed; restore-by-hand.test.ts goes it.
      .replace(/^ *# Where "git" has "refsSince"[^]*?(?=^ *# 4\.)/m, '');
    expect(script).to.not.match(/<|aws/);
    const restoring = await folder();
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script], { cwd: restoring, env: gitEnvironment });

    const said = stdout.split('\n');
    expect(said[0], 'the snapshots are listed').to.equal(found!.snapshots[0]!.snapshot);
    const [stored = ''] = /[0-9a-f]{64}(?= {2}-$)/m.exec(stdout) ?? [];
    expect(stdout, 'the manifest is what was stored').to.include(`"digest": "${stored}"`);
    for (const { sha256 } of [...manifest.chain, ...manifest.data]) expect(stdout).to.include(sha256);
    expect(await refsOf(path.join(restoring, 'restored.git'))).to.deep.equal(await refsOf(repository));
  });
});
