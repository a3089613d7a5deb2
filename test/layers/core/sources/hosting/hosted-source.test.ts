import { expect } from 'chai';
import { HttpClient } from '#core/runtime/http.ts';
import { gitea } from '#core/sources/gitea/gitea-host.ts';
import { giteaDefinition } from '#core/sources/gitea/index.ts';
import { gitLab } from '#core/sources/gitlab/gitlab-host.ts';
import { gitLabDefinition } from '#core/sources/gitlab/index.ts';
import { HostedSource, type HostedSourceOptions } from '#core/sources/hosting/hosted-source.ts';
import { defaultHostingSettings, type HostingSettings } from '#core/sources/hosting/settings.ts';
import { fixedToken, noToken } from '#core/sources/hosting/token.ts';
import { Backups } from '../../../../support/backups.ts';
import { failWith } from '../../../../support/git-faults.ts';
import { startGitea } from '../../../../support/hosts/gitea.ts';
import { startGitLab } from '../../../../support/hosts/gitlab.ts';
import type { Host } from '../../../../support/hosts/server.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names } from '../github/stage.ts';

const token = 'glpat-annaAnnaAnnaAnna0001';
const accounts = [
  { name: 'anna' },
  { name: 'acme', type: 'group', members: ['anna'] },
  { name: 'acme/platform', type: 'group' },
] as const;

const hosts = {
  GitLab: { start: startGitLab, host: gitLab, address: gitLabDefinition.address, nested: 'acme/platform/engine' },
  Gitea: { start: startGitea, host: gitea, address: giteaDefinition.address, nested: 'acme/engine' },
};

