import { expect } from 'chai';
import { CodeArtifactSource } from '#core/sources/codeartifact/codeartifact-source.ts';
import { compileSelection } from '#core/sources/codeartifact/selection.ts';
import { startCodeArtifact } from '../../../../support/codeartifact-server.ts';

const account = '123456789012';
const other = '210987654321';
const all = { repositories: [], formats: [] };

describe('what of CodeArtifact is chosen', () => {
  it('is everything without filters', () => {
    const chosen = compileSelection({ filters: [] });
    const place = { account, domain: 'company', repository: 'libraries' };
    expect(chosen.takesDomain(place)).to.equal(true);
    expect(chosen.takesRepository(place)).to.equal(true);
    expect(chosen.formatsOf(place)).to.equal(undefined);
  });

  it('is what fits one filter in all it says', () => {
    const chosen = compileSelection({
      filters: [
        { domain: 'comp*', repositories: ['lib*'], formats: ['maven'] },
        { domain: 'partner', owner: other, ...all },
      ],
    });
    expect(chosen.takesDomain({ account, domain: 'company' })).to.equal(true);
    expect(chosen.takesDomain({ account, domain: 'partner' })).to.equal(false);
    expect(chosen.takesDomain({ account: other, domain: 'partner' })).to.equal(true);
    expect(chosen.takesRepository({ account, domain: 'company', repository: 'tools' })).to.equal(false);
    expect(chosen.formatsOf({ account, domain: 'company', repository: 'libraries' })).to.deep.equal(['maven']);
  });

  it('is looked into, and nothing else, so that no right to the rest is needed', async () => {
    const codeartifact = await startCodeArtifact();
    try {
      for (const name of ['company', 'private'])
        codeartifact.addRepository(codeartifact.addDomain(name), 'libraries', {});
      codeartifact.denied.push({ action: 'codeartifact:ListRepositoriesInDomain', resource: /:domain\/private$/ });
      const source = new CodeArtifactSource({
        settings: { regions: ['us-east-1'], filters: [{ domain: 'company', ...all }], external: false },
        client: codeartifact.clientConfig,
      });
      const { listed } = await source.inventory();
      source.close();
      expect(listed.map(({ item }) => item.name)).to.deep.equal([`${account}/us-east-1/company/libraries`]);
    } finally {
      await codeartifact.close();
    }
  });
});
