import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AssociateExternalConnectionCommand,
  CodeartifactClient,
  CodeartifactServiceException,
  CopyPackageVersionsCommand,
  CreateDomainCommand,
  CreateRepositoryCommand,
  DeleteDomainCommand,
  DeletePackageCommand,
  DeletePackageVersionsCommand,
  DeleteRepositoryCommand,
  DescribeDomainCommand,
  DescribePackageCommand,
  DescribePackageVersionCommand,
  DescribeRepositoryCommand,
  DisposePackageVersionsCommand,
  GetAuthorizationTokenCommand,
  GetDomainPermissionsPolicyCommand,
  GetPackageVersionAssetCommand,
  GetPackageVersionReadmeCommand,
  GetRepositoryEndpointCommand,
  GetRepositoryPermissionsPolicyCommand,
  ListDomainsCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  ListPackageVersionsCommand,
  ListRepositoriesCommand,
  ListTagsForResourceCommand,
  paginateListPackages,
  paginateListPackageVersionAssets,
  paginateListPackageVersions,
  paginateListRepositoriesInDomain,
  PublishPackageVersionCommand,
  PutDomainPermissionsPolicyCommand,
  PutPackageOriginConfigurationCommand,
  PutRepositoryPermissionsPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePackageVersionsStatusCommand,
  UpdateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import { expect } from 'chai';
import { generatedContent, receive } from './codeartifact/content.ts';
import { queueRecord } from './codeartifact/events.ts';
import { failCall, throttle } from './codeartifact/faults.ts';
import { Meter } from './codeartifact/meter.ts';
import type { PackageVersion, Repository } from './codeartifact/model.ts';
import { seedPackages, startCodeArtifact, type CodeArtifact } from './codeartifact-server.ts';
import { cutBody, delayBody, failWith, flipByte } from './git-faults.ts';
import { useTemporaryFolders } from './repositories.ts';
import { allOf, collect } from './streams.ts';

/** Paginators of the SDK write into what they are given. */
const place = Object.freeze({ domain: 'company', repository: 'libraries' });
const tool = { ...place, format: 'maven', namespace: 'com.example', package: 'tool' } as const;
const files = { ...place, format: 'generic', namespace: 'team', package: 'files' } as const;

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function refusal(promise: Promise<unknown>): Promise<CodeartifactServiceException> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CodeartifactServiceException) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

