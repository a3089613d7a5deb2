import { expect } from 'chai';
import type { Repository } from '#core/sources/github/repository.ts';
import { compileSelection } from '#core/sources/hosting/selection.ts';
import { defaultGitHubSettings, type GitHubSettings } from '#core/sources/github/settings.ts';

function repository(fullName: string, more: Partial<Repository> = {}): Repository {
  const [owner = '', name = ''] = fullName.split('/');
  const cloneUrl = `https://github.com/${fullName}.git`;
  return {
    id: 1,
    owner,
    name,
    fullName,
    private: false,
    fork: false,
    archived: false,
    size: 1,
    cloneUrl,
    hasWiki: true,
    hasDiscussions: false,
    ...more,
  };
}

function reason(settings: Partial<GitHubSettings>, one: Repository): string | undefined {
  return compileSelection({ ...defaultGitHubSettings, ...settings }).reasonToSkip(one);
}

describe('selection of repositories', () => {
  const app = repository('Acme/app');
  const all = [{ private: true }, { fork: true }, { archived: true }, {}].map((more) => repository('acme/app', more));

  it('takes everything unless told otherwise', () => {
    expect(all.map((one) => reason({}, one))).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it('leaves out forks, archived ones and either visibility, each with its reason', () => {
    expect(all.map((one) => reason({ forks: false }, one))).to.deep.equal([
      undefined,
      'fork, and forks are left out',
      undefined,
      undefined,
    ]);
    expect(all.map((one) => reason({ archived: false }, one))).to.deep.equal([
      undefined,
      undefined,
      'archived, and archived repositories are left out',
      undefined,
    ]);
    expect(reason({ visibility: 'public' }, all[0]!)).to.equal('private, and only public ones are wanted');
    expect(reason({ visibility: 'public' }, all[3]!)).to.be.undefined;
    expect(reason({ visibility: 'private' }, all[3]!)).to.equal('public, and only private ones are wanted');
    expect(reason({ visibility: 'private' }, all[0]!)).to.be.undefined;
  });

  it('takes only what a pattern includes', () => {
    expect(reason({ include: ['acme/w*', 'acme/a*'] }, app)).to.be.undefined;
    expect(reason({ include: ['acme/w*', 'other/*'] }, app)).to.equal('does not match --include');
  });

  it('leaves out what a pattern excludes, though another includes it, and names the pattern', () => {
    expect(reason({ include: ['acme/*'], exclude: ['x/*', '*/APP'] }, app)).to.equal('matches --exclude */APP');
  });

  it('matches without regard to case, as GitHub does', () => {
    expect(reason({ include: ['ACME/App'] }, app)).to.be.undefined;
  });

  it('matches names that begin with a dot as any others', () => {
    const dot = repository('acme/.github');
    for (const pattern of ['acme/*', '**', '*', '.git*', '*hub'])
      expect(reason({ include: [pattern] }, dot)).to.be.undefined;
  });

  it('matches the name alone by a pattern without a slash', () => {
    expect(reason({ include: ['a*'] }, app)).to.be.undefined;
    expect(reason({ include: ['acme'] }, app)).to.equal('does not match --include');
    expect(reason({ include: ['{web,app}'] }, app)).to.be.undefined;
  });

  it('does not let a star cross the slash', () => {
    expect(reason({ include: ['*app/x'] }, repository('acme/app'))).to.equal('does not match --include');
    expect(reason({ include: ['a*p/*'] }, repository('a/p'))).to.equal('does not match --include');
  });

  it('refuses patterns that are empty or negated, but not groups', () => {
    for (const setting of ['include', 'exclude'])
      for (const pattern of ['', '!acme/old'])
        expect(() => reason({ [setting]: [pattern] }, app)).to.throw(`--${setting} "${pattern}" is not a pattern`);
    expect(reason({ include: ['acme/!(old|older)'] }, app)).to.be.undefined;
  });

  it('knows the patterns that include nothing', () => {
    const selection = compileSelection({ ...defaultGitHubSettings, include: ['acme/*', 'acme/websiet', 'APP'] });
    expect(selection.idlePatterns([app])).to.deep.equal(['acme/websiet']);
  });
});
