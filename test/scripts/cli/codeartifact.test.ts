import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { startCodeArtifact, type CodeArtifact } from '../../support/codeartifact-server.ts';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { useTemporaryFolders } from '../../support/repositories.ts';

const libraries = 'codeartifact/123456789012/us-east-1/company/libraries';

describe('holdfast with CodeArtifact', () => {
  const folder = useTemporaryFolders();
  let registry: CodeArtifact;
  let place: string;

  before(async () => {
    place = await folder();
    registry = await startCodeArtifact();
    const repository = registry.addRepository(registry.addDomain('company'), 'libraries');
    for (const version of ['1.0', '2.0'])
      registry.addVersion(repository, {
        format: 'generic',
        namespace: 'tools',
        package: 'hammer',
        version,
        assets: { 'hammer.zip': `hammer ${version}`, 'notes.txt': version },
      });
    registry.addVersion(repository, {
      format: 'npm',
      package: 'left-pad',
      version: '1.3.0',
      assets: { 'package.tgz': 'public' },
      externalConnection: 'public:npmjs',
    });
  });
  after(() => registry.close());

  function run(...args: string[]): Promise<CommandLineResult> {
    const { endpoint, region, credentials } = registry.clientConfig;
    const env = {
      AWS_ENDPOINT_URL_CODEARTIFACT: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    return holdfast(args, { cwd: place, env });
  }

  it('backs up what an account has published, says what it left out, and shows and proves it', async () => {
    const planned = await run('backup', 'codeartifact', '--dry-run');
    expect(planned.stdout)
      .to.match(/^would store .*generic\/tools\/hammer {2}2 of 2 versions$/m)
      .and.match(/listed: .*; nothing was written$/m);
    expect(planned.code, planned.stderr).to.equal(0);
    events((await run('backup', 'codeartifact', '--dry-run', '--json')).stdout, 'backup');
    expect(await readdir(place), 'nothing is written').to.deep.equal([]);
    const first = await run('backup', 'codeartifact');
    expect(first.code, first.stderr + first.stdout).to.equal(0);
    expect(first.stdout).to.match(/stored .*generic\/tools\/hammer {2}2 of 2 versions, 26 B/);
    expect(first.stdout).to.match(/unchanged .*npm\/\/left-pad {2}1 version, 1 left out/);
    const unchanged = await run('backup', 'codeartifact', '--dry-run');
    expect(unchanged.stdout).to.match(/^unchanged .*generic\/tools\/hammer {2}0 of 2 versions$/m);
    const again = await run('backup', 'codeartifact', '--json');
    expect(events(again.stdout).find(({ event }) => event === 'report')).to.deep.include({
      coverage: { listed: 3, stored: 0, unchanged: 3, skipped: 0, failed: 0 },
    });
    expect((await run('list')).stdout).to.include(`${libraries}/generic/tools/hammer/1.0 `);
    const shown = await run('show', `${libraries}/generic/tools/hammer/1.0`);
    expect(shown.stdout).to.match(/2 assets in .*\n {2}[0-9a-f]{64} {2}10 B {2}hammer\.zip/);
    expect((await run('verify')).stdout).to.include('all intact');
    const drilled = await run('drill', `${libraries}/generic/tools/hammer/2.0`);
    expect(drilled.stdout).to.match(/restores .*2 assets, 13 B/);
  });

  for (const [what, args, words] of [
    ['a format that is none', ['--format', 'conda'], '"conda" is not one of cargo, generic, maven'],
    ['a region that is none', ['--region', 'atlantis'], '"atlantis" is not a valid region'],
    ['an owner without a domain', ['--domain-owner', '210987654321'], '--domain-owner needs --domain'],
    ['a share of more than all', ['--share', '2'], '--share must be at most 1'],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { code, stderr } = await run('backup', 'codeartifact', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(words);
    });

  it('names what the credentials have to be allowed', async () => {
    registry.denied.push({ action: 'codeartifact:ListPackages' });
    const { code, stdout } = await run('backup', 'codeartifact');
    registry.denied.length = 0;
    expect(code).to.equal(1);
    expect(stdout).to.match(/codeartifact:ListPackages on .*arn:aws:codeartifact/);
  });
});