describe('CodeArtifact stand-in', () => {
  const temporary = useTemporaryFolders();
  let codeartifact: CodeArtifact;
  let libraries: Repository;
  let client: CodeartifactClient;

  beforeEach(async () => {
    codeartifact = await startCodeArtifact();
    libraries = codeartifact.addRepository(codeartifact.addDomain('company'), 'libraries');
    client = new CodeartifactClient({ ...codeartifact.clientConfig, maxAttempts: 1 });
  });

  afterEach(async () => {
    client.destroy();
    await codeartifact.close();
  });

  function addTool(version: string, more: Partial<Parameters<CodeArtifact['addVersion']>[1]> = {}): PackageVersion {
    const assets = { [`tool-${version}.jar`]: 'jar', [`tool-${version}.pom`]: 'pom' };
    const { format, namespace, package: name } = tool;
    return codeartifact.addVersion(libraries, { format, namespace, package: name, version, assets, ...more });
  }

  async function readAsset(asset: string, packageVersion = '1.0'): Promise<string> {
    const answer = await client.send(new GetPackageVersionAssetCommand({ ...tool, packageVersion, asset }));
    return (await answer.asset?.transformToString()) ?? '';
  }

  function publish(assetName: string, content: string, more: { unfinished?: boolean; assetSHA256?: string } = {}) {
    const given = { assetName, assetContent: Buffer.from(content), assetSHA256: sha256(content), ...more };
    return client.send(new PublishPackageVersionCommand({ ...files, packageVersion: '1.0', ...given }));
  }

  describe('domains and repositories', () => {
    it('makes, shows, changes and deletes them', async () => {
      const made = await client.send(new CreateDomainCommand({ domain: 'other', tags: [{ key: 'a', value: 'b' }] }));
      expect(made.domain).to.deep.include({ name: 'other', owner: '123456789012', repositoryCount: 0 });
      expect(made.domain?.arn).to.equal('arn:aws:codeartifact:us-east-1:123456789012:domain/other');
      const { domains = [] } = await client.send(new ListDomainsCommand({}));
      expect(domains.map(({ name }) => name)).to.deep.equal(['company', 'other']);
      await client.send(new DeleteDomainCommand({ domain: 'other' }));
      expect((await refusal(client.send(new DescribeDomainCommand({ domain: 'other' })))).message).to.equal(
        "Domain not found. 'other' in account '123456789012' does not exist.",
      );

      const upstreams = [{ repositoryName: 'libraries' }];
      const team = { domain: 'company', repository: 'team' };
      const created = await client.send(new CreateRepositoryCommand({ ...team, upstreams, description: 'Ours' }));
      expect(created.repository).to.deep.include({ name: 'team', description: 'Ours', upstreams });
      await client.send(new UpdateRepositoryCommand({ ...team, upstreams: [], description: 'All of ours' }));
      await client.send(new AssociateExternalConnectionCommand({ ...team, externalConnection: 'public:npmjs' }));
      const { repository } = await client.send(new DescribeRepositoryCommand(team));
      expect(repository).to.deep.include({
        description: 'All of ours',
        upstreams: [],
        administratorAccount: '123456789012',
      });
      expect(repository?.externalConnections).to.deep.equal([
        { externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'Available' },
      ]);
      const again = await refusal(client.send(new CreateRepositoryCommand(team)));
      expect([again.name, again.$metadata.httpStatusCode]).to.deep.equal(['ConflictException', 409]);
      await client.send(new DeleteRepositoryCommand(team));
      const { repositories = [] } = await client.send(new ListRepositoriesCommand({}));
      expect(repositories.map(({ name }) => name)).to.deep.equal(['libraries']);
      expect((await client.send(new DescribeDomainCommand({ domain: 'company' }))).domain?.repositoryCount).to.equal(1);
    });

    it('keeps policies and tags', async () => {
      const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
      expect((await refusal(client.send(new GetRepositoryPermissionsPolicyCommand(place)))).name).to.equal(
        'ResourceNotFoundException',
      );
      await client.send(new PutRepositoryPermissionsPolicyCommand({ ...place, policyDocument }));
      const { policy } = await client.send(new GetRepositoryPermissionsPolicyCommand(place));
      expect(policy).to.include({ resourceArn: libraries.arn, document: policyDocument });
      const outdated = { ...place, policyDocument, policyRevision: 'old' };
      expect((await refusal(client.send(new PutRepositoryPermissionsPolicyCommand(outdated)))).name).to.equal(
        'ConflictException',
      );
      await client.send(new PutDomainPermissionsPolicyCommand({ domain: 'company', policyDocument }));
      expect(
        (await client.send(new GetDomainPermissionsPolicyCommand({ domain: 'company' }))).policy?.document,
      ).to.equal(policyDocument);
      const resourceArn = libraries.arn;
      const tags = [
        { key: 'team', value: 'core' },
        { key: 'cost', value: '1' },
      ];
      await client.send(new TagResourceCommand({ resourceArn, tags }));
      await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['cost'] }));
      const tagged = await client.send(new ListTagsForResourceCommand({ resourceArn }));
      expect(tagged.tags).to.deep.equal([{ key: 'team', value: 'core' }]);
    });

    it('keeps regions and accounts apart', async () => {
      const owner = '210987654321';
      codeartifact.addRepository(codeartifact.addDomain('company', { owner }), 'theirs');
      codeartifact.addRepository(codeartifact.addDomain('company', { region: 'eu-west-1' }), 'european');
      const names = async (from: CodeartifactClient, more = {}) => {
        const pages = await allOf(paginateListRepositoriesInDomain({ client: from }, { domain: 'company', ...more }));
        return pages.flatMap(({ repositories = [] }) => repositories.map(({ name }) => name));
      };
      const european = new CodeartifactClient({ ...codeartifact.clientConfig, region: 'eu-west-1' });
      expect(await names(client)).to.deep.equal(['libraries']);
      expect(await names(client, { domainOwner: owner })).to.deep.equal(['theirs']);
      expect(await names(european)).to.deep.equal(['european']);
      const { domains = [] } = await european.send(new ListDomainsCommand({}));
      expect(domains.map(({ arn }) => arn)).to.deep.equal([
        'arn:aws:codeartifact:eu-west-1:123456789012:domain/company',
      ]);
      european.destroy();
    });
  });

  describe('packages', () => {
    it('lists them by format, namespace, beginning and origin controls, page by page', async () => {
      seedPackages(codeartifact, libraries, { format: 'npm', packages: 7 });
      seedPackages(codeartifact, libraries, { format: 'pypi', packages: 2, externalConnection: 'public:pypi' });
      addTool('1.0');
      const list = async (more: object) => {
        const pages = await allOf(paginateListPackages({ client, pageSize: 3 }, { ...place, ...more }));
        expect(Math.max(...pages.map(({ packages = [] }) => packages.length))).to.be.at.most(3);
        return pages.flatMap(({ packages = [] }) => packages);
      };
      expect(await list({})).to.have.length(10);
      expect(await list({ format: 'npm' })).to.have.length(7);
      expect(await list({ packagePrefix: 'package-000', publish: 'BLOCK' })).to.have.length(2);
      expect(await list({ namespace: 'com.exam', format: 'maven' })).to.deep.equal([
        {
          format: 'maven',
          namespace: 'com.example',
          package: 'tool',
          originConfiguration: { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } },
        },
      ]);
      const { nextToken } = await client.send(new ListPackagesCommand({ ...place, maxResults: 3 }));
      const elsewhere = client.send(new ListPackagesCommand({ ...place, format: 'npm', nextToken }));
      expect((await refusal(elsewhere)).name).to.equal('ValidationException');
      const many = client.send(new ListPackagesCommand({ ...place, maxResults: 1001 }));
      expect((await refusal(many)).name).to.equal('ValidationException');
    });

    it('leaves nothing out of a listing while packages are deleted', async () => {
      seedPackages(codeartifact, libraries, { format: 'npm', packages: 6 });
      const seen: (string | undefined)[] = [];
      for await (const { packages = [] } of paginateListPackages({ client, pageSize: 2 }, { ...place })) {
        seen.push(...packages.map((one) => one.package));
        if (seen.length === 2)
          await client.send(new DeletePackageCommand({ ...place, format: 'npm', package: 'package-0001' }));
      }
      expect(seen).to.have.length(6);
    });

    it('obeys origin controls, also of packages that do not exist yet', async () => {
      const restrictions = { publish: 'BLOCK', upstream: 'ALLOW' } as const;
      await client.send(new PutPackageOriginConfigurationCommand({ ...files, restrictions }));
      expect((await refusal(publish('a.bin', 'a'))).name).to.equal('ConflictException');
      await client.send(
        new PutPackageOriginConfigurationCommand({ ...files, restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } }),
      );
      await publish('a.bin', 'a');
      const { package: found } = await client.send(new DescribePackageCommand(files));
      expect(found).to.deep.include({ format: 'generic', namespace: 'team', name: 'files' });
      expect(found?.originConfiguration?.restrictions).to.deep.equal({ publish: 'ALLOW', upstream: 'BLOCK' });
    });
  });

  describe('versions', () => {
    it('lists them by status and origin, and the newest first where it is asked to', async () => {
      for (const [index, version] of ['1.0', '1.1', '1.2'].entries()) {
        addTool(version, { publishedAt: new Date(Date.UTC(2026, 0, 3 - index)) });
      }
      addTool('0.9', { status: 'Archived', externalConnection: 'public:maven-central', publishedAt: new Date(0) });
      const list = async (more: object) => {
        const pages = await allOf(paginateListPackageVersions({ client, pageSize: 2 }, { ...tool, ...more }));
        expect(pages[0]?.defaultDisplayVersion).to.equal('1.0');
        return pages.flatMap(({ versions = [] }) => versions.map(({ version }) => version));
      };
      expect(await list({})).to.deep.equal(['0.9', '1.0', '1.1', '1.2']);
      expect(await list({ sortBy: 'PUBLISHED_TIME' })).to.deep.equal(['1.0', '1.1', '1.2', '0.9']);
      expect(await list({ status: 'Archived' })).to.deep.equal(['0.9']);
      expect(await list({ originType: 'INTERNAL' })).to.deep.equal(['1.0', '1.1', '1.2']);
      const { versions = [] } = await client.send(new ListPackageVersionsCommand(tool));
      expect(versions[0]?.origin).to.deep.equal({
        domainEntryPoint: { externalConnectionName: 'public:maven-central' },
        originType: 'EXTERNAL',
      });
    });

    it('describes all that is known of one', async () => {
      const publishedAt = new Date('2026-03-04T05:06:07.089Z');
      const dependency = { namespace: 'org.base', package: 'base', dependencyType: 'compile', versionRequirement: '2' };
      const known = {
        displayName: 'Tool',
        summary: 'A tool',
        homePage: 'https://example.com',
        sourceCodeRepository: 'https://example.com/tool.git',
        licenses: [{ name: 'MIT', url: 'https://example.com/license' }],
      };
      const added = addTool('1.0', {
        publishedAt,
        details: { ...known, dependencies: [dependency], readme: '# Tool' },
      });
      const version = { ...tool, packageVersion: '1.0' };
      const described = await client.send(new DescribePackageVersionCommand(version));
      expect(described.packageVersion).to.deep.equal({
        format: 'maven',
        namespace: 'com.example',
        packageName: 'tool',
        version: '1.0',
        ...known,
        publishedTime: publishedAt,
        revision: added.revision,
        status: 'Published',
        origin: { domainEntryPoint: { repositoryName: 'libraries' }, originType: 'INTERNAL' },
      });
      const needed = await client.send(new ListPackageVersionDependenciesCommand(version));
      expect(needed).to.deep.include({ versionRevision: added.revision, dependencies: [dependency] });
      expect((await client.send(new GetPackageVersionReadmeCommand(version))).readme).to.equal('# Tool');
    });

    it('changes their status all together or not at all', async () => {
      const { revision } = addTool('1.0');
      addTool('1.1');
      const set = async (targetStatus: 'Archived' | 'Published', versions: string[], more = {}) => {
        const answer = await client.send(
          new UpdatePackageVersionsStatusCommand({ ...tool, versions, targetStatus, ...more }),
        );
        const codes = Object.entries(answer.failedVersions ?? {}).map(([name, { errorCode }]) => [name, errorCode]);
        return { done: Object.keys(answer.successfulVersions ?? {}), failed: Object.fromEntries(codes) as object };
      };
      expect(await set('Archived', ['1.0', '2.0'])).to.deep.equal({
        done: [],
        failed: { '1.0': 'SKIPPED', '2.0': 'NOT_FOUND' },
      });
      expect((await set('Archived', ['1.0'], { versionRevisions: { '1.0': 'old' } })).failed).to.deep.equal({
        '1.0': 'MISMATCHED_REVISION',
      });
      expect((await set('Archived', ['1.0'], { expectedStatus: 'Unlisted' })).failed).to.deep.equal({
        '1.0': 'MISMATCHED_STATUS',
      });
      expect(await set('Archived', ['1.0', '1.1'])).to.deep.equal({ done: ['1.0', '1.1'], failed: {} });
      expect((await refusal(readAsset('tool-1.0.jar'))).name).to.equal('ConflictException');
      await set('Published', ['1.0']);
      expect(await readAsset('tool-1.0.jar')).to.equal('jar');
      const described = await client.send(new DescribePackageVersionCommand({ ...tool, packageVersion: '1.0' }));
      expect(described.packageVersion?.revision).to.equal(revision);

      await client.send(new DisposePackageVersionsCommand({ ...tool, versions: ['1.1'] }));
      expect((await set('Published', ['1.1'])).failed).to.deep.equal({ '1.1': 'NOT_ALLOWED' });
      const { assets } = await client.send(new ListPackageVersionAssetsCommand({ ...tool, packageVersion: '1.1' }));
      expect(assets).to.deep.equal([]);
    });

    it('deletes and copies them', async () => {
      const added = addTool('1.0');
      const copies = codeartifact.addRepository(libraries.domain, 'copies');
      const copy = { ...tool, sourceRepository: 'libraries', destinationRepository: 'copies', versions: ['1.0'] };
      const copied = await client.send(new CopyPackageVersionsCommand(copy));
      expect(copied.successfulVersions).to.deep.equal({ '1.0': { revision: added.revision, status: 'Published' } });
      const there = codeartifact.findVersion(copies, { ...tool, version: '1.0' });
      expect([there?.assets.size, there?.revision]).to.deep.equal([2, added.revision]);
      const deleted = await client.send(new DeletePackageVersionsCommand({ ...tool, versions: ['1.0', '2.0'] }));
      expect(deleted.successfulVersions).to.deep.equal({ '1.0': { revision: added.revision, status: 'Deleted' } });
      expect(deleted.failedVersions?.['2.0']?.errorCode).to.equal('NOT_FOUND');
      expect((await refusal(readAsset('tool-1.0.jar'))).name).to.equal('ResourceNotFoundException');
    });

    it('stores names and versions of Python and NuGet packages in their normal form', async () => {
      const assets = { file: 'x' };
      codeartifact.addVersion(libraries, { format: 'pypi', package: 'My_Tool.x', version: '1', assets });
      codeartifact.addVersion(libraries, { format: 'nuget', package: 'My.Tool', version: '1.02.0.0+b', assets });
      const { packages = [] } = await client.send(new ListPackagesCommand(place));
      expect(packages.map((one) => one.package)).to.have.members(['my-tool-x', 'my.tool']);
      const nuget = { ...place, format: 'nuget', package: 'MY.TOOL', packageVersion: '1.2' } as const;
      expect((await client.send(new DescribePackageVersionCommand(nuget))).packageVersion?.version).to.equal('1.2.0');
    });
  });

  describe('assets', () => {
    it('gives what they hold, with their hashes, size and revision', async () => {
      const added = addTool('1.0');
      const { assets = [] } = await client.send(
        new ListPackageVersionAssetsCommand({ ...tool, packageVersion: '1.0' }),
      );
      expect(assets.map(({ name, size }) => [name, size])).to.deep.equal([
        ['tool-1.0.jar', 3],
        ['tool-1.0.pom', 3],
      ]);
      expect(assets[0]?.hashes)
        .to.include({ 'SHA-256': sha256('jar') })
        .and.have.all.keys('MD5', 'SHA-1', 'SHA-256', 'SHA-512');
      const request = { ...tool, packageVersion: '1.0', asset: 'tool-1.0.pom' };
      const answer = await client.send(new GetPackageVersionAssetCommand(request));
      expect(await answer.asset?.transformToString()).to.equal('pom');
      expect(answer).to.include({
        assetName: 'tool-1.0.pom',
        packageVersion: '1.0',
        packageVersionRevision: added.revision,
      });
      codeartifact.putAsset(added, 'tool-1.0-sources.jar', 'sources');
      const old = { ...request, packageVersionRevision: answer.packageVersionRevision };
      expect((await refusal(client.send(new GetPackageVersionAssetCommand(old)))).name).to.equal('ConflictException');
      expect((await refusal(readAsset('gone.jar'))).message).to.contain("Asset not found. 'gone.jar'");
    });

    it('lists 350 of them in pages', async () => {
      const names = Array.from({ length: 350 }, (_, index) => `asset-${index}`);
      addTool('2.0', { assets: Object.fromEntries(names.map((name) => [name, name])) });
      const request = { ...tool, packageVersion: '2.0' };
      const pages = await allOf(paginateListPackageVersionAssets({ client }, request));
      expect(pages).to.have.length(7);
      const listed = pages.flatMap(({ assets = [] }) => assets.map(({ name }) => name));
      expect(listed.sort()).to.deep.equal(names.sort());
    });

    it('streams one of any size without holding it', async function () {
      this.timeout(60_000);
      const size = 512 * 1024 ** 2;
      addTool('3.0', { assets: { large: generatedContent({ size }) } });
      const request = { ...tool, packageVersion: '3.0', asset: 'large' };
      const before = process.memoryUsage.rss();
      const { asset } = await client.send(new GetPackageVersionAssetCommand(request));
      let bytes = 0;
      for await (const chunk of asset as AsyncIterable<Buffer>) bytes += chunk.length;
      expect(bytes).to.equal(size);
      expect(process.memoryUsage.rss() - before).to.be.lessThan(size / 2);
    });

    it('makes content that is the same each time and differs throughout', async () => {
      const read = async (seed: string) => collect(generatedContent({ size: 200_000, seed }).read());
      const content = await read('a');
      expect(content).to.have.length(200_000);
      expect(content.equals(await read('a'))).to.equal(true);
      expect(content.equals(await read('b'))).to.equal(false);
      const blocks = [0, 65_536, 131_072].map((at) => sha256(content.subarray(at, at + 65_536)));
      expect(new Set(blocks)).to.have.property('size', 3);
    });

    it('keeps a large upload in a file', async () => {
      const folder = await temporary();
      const small = await receive(generatedContent({ size: 1_000_000 }).read(), folder);
      expect(await readdir(folder)).to.deep.equal([]);
      const large = generatedContent({ size: 9_000_000 });
      const received = await receive(large.read(), folder);
      expect(await readdir(folder)).to.have.length(1);
      expect([small.size, received.size]).to.deep.equal([1_000_000, 9_000_000]);
      expect(await received.hashes()).to.deep.equal(await large.hashes());
    });

    it('takes no more than 350 of a version, and keeps its revision where none is new', async () => {
      const assets = Object.fromEntries(Array.from({ length: 349 }, (_, index) => [`asset-${index}`, 'x']));
      const { format, namespace, package: name } = files;
      const added = { format, namespace, package: name, version: '1.0', status: 'Unfinished', assets } as const;
      const { revision } = codeartifact.addVersion(libraries, added);
      const finished = await publish('asset-0', 'x');
      expect(finished).to.include({ status: 'Published', versionRevision: revision });
      await publish('one-more', 'x');
      expect((await refusal(publish('too-many', 'x'))).name).to.equal('ServiceQuotaExceededException');
    });

    it('takes generic ones by PublishPackageVersion, and never others in their place', async () => {
      const first = await publish('a.bin', 'a', { unfinished: true });
      expect(first).to.include({ status: 'Unfinished', package: 'files', version: '1.0' });
      expect(first.asset?.hashes?.['SHA-256']).to.equal(sha256('a'));
      const second = await publish('b.bin', 'b');
      expect(second.status).to.equal('Published');
      expect(second.versionRevision).not.to.equal(first.versionRevision);
      expect((await publish('b.bin', 'b')).versionRevision).to.equal(second.versionRevision);
      const other = await refusal(publish('b.bin', 'other'));
      expect([other.name, other.message]).to.deep.equal([
        'ConflictException',
        "Asset 'b.bin' already exists with different content.",
      ]);
      expect((await refusal(publish('c.bin', 'c', { assetSHA256: sha256('d') }))).name).to.equal('ValidationException');
      const npm = { ...place, format: 'npm', package: 'p', packageVersion: '1', assetName: 'package.tgz' } as const;
      await client.send(
        new UpdatePackageVersionsStatusCommand({ ...files, versions: ['1.0'], targetStatus: 'Archived' }),
      );
      expect((await refusal(publish('b.bin', 'b'))).message).to.contain('is Archived and cannot be published again');
      const wrongFormat = new PublishPackageVersionCommand({ ...npm, assetContent: 'x', assetSHA256: sha256('x') });
      expect((await refusal(client.send(wrongFormat))).name).to.equal('ValidationException');
    });
  });

  describe('access', () => {
    it('gives tokens for a while, and endpoints', async () => {
      const answer = await client.send(new GetAuthorizationTokenCommand({ domain: 'company', durationSeconds: 900 }));
      expect(answer.expiration?.getTime()).to.be.within(Date.now() + 800_000, Date.now() + 901_000);
      expect(codeartifact.tokens.values.map(({ value }) => value)).to.deep.equal([answer.authorizationToken]);
      const short = client.send(new GetAuthorizationTokenCommand({ domain: 'company', durationSeconds: 60 }));
      expect((await refusal(short)).name).to.equal('ValidationException');
      const endpoint = await client.send(new GetRepositoryEndpointCommand({ ...place, format: 'npm' }));
      expect(endpoint.repositoryEndpoint).to.equal(codeartifact.endpointOf(libraries, 'npm'));
    });

    it('refuses what is denied, by action and resource', async () => {
      addTool('1.0');
      codeartifact.denied.push({ action: 'codeartifact:GetPackageVersionAsset', resource: /\/tool$/ });
      const refused = await refusal(readAsset('tool-1.0.jar'));
      expect(refused.name).to.equal('AccessDeniedException');
      expect(refused.message).to.contain(
        'is not authorized to perform: codeartifact:GetPackageVersionAsset on resource: ' +
          'arn:aws:codeartifact:us-east-1:123456789012:package/company/libraries/maven/com.example/tool',
      );
      codeartifact.denied.push({ action: 'sts:GetServiceBearerToken' });
      const token = await refusal(client.send(new GetAuthorizationTokenCommand({ domain: 'company' })));
      expect(token.message).to.contain('sts:GetServiceBearerToken');
    });

    it('does not close in peace when a token was in a URL', async () => {
      const leaky = await startCodeArtifact();
      const { value } = leaky.tokens.issue(leaky.addDomain('company'), leaky.account, 900);
      await fetch(`${leaky.url}/registry/company-123456789012.us-east-1/npm/libraries/tool?token=${value}`);
      const said = await leaky.close().catch((error: unknown) => String(error));
      expect(said).to.contain('a token was in the URL of GET /registry/');
    });
  });

  describe('events', () => {
    it('tells of each change as CodeArtifact does', async () => {
      await publish('a.bin', 'a', { unfinished: true });
      await publish('b.bin', 'b');
      await publish('b.bin', 'b');
      await client.send(
        new UpdatePackageVersionsStatusCommand({ ...files, versions: ['1.0'], targetStatus: 'Unlisted' }),
      );
      await client.send(new DeletePackageVersionsCommand({ ...files, versions: ['1.0'] }));
      const told = codeartifact.events.map(({ detail }) => [detail.operationType, detail.packageVersionState]);
      expect(told).to.deep.equal([
        ['Created', 'Unfinished'],
        ['Updated', 'Published'],
        ['Updated', 'Unlisted'],
        ['Deleted', 'Deleted'],
      ]);
      const [first, second] = codeartifact.events;
      expect(first).to.deep.include({
        'detail-type': 'CodeArtifact Package Version State Change',
        source: 'aws.codeartifact',
        region: 'us-east-1',
        resources: ['arn:aws:codeartifact:us-east-1:123456789012:package/company/libraries/generic/team/files'],
      });
      expect(first?.detail).to.deep.include({
        domainName: 'company',
        domainOwner: '123456789012',
        repositoryName: 'libraries',
        packageFormat: 'generic',
        packageNamespace: 'team',
        packageVersion: '1.0',
        changes: { assetsAdded: 1, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: true, statusChanged: true },
      });
      expect(second?.detail.sequenceNumber).to.be.greaterThan(first?.detail.sequenceNumber ?? Infinity);
      expect(JSON.parse(queueRecord(first!).body)).to.deep.equal(first);
    });

    it('hands them on in order, and says when that failed', async () => {
      const versions: string[] = [];
      codeartifact.onEvent = async ({ detail }) => {
        if (detail.packageVersion === '1') await pause(20);
        versions.push(detail.packageVersion);
      };
      for (const version of ['1', '2', '3']) addTool(version);
      await codeartifact.settled();
      expect(versions).to.deep.equal(['1', '2', '3']);
      const failing = await startCodeArtifact({ onEvent: () => Promise.reject(new Error('no queue')) });
      const repository = failing.addRepository(failing.addDomain('company'), 'libraries');
      failing.addVersion(repository, { format: 'ruby', package: 'gem', version: '1', assets: {} });
      expect(await failing.close().catch((error: unknown) => String(error))).to.contain('no queue');
    });
  });

  describe('faults', () => {
    it('throttles the calls that a test chooses, and what goes beyond a limit', async () => {
      const call = () => client.send(new ListPackagesCommand(place));
      codeartifact.faults.push(throttle({ retryAfter: 2 }, { path: /^\/ListPackages\//, skip: 1, times: 1 }));
      await call();
      const throttled = await refusal(call());
      expect(throttled.name).to.equal('ThrottlingException');
      expect(throttled).to.include({ retryAfterSeconds: 2 });
      await call();
      codeartifact.meter.limits.set('ListPackages', 1);
      const answers = await Promise.allSettled(Array.from({ length: 10 }, call));
      expect(answers.filter(({ status }) => status === 'rejected')).to.have.length.greaterThan(0);
      expect(codeartifact.meter.throttled).to.be.greaterThan(0);
      expect(codeartifact.meter.calls('ListPackages')).to.equal(13);
    });

    it('knows the highest rate of each call', () => {
      const meter = new Meter();
      for (const now of [0, 400, 1100, 1300, 1350, 3000]) expect(meter.admit('ListPackages', now)).to.equal(true);
      expect([meter.calls('ListPackages'), meter.highestRate('ListPackages')]).to.deep.equal([6, 4]);
    });

    it('fails, cuts, falsifies and delays', async () => {
      addTool('1.0', { assets: { 'tool-1.0.jar': 'x'.repeat(100_000) } });
      const when = { on: 'api', path: /^\/GetPackageVersionAsset\/.*\.jar$/, times: 1 } as const;
      codeartifact.faults.push(failWith({ status: 503 }, when));
      expect((await refusal(readAsset('tool-1.0.jar'))).$metadata.httpStatusCode).to.equal(503);
      codeartifact.faults.push(failCall('InternalServerException', 'Broken', when));
      expect((await refusal(readAsset('tool-1.0.jar'))).name).to.equal('InternalServerException');
      codeartifact.faults.push(cutBody({ after: 50_000, ending: 'close' }, when));
      expect(String(await readAsset('tool-1.0.jar').catch((error: unknown) => error))).to.match(/aborted|ECONNRESET/);
      codeartifact.faults.push(flipByte({ at: 70_000 }, when));
      expect((await readAsset('tool-1.0.jar')).split('x')).to.have.length(100_000);
      codeartifact.faults.push(delayBody({ milliseconds: 10 }, when));
      expect(await readAsset('tool-1.0.jar')).to.have.length(100_000);
      expect(codeartifact.requests.flatMap(({ faults }) => faults)).to.have.length(5);
    });

    it('lets things happen between two calls', async () => {
      const added = addTool('1.0');
      codeartifact.beforeCall = (call) => {
        if (call.startsWith('/GetPackageVersionAsset/company/libraries/maven/com.example/tool/1.0/')) {
          codeartifact.deleteVersion(added);
          codeartifact.beforeCall = undefined;
        }
      };
      await client.send(new ListPackageVersionAssetsCommand({ ...tool, packageVersion: '1.0' }));
      expect((await refusal(readAsset('tool-1.0.jar'))).name).to.equal('ResourceNotFoundException');
    });

    it('asks for a signature and knows what it does not know', async () => {
      const anonymous = await fetch(`${codeartifact.url}/v1/domains`, { method: 'POST' });
      expect([anonymous.status, anonymous.headers.get('x-amzn-errortype')]).to.deep.equal([
        403,
        'MissingAuthenticationTokenException',
      ]);
      const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/codeartifact/aws4_request';
      const unknown = await fetch(`${codeartifact.url}/v1/package-groups`, {
        method: 'POST',
        headers: { authorization },
      });
      expect(unknown.headers.get('x-amzn-errortype')).to.equal('ValidationException');
    });
  });

  it('holds 20,000 generated versions, and lists them, in little time', async () => {
    seedPackages(codeartifact, libraries, { format: 'maven', packages: 200, versions: 100 });
    const pages = await allOf(paginateListPackages({ client, pageSize: 1000 }, { ...place }));
    expect(pages.flatMap(({ packages = [] }) => packages)).to.have.length(200);
    const request = { ...tool, package: 'package-0200' };
    const versions = await allOf(paginateListPackageVersions({ client }, request));
    expect(versions).to.have.length(2);
    expect(codeartifact.events).to.have.length(0);
  });
});
