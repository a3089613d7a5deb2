import { expect } from 'chai';
import { gitHubAddresses, isTrusted } from '#core/sources/github/addresses.ts';

describe('addresses of GitHub', () => {
  const trusted = (api: string | undefined, url: string) => isTrusted(gitHubAddresses(api), new URL(url));

  it('are those of github.com by default', () => {
    expect(gitHubAddresses()).to.deep.equal({
      api: 'https://api.github.com',
      apiOrigin: 'https://api.github.com',
      webOrigin: 'https://github.com',
      gists: 'https://gist.github.com/',
      host: 'github.com',
    });
  });

  it('are all on one host for GitHub Enterprise Server', () => {
    const { api, webOrigin, gists, host } = gitHubAddresses('https://ghe.example:8443/api/v3/');
    expect([api, webOrigin, gists, host]).to.deep.equal([
      'https://ghe.example:8443/api/v3',
      'https://ghe.example:8443',
      'https://ghe.example:8443/gist/',
      'ghe.example:8443',
    ]);
  });

  it('differ by "api." for GitHub Enterprise Cloud with data residency', () => {
    expect(gitHubAddresses('https://api.acme.ghe.com').webOrigin).to.equal('https://acme.ghe.com');
  });

  it('are trusted with the token as whole origins, and nothing else is', () => {
    for (const url of [
      'https://api.github.com/user',
      'https://github.com/acme/app.git',
      'https://gist.github.com/x.git',
    ])
      expect(trusted(undefined, url)).to.be.true;
    for (const url of [
      'http://github.com/acme/app.git',
      'https://github.com:8443/acme/app.git',
      'https://gist.github.com.example/x.git',
      'http://gist.github.com/x.git',
      'https://github.com.example/acme/app.git',
      'https://notgithub.com/acme/app.git',
      'https://ghe.example/acme/app.git',
    ])
      expect(trusted(undefined, url), url).to.be.false;
    expect(trusted('https://ghe.example/api/v3', 'https://ghe.example/acme/app.git')).to.be.true;
    expect(trusted('https://ghe.example/api/v3', 'https://github.com/acme/app.git')).to.be.false;
    expect(trusted('https://api.example.com', 'https://example.com/acme/app.git')).to.be.false;
  });

  it('must be https, but for this machine, and hold no credentials, which are not repeated', () => {
    for (const url of [
      'ghe.example',
      'ftp://ghe.example',
      'http://ghe.example/api/v3',
      'http://127.0.0.1.example/api/v3',
      'https://github.com',
      'https://user:hunter22@ghe.example/api/v3',
      'https://ghe.example/api/v3?token=hunter22',
    ])
      expect(() => gitHubAddresses(url), url)
        .to.throw(/address of GitHub's API/)
        .with.property('message')
        .not.include('hunter22');
    for (const url of ['http://localhost:3000/api/v3', 'http://127.0.0.1:3000', 'http://[::1]:3000'])
      expect(gitHubAddresses(url).api).to.equal(url);
  });
});
