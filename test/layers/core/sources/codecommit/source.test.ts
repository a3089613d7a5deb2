import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pMap from 'p-map';
import { listRefs } from '#core/git/fetch.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToServer } from '#core/repositories/restore/restore-server.ts';
import { runBackup } from '#core/run/run.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { CodeCommitApi } from '#core/sources/codecommit/api.ts';
import { CodeCommitSource } from '#core/sources/codecommit/codecommit-source.ts';
import { codeCommitRetryPolicy } from '#core/sources/codecommit/retry.ts';
import { defaultCodeCommitSettings, type CodeCommitSettings } from '#core/sources/codecommit/settings.ts';
import { openCodeCommit } from '#core/sources/codecommit/transport.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { describeWithAws } from '../../../../support/aws/suite.ts';
import { Backups, itemNamed, once } from '../../../../support/backups.ts';
import { objectTypes, startCodeCommit } from '../../../../support/codecommit-server.ts';
import { failWith } from '../../../../support/git-faults.ts';
import type { GitServer } from '../../../../support/git-server.ts';
import { listen } from '../../../../support/http-listener.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureIn, failureOf } from '../../../../support/streams.ts';

/** Known to the stand-in before it starts. */
const root = mkdtempSync(join(tmpdir(), 'holdfast-codecommit-'));
const region = 'us-east-1';
const ruleContent = JSON.stringify({
  Version: '2018-11-08',
  Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 2 }],
});
const key = {
  accessKeyId: 'AKIALOCALTESTS000001',
  secretAccessKey: 'secret-of-the-tests',
  sessionToken: 'session+of/tests==',
};

