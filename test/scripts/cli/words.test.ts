import { expect } from 'chai';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { startGitHub } from '../../support/github-server.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('what the command line says', () => {
  const folder = useTemporaryFolders();
  let place: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  before(async () => (place = await folder()));

  it('of a backup of GitHub without a token: that private repositories are not listed', async () => {
    const github = await startGitHub({
      root: path.join(place, 'github'),
      accounts: [{ login: 'acme', type: 'Organization' }],
      tokens: {},
    });
    try {
      const { stdout } = await run('backup', 'github', 'acme', '--api-url', github.apiUrl);
      expect(stdout).to.match(/^note {2}there is no token, so private repositories are not listed/);
    } finally {
      await github.close();
    }
  });

  for (const owner of ['acme/website', 'https://github.com/acme/website.git', 'https://github.com/acme/website/'])
    it(`of ${owner} in place of an owner: how to back up that repository alone`, async () => {
      const { code, stderr } = await run('backup', 'github', owner);
      expect(stderr).to.match(/names a repository[^]*holdfast backup github acme --include acme\/website/);
      expect(code).to.equal(2);
    });

  it('of an item whose name is too long for a key: an address that every verb takes', async () => {
    const deep = path.join(place, ...Array.from({ length: 4 }, () => 'd'.repeat(200)), 'app');
    await createRepository(deep, { commits: 1 });
    await run('backup', 'git', deep, '--vault', 'long');
    const [listed] = events((await run('list', '--json', '--vault', 'long')).stdout, 'list');
    for (const typed of [String(listed?.['address']), deep])
      for (const verb of ['show', 'ls', 'verify', 'drill', 'prune'])
        expect((await run(verb, typed, '--vault', 'long')).code, `${verb} ${typed}`).to.equal(0);
  });

  it('of a misspelt item, source or setting: what may have been meant', async () => {
    const repository = await createRepository(path.join(place, 'website.git'), { commits: 1 });
    await run('backup', 'git', repository, '--vault', 'near');
    const ending = async (typed: string) => (await run('show', typed, '--vault', 'near')).stderr;
    expect(await ending('websiet.git')).to.match(/holds no item "websiet\.git"; did you mean git\/\S+website\.git\?/);
    expect(await ending('website')).to.match(/did you mean/);
    expect(await ending('something-else')).to.not.match(/did you mean/);
    expect((await run('list', 'gihub')).stderr).to.match(
      /"gihub" is not a source; did you mean github\?\n.*codeartifact/,
    );
  });

  it('in JSON of checks: the address that other verbs take, and a total', async () => {
    const repository = await createRepository(path.join(place, 'App.git'), { commits: 1 });
    await run('backup', 'git', repository);
    const listed = events((await run('list', '--json')).stdout)[0]!;
    for (const act of ['verify', 'drill']) {
      const [checked] = events((await run(act, '--json')).stdout);
      expect(checked).to.include({ address: listed['address'] });
      expect((await run('show', String(checked!['address']))).code).to.equal(0);
    }
    expect(events((await run('drill', '--json')).stdout).at(-1)).to.include({
      event: 'total',
      snapshots: 1,
      damaged: 0,
    });
    expect(events((await run('prune', '--json')).stdout)).to.deep.equal([
      { event: 'total', removed: 0, leftovers: 0, spared: 0, dryRun: false },
    ]);
  });
});