for (const [label, { start, host, address, nested }] of Object.entries(hosts))
  describe(`repositories at ${label}`, () => {
    const folder = useTemporaryFolders();
    let server: Host;
    let at: string;

    before(async () => {
      server = await start({ root: await folder(), accounts, tokens: { [token]: 'anna' } });
      at = new URL(server.url).host;
      await server.add('acme/website', { pages: { commits: 1 } });
      await server.add(nested, { visibility: 'private' });
      await server.add('acme/old', { archived: true, wiki: false });
      await server.add('acme/copy', { fork: true, wiki: false });
      await server.add('anna/notes', { visibility: 'private', wiki: false });
      await server.add('other/public', { wiki: false });
    });

    beforeEach(() => {
      server.faults.length = 0;
      server.requests.length = 0;
      server.changeEntry = (entry) => entry;
    });

    after(() => server.close());

    function source(settings: Partial<HostingSettings> = {}, options: Partial<HostedSourceOptions> = {}): HostedSource {
      return new HostedSource(host, {
        http: new HttpClient({ stallMs: 5_000 }),
        address: address(server.url),
        token: fixedToken(token, 'the test'),
        requestsPerMinute: 6_000,
        retry: { attempts: 3, firstWaitMs: 1, longestWaitMs: 5_000 },
        settings: { ...defaultHostingSettings, ...settings },
        ...options,
      });
    }

    it('are listed with their wikis, each under the name of the host', async () => {
      const { listed, scope, warnings } = await source({ owner: 'acme' }).inventory();
      expect(names(listed)).to.have.members(
        ['acme/website', 'acme/website.wiki', nested, `${nested}.wiki`, 'acme/old', 'acme/copy'].map(
          (name) => `${at}/${name}`,
        ),
      );
      expect(scope).to.match(new RegExp(`^(group|org) acme at ${at}$`));
      expect(warnings).to.deep.equal([]);
      expect(listed[0]?.estimatedBytes).to.equal(4096);
    });

    it('are all that belong to the token where no owner is named', async () => {
      const { listed } = await source({ wikis: false }).inventory();
      expect(names(listed)).to.have.members(
        ['acme/website', nested, 'acme/old', 'acme/copy', 'anna/notes'].map((name) => `${at}/${name}`),
      );
    });

    it('are those of a user', async () => {
      expect(names((await source({ owner: 'anna' }).inventory()).listed)).to.deep.equal([`${at}/anna/notes`]);
    });

    it('are the public ones without a token, and it says so', async () => {
      const { listed, warnings } = await source({ owner: 'acme', wikis: false }, { token: noToken }).inventory();
      expect(names(listed)).to.not.include(`${at}/${nested}`);
      expect(warnings).to.deep.equal([`no token was given, so ${label} lists public repositories only`]);
    });

    it('are skipped by the settings, each with its reason, and its wiki with it', async () => {
      const chosen = { owner: 'acme', forks: false, archived: false, visibility: 'public', exclude: ['web*'] } as const;
      const { listed } = await source(chosen).inventory();
      expect(
        Object.fromEntries(listed.map(({ item, skipped }) => [item.name.slice(at.length + 1), skipped])),
      ).to.deep.equal({
        'acme/website': 'matches --exclude web*',
        'acme/website.wiki': 'matches --exclude web*',
        [nested]: 'private, and only public ones are wanted',
        [`${nested}.wiki`]: 'private, and only public ones are wanted',
        'acme/old': 'archived, and archived repositories are left out',
        'acme/copy': 'fork, and forks are left out',
      });
    });

    it('are all read where there are more than fit on one page', async () => {
      const many = await start({ root: await folder(), accounts, tokens: { [token]: 'anna' } });
      try {
        for (let number = 0; number < 130; number++)
          many.repositories.push({
            id: 1000 + number,
            fullName: `acme/r${number}`,
            visibility: 'public',
            fork: false,
            archived: false,
            wiki: false,
            code: true,
          });
        const { listed, warnings } = await source({ owner: 'acme' }, { address: address(many.url) }).inventory();
        expect(new Set(names(listed))).to.have.property('size', 130);
        expect(warnings).to.deep.equal([]);
      } finally {
        await many.close();
      }
    });

    it('cost one another nothing: an entry with a hostile name is named and left out', async () => {
      server.changeEntry = (entry) =>
        'id' in entry && entry.id === server.byName('acme/old')?.id
          ? { ...entry, name: '..', path_with_namespace: 'acme/..' }
          : entry;
      const { listed, warnings } = await source({ owner: 'acme', wikis: false }).inventory();
      expect(names(listed)).to.have.length(3);
      expect(warnings.join()).to.match(/entry that cannot be backed up: id \d+ \((name|path_with_namespace\.1)\)/);
    });

    it('are asked for again where the host is busy', async () => {
      server.faults.push(failWith({ status: 503 }, { on: 'api', times: 1 }));
      expect((await source({ owner: 'anna' }).inventory()).listed).to.have.length(1);
    });

    it('are refused with the reason for a wrong token and an unknown owner', async () => {
      const wrong = await failureOf(
        source({ owner: 'acme' }, { token: fixedToken('glpat-wrong', 'the test') }).inventory(),
      );
      expect(wrong).to.include({ code: 'AccessDenied' });
      expect(wrong.message).to.not.include('glpat-wrong');
      expect(await failureOf(source({ owner: 'nobody' }).inventory())).to.include({ code: 'SourceMissing' });
    });

    it('are fetched with the token: a private one, a wiki, and a wiki without a page as empty', async () => {
      const opened = source({ owner: 'acme' });
      const { listed } = await opened.inventory();
      const backups = new Backups(await folder());
      const kinds: Record<string, string> = {};
      for (const { item } of listed.filter(({ item: { name } }) => /website|engine/.test(name))) {
        const { manifest } = await backups.take(opened.open(item), { item });
        kinds[item.name.slice(at.length + 1)] = manifest.kind;
      }
      expect(kinds).to.deep.equal({
        'acme/website': 'full',
        'acme/website.wiki': 'full',
        [nested]: 'full',
        [`${nested}.wiki`]: 'empty',
      });
    });

    it('fail where a wiki is missing because the credential may not read it', async () => {
      const opened = source({ owner: 'acme' });
      const { listed } = await opened.inventory();
      const wiki = listed.find(({ item }) => item.name.endsWith('engine.wiki'))!.item;
      const stranger = source({ owner: 'acme' }, { token: noToken });
      const backups = new Backups(await folder());
      expect(await failureOf(backups.take(stranger.open(wiki), { item: wiki }))).to.include({ code: 'AccessDenied' });
    });

    it('are found again by their id after they were renamed, the wiki too', async () => {
      const opened = source({ owner: 'acme' });
      const { listed } = await opened.inventory();
      const items = listed.filter(({ item }) => item.name.includes('website')).map(({ item }) => item);
      const repository = server.byName('acme/website')!;
      repository.fullName = 'acme/homepage';
      try {
        expect(await Promise.all(items.map(async (item) => (await opened.locate(item))?.path.at(-1)))).to.deep.equal([
          'homepage',
          'homepage.wiki',
        ]);
      } finally {
        repository.fullName = 'acme/website';
      }
    });

    it('send the token to no other host', () => {
      const opened = source({ owner: 'acme' });
      const elsewhere = { source: opened.source, id: 'x', path: ['evil.example', 'acme', 'website'], name: 'evil' };
      expect(() => opened.open(elsewhere))
        .to.throw()
        .with.property('code', 'SourceMissing');
    });
  });

describe('the address of a Git host', () => {
  it('is taken with or without the path of its API, below a path and on a port', () => {
    expect(gitLabDefinition.address('https://git.example:8443/gitlab/api/v4/')).to.deep.equal({
      web: 'https://git.example:8443/gitlab',
      api: 'https://git.example:8443/gitlab/api/v4',
      origin: 'https://git.example:8443',
      host: 'git.example:8443/gitlab',
    });
    expect(gitLabDefinition.address(undefined).host).to.equal('gitlab.com');
  });

  it('is refused without https, with a password, or as something else, and never repeated', () => {
    for (const text of ['http://git.example', 'https://anna:secret@git.example', 'git.example', 'https://h/?a=1'])
      expect(() => giteaDefinition.address(text))
        .to.throw(/address of Gitea/)
        .with.property('message')
        .that.does.not.include('secret');
    expect(() => giteaDefinition.address(undefined)).to.throw(/missing/);
  });
});