describeWithAws(
  'the source CodeCommit',
  (aws) => {
    const folder = useTemporaryFolders();
    const http = new HttpClient({ stallMs: 10_000 });
    let server: GitServer;

    before(async () => {
      server = await startCodeCommit({
        root,
        region,
        findKey: (id) =>
          id === key.accessKeyId ? { secret: key.secretAccessKey, token: key.sessionToken } : aws.server().findKey(id),
      });
    });
    after(async () => {
      http.close();
      await server.close();
      rmSync(root, { recursive: true });
    });

    function source(settings: Partial<CodeCommitSettings> = {}, credentials = key): CodeCommitSource {
      return new CodeCommitSource({
        http,
        settings: { ...defaultCodeCommitSettings, regions: [region], gitEndpoint: server.url, ...settings },
        client: { endpoint: aws.server().endpoint, credentials, maxAttempts: 2 },
      });
    }

    /** A repository that CodeCommit lists, with what Git holds of it. */
    async function create(name: string, more: object = {}): Promise<string> {
      await aws.call('codecommit', 'CreateRepository', { repositoryName: name, ...more });
      return createRepository(join(root, name), { commits: 3, branches: ['dev'], annotatedTags: ['v1'] });
    }

    /** A template of approval rules, made and put to use. */
    async function associate(repositoryName: string, approvalRuleTemplateName: string): Promise<void> {
      await aws.call('codecommit', 'CreateApprovalRuleTemplate', {
        approvalRuleTemplateName,
        approvalRuleTemplateDescription: 'Four eyes',
        approvalRuleTemplateContent: ruleContent,
      });
      await aws.call('codecommit', 'AssociateApprovalRuleTemplateWithRepository', {
        repositoryName,
        approvalRuleTemplateName,
      });
    }

    async function names(settings: Partial<CodeCommitSettings>): Promise<Record<string, string | undefined>> {
      const { listed } = await source(settings).inventory();
      return Object.fromEntries(listed.map(({ item, skipped }) => [item.path.join('/'), skipped]));
    }

    it('lists by account, region and name, and selects by name and tags', async () => {
      await create('shop', { tags: { team: 'web', kept: 'yes' } });
      await create('shop-archive', { tags: { team: 'web' } });
      await create('tools');
      const at = (name: string) => `123456789012/${region}/${name}`;
      expect(await names({})).to.deep.equal({
        [at('shop')]: undefined,
        [at('shop-archive')]: undefined,
        [at('tools')]: undefined,
      });
      expect(await names({ include: ['shop*'], exclude: ['*-archive'] })).to.deep.equal({
        [at('shop')]: undefined,
        [at('shop-archive')]: 'matches --exclude *-archive',
        [at('tools')]: 'does not match --include',
      });
      expect(await names({ tags: { team: 'web', kept: '' } })).to.deep.equal({
        [at('shop')]: undefined,
        [at('shop-archive')]: 'has no tag kept',
        [at('tools')]: 'has no tag team=web',
      });
      const { listed } = await source().inventory();
      const leftOut = (name: string, settings: Partial<CodeCommitSettings>) =>
        source(settings).leftOut(listed.find(({ item }) => item.path.at(-1) === name)!.item);
      expect(await leftOut('shop', { include: ['shop*'], tags: { team: 'web' } })).to.equal(undefined);
      expect(await leftOut('tools', { include: ['shop*'] })).to.equal('does not match --include');
      expect(await leftOut('tools', { tags: { team: 'web' } })).to.equal('has no tag team=web');
      const { warnings } = await source({ include: ['shopp'] }).inventory();
      expect(warnings).to.deep.equal(['--include shopp matches no repository']);
    });

    it('backs up what it lists with a signature, over a protocol of few capabilities, and keeps its settings', async () => {
      const path = await create('app', { repositoryDescription: 'The app', tags: { team: 'web' } });
      await aws.call('codecommit', 'PutRepositoryTriggers', {
        repositoryName: 'app',
        triggers: [{ name: 'tell', destinationArn: 'arn:aws:sns:us-east-1:123456789012:pushes', events: ['all'] }],
      });
      await associate('app', 'two-of-us');
      const vault = new FolderVault(await folder());
      const run = async (day: number) =>
        runBackup({
          source: source({ include: ['app'] }),
          vault,
          run: `2026-11-${day}T010000.000Z`,
          options: { ...defaultBackupOptions, heaviestChain: 100 },
          concurrency: 4,
          largestShrinkage: 1,
        });
      const stored = async (day: number) =>
        (await new Catalogue(vault).snapshot(`codecommit/123456789012/${region}/app/`, `2026-11-${day}T010000.000Z`))
          .manifest;
      expect((await run(10)).result).to.equal('complete');
      const full = await stored(10);
      expect(full.kind).to.equal('full');
      expect(new Map(Object.entries(full.git?.refs ?? {}))).to.deep.equal((await refsOf(path)).refs);
      // The server does not say where HEAD points, but CodeCommit does.
      expect(full.git?.head).to.include({ type: 'branch', ref: 'refs/heads/main' });
      expect(full.metadata).to.deep.include({
        description: 'The app',
        defaultBranch: 'main',
        tags: { team: 'web' },
        approvalRuleTemplates: [{ name: 'two-of-us', description: 'Four eyes', content: ruleContent }],
      });
      expect(JSON.stringify(full.metadata)).to.include('arn:aws:sns:us-east-1:123456789012:pushes');
      expect((await run(11)).coverage).to.include({ unchanged: 1 });
      await addCommit(path);
      expect((await run(12)).coverage).to.include({ stored: 1 });
      expect((await stored(12)).kind).to.equal('incremental');
      const clone = join(await folder(), 'clone.git');
      await git('.', 'clone', '--quiet', '--mirror', join(vault.location, full.data[0]!.key), clone);
      await git(clone, 'fsck', '--strict');
    });

    it('restores to CodeCommit what it took from there, as it is, and what others made without deltas by offset', async () => {
      const target = async (name: string) => {
        await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', join(root, name));
        return openCodeCommit(
          http,
          { credentials: () => Promise.resolve(key) },
          { region, name, endpoint: new URL(server.url) },
        );
      };
      const pushed = () => {
        const requests = server.requests.splice(0).filter(({ kind }) => kind === 'receive-pack');
        return requests.map(({ body, bodyBytes }) => {
          expect(body.length, 'the whole body was kept').to.equal(bodyBytes);
          return objectTypes(body.subarray(body.indexOf('PACK')));
        });
      };
      // Files that are nearly equal, so that git stores them as deltas.
      const path = await createRepository(join(root, 'deltas'), { commits: 1 });
      for (let at = 0; at < 4; at++)
        await addCommit(path, { files: { 'large.txt': `${'line\n'.repeat(800)}${at}\n` } });
      const backups = new Backups(await folder());
      const fromCodeCommit = await backups.take(
        openCodeCommit(
          http,
          { credentials: () => Promise.resolve(key) },
          { region, name: 'deltas', endpoint: new URL(server.url) },
        ),
      );
      expect(fromCodeCommit.manifest.data[0]).to.have.property('offsetDeltas', false);
      const elsewhere = await backups.take(new LocalTransport(path), { item: itemNamed('elsewhere') });
      expect(elsewhere.manifest.data[0]).not.to.have.property('offsetDeltas');
      pushed();
      for (const [name, taken] of [
        ['as-it-is', fromCodeCommit],
        ['made-again', elsewhere],
      ] as const) {
        const content = await repositoryContent(backups.catalogue, taken.outcome.prefix, taken.outcome.snapshot);
        const to = await target(name);
        const options = { target: to, overwrite: [], hidden: [], refsPerPush: 4_000 };
        expect((await restoreToServer(backups.vault, content, options)).refused).to.deep.equal([]);
        expect((await refsOf(join(root, name))).refs).to.deep.equal((await refsOf(path)).refs);
        await git(join(root, name), 'fsck', '--strict');
        const [types = []] = pushed();
        expect(types).to.include(7).and.not.to.include(6);
      }
    });

    it('fails with what is missing where the signature is not accepted', async () => {
      await create('closed');
      const wrong = source({ include: ['closed'] }, { ...key, secretAccessKey: 'another secret' });
      const { items } = await runBackup({
        source: wrong,
        vault: new FolderVault(await folder()),
        run: '2026-11-13T010000.000Z',
        options: defaultBackupOptions,
        concurrency: 1,
        largestShrinkage: 1,
      });
      expect(items.find(({ item }) => item.name.endsWith('/closed'))).to.include({
        outcome: 'failed',
        code: 'AccessDenied',
      });
    });

    it('fails loud for a repository whose KMS key is disabled, and backs up the others', async () => {
      const disabledKey = async (): Promise<string> => {
        const { KeyMetadata } = await aws.call<{ KeyMetadata: { KeyId: string; Arn: string } }>('kms', 'CreateKey', {});
        await aws.call('kms', 'DisableKey', { KeyId: KeyMetadata.KeyId });
        return KeyMetadata.Arn;
      };
      await create('locked-open');
      await create('locked-shut', { kmsKeyId: await disabledKey() });
      // CodeCommit's Git refuses it, too.
      const refused = failWith({ status: 403 }, { path: /locked-shut/ });
      server.faults.push(refused);
      const { items, coverage } = await runBackup({
        source: source({ include: ['locked-*'], tags: {} }),
        vault: new FolderVault(await folder()),
        run: '2026-11-14T010000.000Z',
        options: { ...defaultBackupOptions, retry: once },
        concurrency: 2,
        largestShrinkage: 1,
      });
      server.faults.splice(server.faults.indexOf(refused), 1);
      expect(coverage).to.include({ stored: 1, failed: 1 });
      const failed = items.find(({ outcome }) => outcome === 'failed');
      expect(failed).to.include({ code: 'AccessDenied' });
      expect(failed?.item.path).to.deep.equal(['123456789012', region, 'locked-shut']);
      expect(failed).to.have.property('message').that.includes('locked-shut').and.includes('key is disabled');
      expect(failed).to.have.property('advice').that.includes('enable it');
      expect(items.find(({ outcome }) => outcome === 'stored')?.item.path.at(-1)).to.equal('locked-open');
    });

    it('selects a repository whose KMS key is disabled whatever its tags may be', async () => {
      const { listed } = await source({ include: ['locked-*'], tags: { kept: '' } }).inventory();
      const selected = listed.filter(({ skipped }) => skipped === undefined).map(({ item }) => item.path.at(-1));
      expect(selected).to.deep.equal(['locked-shut']);
    });

    it('names the KMS key of a repository that Git refuses', async () => {
      const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/not-allowed';
      await create('not-allowed', { kmsKeyId });
      const refused = failWith({ status: 403 }, { path: /not-allowed/ });
      server.faults.push(refused);
      const { listed } = await source({ include: ['not-allowed'] }).inventory();
      const item = listed.find(({ skipped }) => skipped === undefined)!.item;
      const error = await failureOf(listRefs(source().open(item)));
      server.faults.splice(server.faults.indexOf(refused), 1);
      expect(error.code).to.equal('AccessDenied');
      expect(error.advice).to.include(kmsKeyId);
    });

    it('tries again what is throttled', async () => {
      await create('busy');
      const throttled = failWith({ status: 429, body: 'Rate Exceeded' }, { on: 'fetch', path: /busy/, times: 4 });
      server.faults.push(throttled);
      const { result } = await runBackup({
        source: source({ include: ['busy'] }),
        vault: new FolderVault(await folder()),
        run: '2026-11-14T020000.000Z',
        options: { ...defaultBackupOptions, retry: { ...codeCommitRetryPolicy, firstWaitMs: 1 } },
        concurrency: 1,
        largestShrinkage: 1,
      });
      expect(result).to.equal('complete');
      expect(throttled.hits).to.equal(4);
    });

    it('gives a repository its approval rules again, also those that are gone', async () => {
      await create('ruled');
      await associate('ruled', 'kept-rules');
      await associate('ruled', 'lost-rules');
      const api = new CodeCommitApi(region, { endpoint: aws.server().endpoint, credentials: key });
      const settings = await api.settings('ruled');
      await aws.call('codecommit', 'DeleteApprovalRuleTemplate', { approvalRuleTemplateName: 'lost-rules' });
      await aws.call('codecommit', 'CreateRepository', { repositoryName: 'ruled-again' });
      const nameOnly = { approvalRuleTemplates: [{ name: 'never-known' }] };
      expect(await api.finish('ruled-again', nameOnly)).to.have.length(1);
      expect(await api.finish('ruled-again', { approvalRuleTemplates: settings.approvalRuleTemplates })).to.deep.equal(
        [],
      );
      expect((await api.settings('ruled-again')).approvalRuleTemplates).to.deep.equal(
        ['kept-rules', 'lost-rules'].map((name) => ({ name, description: 'Four eyes', content: ruleContent })),
      );
      api.close();
    });

    it('reads another account by a role that demands to be told an external id', async () => {
      await create('theirs');
      const arn = await aws.role('reader');
      const open = source({ include: ['theirs'], roles: [{ arn, externalId: 'ours-alone' }] });
      const { listed } = await open.inventory();
      const item = listed.find(({ skipped }) => skipped === undefined)!.item;
      expect((await listRefs(open.open(item))).refs.size).to.equal(3);
      const calls = await aws.server().calls();
      const assumed = calls.find(({ operation }) => operation === 'AssumeRole');
      expect(assumed?.resource).to.equal(arn);
      const asRole = calls.filter(({ caller }) => caller.role === arn).map(({ operation }) => operation);
      expect(asRole).to.include.members(['ListRepositories', 'BatchGetRepositories']);
      expect(() => source({ roles: [{ arn: 'reader' }] })).to.throw('is not the ARN of a role');
      const another = { ...item, path: ['999999999999', region, 'theirs'] };
      expect(failureIn(() => open.open(another)).message).to.include('999999999999');
    });

    it('finds a renamed repository by its id, and says of one that was deleted that it is gone', async () => {
      await create('leaving');
      const open = source({ include: ['leaving'] });
      const { listed } = await open.inventory();
      const item = listed.find(({ skipped }) => skipped === undefined)!.item;
      expect((await open.locate({ ...item, path: ['123456789012', region, 'before'] }))?.path.at(-1)).to.equal(
        'leaving',
      );
      await aws.call('codecommit', 'DeleteRepository', { repositoryName: 'leaving' });
      expect(await open.locate(item)).to.equal(undefined);
    });

    it('waits where AWS asks it to slow down, and names what a caller may not do', async () => {
      const answers: [status: number, body: object][] = [
        [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }],
        [500, { __type: 'InternalServerError' }],
        [200, { repositories: [] }],
        [400, { __type: 'AccessDeniedException', message: 'not authorized to perform: codecommit:ListRepositories' }],
      ];
      let asked = 0;
      const slow = await listen((_request, response) => {
        const [status, body] = answers[asked++] ?? [500, {}];
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
        return Promise.resolve();
      });
      try {
        const over = (): CodeCommitSource =>
          new CodeCommitSource({
            http,
            settings: { ...defaultCodeCommitSettings, regions: [region] },
            client: { endpoint: slow.url, credentials: key },
          });
        expect((await over().inventory()).warnings).to.deep.equal([`CodeCommit lists no repository in ${region}`]);
        expect(asked).to.equal(3);
        const error = await failureOf(over().inventory());
        expect(error.code).to.equal('AccessDenied');
        expect(error.message).to.include('codecommit:ListRepositories');
      } finally {
        await slow.close();
      }
    });

    it('refuses what is not a region, and one without CodeCommit', async () => {
      expect(() => source({ regions: ['Frankfurt'] })).to.throw('"Frankfurt" is not a valid region');
      const elsewhere = new CodeCommitSource({
        http,
        settings: { ...defaultCodeCommitSettings, regions: ['xx-nowhere-1'] },
        client: { credentials: key, maxAttempts: 1 },
      });
      const error = await failureOf(elsewhere.inventory());
      expect(error.code).to.equal('ConfigurationInvalid');
      expect(error.message).to.include('xx-nowhere-1');
    });

    it('lists more repositories than fit one page, each once', async function () {
      this.timeout(120_000);
      const wanted = Array.from({ length: 1200 }, (_, at) => `many-${String(at).padStart(4, '0')}`);
      await pMap(wanted, (repositoryName) => aws.call('codecommit', 'CreateRepository', { repositoryName }), {
        concurrency: 8,
      });
      const { listed } = await source({ include: ['many-*'] }).inventory();
      const selected = listed.filter(({ skipped }) => skipped === undefined).map(({ item }) => item.path.at(-1));
      expect(selected.sort()).to.deep.equal(wanted);
    });
  },
  { env: { LOCAL_AWS_CODECOMMIT_FOLDER: root } },
);
