import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PackageVault, repositoryPath, useRegistry } from '../../../layers/core/packages/restore/package-vault.ts';
import { holdfast, type CommandLineResult } from '../../../support/command-line.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';

const [account = '', region = '', domain = ''] = repositoryPath;

describe('holdfast restore --all of packages', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();
  let place: string;

  before(async () => {
    place = await folder();
    const stored = new PackageVault(join(place, 'vault'));
    const kit = { format: 'generic', namespace: 'tools', name: 'kit' } as const;
    await stored.item([account, region, domain, 'apps'], {
      description: 'Apps',
      upstreams: [{ repositoryName: 'shared' }],
    });
    await stored.item([account, region, domain, 'shared'], { description: 'Shared' });
    await stored.version({
      ...kit,
      version: '1.0',
      assets: { a: 'a', b: 'b' },
      repository: [account, region, domain, 'apps'],
    });
    await stored.version({
      ...kit,
      version: '2.0',
      assets: { a: 'a2' },
      repository: [account, region, domain, 'apps'],
    });
    await stored.version({
      ...kit,
      version: '1.0',
      assets: { c: 'c' },
      repository: [account, region, domain, 'shared'],
    });
  });

  function run(...args: string[]): Promise<CommandLineResult> {
    const { endpoint, credentials } = registry().clientConfig;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return holdfast(args, { cwd: place, env });
  }

  it('lays each repository out below the folder', async () => {
    const { code, stdout, stderr } = await run('restore', `codeartifact/${account}`, '--all', '--to', './packages');
    expect(code, stderr + stdout).to.equal(0);
    expect(stdout).to.match(/3 listed = 3 restored \+ 0 already there \+ 0 failed \+ 0 left out/);
    const laidOut = join(place, 'packages', region, domain, 'apps', 'generic', 'tools', 'kit', '2.0', 'a');
    expect(await readFile(laidOut, 'utf8')).to.equal('a2');
    const again = await run('restore', `codeartifact/${account}`, '--all', '--to', './packages');
    expect(again.stdout).to.match(/3 listed = 0 restored \+ 3 already there/);
  });

  it('makes the repositories in a domain, upstreams first, and puts their versions there', async () => {
    const args = ['restore', `codeartifact/${account}`, '--all', '--to', 'codeartifact:company'];
    const planned = await run(...args, '--plan');
    expect(planned.stdout, planned.stderr).to.match(/would make .*shared[^]*would make .*apps[^]*3 to make/);
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr + stdout).to.equal(0);
    expect(stdout).to.match(/3 listed = 3 restored \+ 0 already there \+ 0 failed \+ 0 left out/);
    expect(stdout).to.not.match(/upstream .* left out/);
    expect((await run(...args)).stdout).to.match(/3 listed = 0 restored \+ 3 already there/);
  });

  it('leaves packages out where Git repositories go, and says so', async () => {
    const { code, stdout } = await run('restore', '--all', '--to', 'codecommit::us-east-1', '--plan');
    expect(stdout)
      .to.match(/left out .*CodeCommit takes no packages/)
      .and.to.match(/0 to make/);
    expect(code).to.equal(0);
  });
});
