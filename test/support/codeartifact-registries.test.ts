import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { generatedContent } from './codeartifact/content.ts';
import type { PackageFormat } from '@aws-sdk/client-codeartifact';
import type { Domain, PackageVersion, Repository } from './codeartifact/model.ts';
import { startCodeArtifact, type CodeArtifact } from './codeartifact-server.ts';
import { cutBody, failWith, flipByte } from './git-faults.ts';
import {
  mavenAvailable,
  mavenResolve,
  npmIn,
  pipAvailable,
  pipInstall,
  runPython,
  type PackageManager,
  type Registry,
} from './package-managers.ts';
import {
  makeJarAndPom,
  makeMavenMetadata,
  makeNpmTarball,
  makeNupkg,
  makeSdist,
  makeWheel,
  type PackageFile,
} from './packages.ts';
import { useTemporaryFolders } from './repositories.ts';
import { collect } from './streams.ts';

const pip = pipAvailable();
const maven = mavenAvailable();

describe('CodeArtifact stand-in: registries', () => {
  const temporary = useTemporaryFolders();
  let codeartifact: CodeArtifact;
  let domain: Domain;
  let libraries: Repository;

  beforeEach(async () => {
    codeartifact = await startCodeArtifact();
    domain = codeartifact.addDomain('company');
    libraries = codeartifact.addRepository(domain, 'libraries');
  });

  afterEach(() => codeartifact.close());

  function registry(format: PackageFormat): Registry {
    const { value: token } = codeartifact.tokens.issue(domain, codeartifact.account, 3600);
    return { endpoint: codeartifact.endpointOf(libraries, format), token };
  }

  /** A request with a token, as Basic credentials. */
  function request(format: PackageFormat, path: string, init: Omit<RequestInit, 'headers'> = {}): Promise<Response> {
    const { endpoint, token } = registry(format);
    const authorization = `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`;
    return fetch(endpoint + path, { ...init, headers: { authorization } });
  }

  async function put(path: string, content: Uint8Array | string): Promise<number> {
    const body = typeof content === 'string' ? content : new Uint8Array(content);
    return (await request('maven', path, { method: 'PUT', body })).status;
  }

  function found(format: PackageFormat, name: string, version: string, namespace?: string): PackageVersion | undefined {
    return codeartifact.findVersion(libraries, { format, namespace, package: name, version });
  }

  async function contentOf(version: PackageVersion | undefined, asset: string): Promise<Buffer | undefined> {
    const content = version?.assets.get(asset);
    return content && collect(content.read());
  }

  it('are open to a token of their domain only, as long as it is good', async () => {
    const { endpoint, token } = registry('npm');
    const ping = async (authorization?: string) => {
      const answer = await fetch(
        `${endpoint}-/ping`,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      return answer.status;
    };
    const basic = (user: string) => `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
    expect([await ping(`Bearer ${token}`), await ping(basic('aws'))]).to.deep.equal([200, 200]);
    expect([await ping(), await ping('Bearer wrong'), await ping(basic('me'))]).to.deep.equal([401, 401, 401]);
    const other = codeartifact.tokens.issue(codeartifact.addDomain('other'), codeartifact.account, 3600);
    expect(await ping(`Bearer ${other.value}`)).to.equal(401);
    codeartifact.tokens.revokeAll();
    expect(await ping(`Bearer ${token}`)).to.equal(401);
  });

  it('refuse what is denied, and fail as a test wants', async () => {
    codeartifact.denied.push({ action: 'codeartifact:PublishPackageVersion', resource: /\/com\.example\/tool$/ });
    expect(await put('com/example/tool/1.0/tool-1.0.jar', 'jar')).to.equal(403);
    expect(await put('com/example/other/1.0/other-1.0.jar', 'jar')).to.equal(201);
    codeartifact.denied.push({ action: 'codeartifact:ReadFromRepository' });
    expect((await request('npm', '-/ping')).status).to.equal(403);
    codeartifact.denied.length = 0;
    codeartifact.faults.push(failWith({ status: 500 }, { on: 'other', path: /\/-\/ping$/, times: 1 }));
    const answers = [await request('npm', '-/ping'), await request('npm', '-/ping')];
    expect(answers.map(({ status }) => status)).to.deep.equal([500, 200]);
  });

  describe('npm', () => {
    let folder: string;
    let npm: PackageManager;

    beforeEach(async () => {
      folder = await temporary();
      npm = await npmIn(folder, registry('npm'));
    });

    async function publish(name: string, version: string, ...more: string[]): Promise<Buffer> {
      const tarball = await makeNpmTarball({ name, version, manifest: { dependencies: { base: '^1.0.0' } } });
      await writeFile(join(folder, 'package.tgz'), tarball);
      await npm('publish', './package.tgz', ...more);
      return tarball;
    }

    it('lets the real npm publish, tag and deprecate', async () => {
      const tarball = await publish('@acme/tool', '1.0.0');
      await publish('@acme/tool', '1.1.0', '--tag', 'next');
      const version = found('npm', 'tool', '1.0.0', 'acme');
      expect(version?.status).to.equal('Published');
      expect(await contentOf(version, 'package.tgz')).to.deep.equal(tarball);
      expect(version?.details).to.deep.include({ displayName: 'tool', summary: 'The package @acme/tool' });
      expect(version?.details.dependencies).to.deep.equal([
        { package: 'base', dependencyType: 'regular', versionRequirement: '^1.0.0' },
      ]);
      await npm('dist-tag', 'add', '@acme/tool@1.1.0', 'beta');
      await npm('dist-tag', 'rm', '@acme/tool', 'next');
      expect(await npm('dist-tag', 'ls', '@acme/tool')).to.equal('beta: 1.1.0\nlatest: 1.0.0\n');
      await npm('deprecate', '@acme/tool@1.0.0', 'old');
      expect(await npm('view', '@acme/tool@1.0.0', 'deprecated')).to.equal('old\n');
      expect(await npm('ping')).to.equal('');
    });

    it('lets the real npm install what was published, and what is unlisted where a lock file names it', async () => {
      await publish('base', '1.0.0', '--tag', 'latest');
      const tarball = await publish('@acme/tool', '1.0.0');
      const app = join(folder, 'app');
      await mkdir(app);
      await npm('install', '--prefix', app, '@acme/tool');
      expect(await readFile(join(app, 'node_modules/@acme/tool/index.js'), 'utf8')).to.contain('@acme/tool 1.0.0');
      const lock = await readFile(join(app, 'package-lock.json'), 'utf8');
      expect(lock).to.contain(`sha512-${createHash('sha512').update(tarball).digest('base64')}`);

      const version = found('npm', 'tool', '1.0.0', 'acme')!;
      codeartifact.setStatus(version, 'Unlisted');
      await publish('@acme/tool', '1.1.0');
      expect(await npm('view', '@acme/tool', 'versions', '--json')).to.equal('[\n  "1.1.0"\n]\n');
      await npm('ci', '--prefix', app);
      codeartifact.setStatus(version, 'Archived');
      await npm('cache', 'clean', '--force');
      expect(await npm('ci', '--prefix', app).catch(String)).to.contain('404');
    });

    it('installs what was put in place without it', async () => {
      const assets = { 'package.tgz': await makeNpmTarball({ name: 'placed', version: '2.0.0' }) };
      codeartifact.addVersion(libraries, { format: 'npm', package: 'placed', version: '2.0.0', assets });
      await npm('install', 'placed');
      expect(await readdir(join(folder, 'node_modules'))).to.include('placed');
    });

    it('refuses another tarball in the place of one, one that is damaged, and half of one', async () => {
      const tarball = await publish('tool', '1.0.0');
      const document = (content: Buffer, dist: object = {}) => {
        const manifest = { name: 'tool', version: '1.0.0', dist };
        const attachment = { data: content.toString('base64'), length: content.length };
        return { name: 'tool', versions: { '1.0.0': manifest }, _attachments: { 'tool-1.0.0.tgz': attachment } };
      };
      const send = async (body: string) => (await request('npm', 'tool', { method: 'PUT', body })).status;
      expect(await send(JSON.stringify(document(tarball)))).to.equal(200);
      expect(await send(JSON.stringify(document(Buffer.from('other'))))).to.equal(409);
      expect(await send(JSON.stringify(document(tarball, { integrity: 'sha512-AAAA' })))).to.equal(400);
      expect(await send(JSON.stringify(document(tarball, { shasum: '00' })))).to.equal(400);
      expect(await send(JSON.stringify(document(tarball)).slice(0, -100))).to.equal(400);
    });

    it('receives a large tarball while its document comes', async () => {
      const size = 40 * 1024 ** 2 + 1;
      const head = '{"name":"large","versions":{"1.0.0":{"name":"large","version":"1.0.0"}},"_attachments":{"l.tgz":{';
      const tail = `","length":${size}}}}`;
      const body = async function* () {
        yield Buffer.from(`${head}"data":"`);
        let rest: Buffer = Buffer.alloc(0);
        for await (const chunk of generatedContent({ size }).read()) {
          const whole: Buffer = Buffer.concat([rest, chunk]);
          const end = whole.length - (whole.length % 3);
          if (end > 0) yield Buffer.from(whole.subarray(0, end).toString('base64'));
          rest = whole.subarray(end);
        }
        yield Buffer.from(rest.toString('base64') + tail);
      };
      const init = { method: 'PUT', body: body() as never, duplex: 'half' } as RequestInit;
      expect((await request('npm', 'large', init)).status).to.equal(200);
      const asset = found('npm', 'large', '1.0.0')?.assets.get('package.tgz');
      expect((await asset?.hashes())?.['SHA-256']).to.equal((await generatedContent({ size }).hashes())['SHA-256']);
    });
  });

  describe('Maven', () => {
    const group = 'com.example';

    it('keeps a version unfinished until the metadata of its package names it', async () => {
      const { jar, pom } = await makeJarAndPom({ group, name: 'tool', version: '1.0', description: 'Cuts & saws' });
      const folder = 'com/example/tool';
      for (const { name, bytes } of [jar, pom]) {
        expect(await put(`${folder}/1.0/${name}`, bytes)).to.equal(201);
        const checksum = createHash('sha1').update(bytes).digest('hex');
        expect(await put(`${folder}/1.0/${name}.sha1`, checksum)).to.equal(201);
      }
      expect(found('maven', 'tool', '1.0', group)?.status).to.equal('Unfinished');
      expect((await request('maven', `${folder}/1.0/${jar.name}`)).status).to.equal(404);

      const metadata = makeMavenMetadata({ group, name: 'tool', versions: ['1.0'] });
      expect(await put(`${folder}/maven-metadata.xml`, metadata)).to.equal(201);
      expect(await put(`${folder}/maven-metadata.xml.md5`, createHash('md5').update(metadata).digest('hex'))).to.equal(
        201,
      );
      const version = found('maven', 'tool', '1.0', group);
      expect(version?.status).to.equal('Published');
      const names = ['maven-metadata.xml', 'tool-1.0.jar', 'tool-1.0.pom'];
      expect([...(version?.assets.after() ?? [])].map(([name]) => name)).to.deep.equal(names);
      expect(await contentOf(version, 'maven-metadata.xml')).to.deep.equal(metadata);
      expect(version?.details).to.deep.include({ displayName: 'tool', summary: 'Cuts & saws' });
      expect(codeartifact.events.map(({ detail }) => detail.packageVersionState)).to.deep.equal([
        'Unfinished',
        'Unfinished',
        'Published',
      ]);

      const read = await request('maven', `${folder}/1.0/${jar.name}`);
      expect(Buffer.from(await read.arrayBuffer())).to.deep.equal(jar.bytes);
      const sha256 = await request('maven', `${folder}/1.0/${jar.name}.sha256`);
      expect(await sha256.text()).to.equal(createHash('sha256').update(jar.bytes).digest('hex'));
      const head = await request('maven', `${folder}/1.0/${jar.name}`, { method: 'HEAD' });
      expect(head.headers.get('content-length')).to.equal(String(jar.bytes.length));
    });

    it(`lets the real Maven take what was put${maven === true ? '' : ` (left out: ${maven})`}`, async function () {
      if (maven !== true) this.skip();
      const artifact = { group, name: 'tool', version: '1.0' };
      const { jar, pom } = await makeJarAndPom(artifact);
      await put(`com/example/tool/1.0/${jar.name}`, jar.bytes);
      await put(`com/example/tool/1.0/${pom.name}`, pom.bytes);
      const early = await temporary();
      expect(await mavenResolve(early, registry('maven'), artifact).catch(String)).to.contain(
        'Could not find artifact',
      );
      await put('com/example/tool/maven-metadata.xml', makeMavenMetadata({ group, name: 'tool', versions: ['1.0'] }));
      expect(await mavenResolve(await temporary(), registry('maven'), artifact)).to.deep.equal(jar.bytes);
      codeartifact.faults.push(flipByte({ at: 40 }, { on: 'other', path: /\.jar$/ }));
      const damaged = mavenResolve(await temporary(), registry('maven'), artifact);
      expect(await damaged.catch(String)).to.contain('Checksum validation failed');
    });

    it('lists in the metadata what is published', async () => {
      const add = (version: string, day: number) => {
        const assets = { [`tool-${version}.jar`]: version };
        const publishedAt = new Date(Date.UTC(2026, 0, day));
        const name = { format: 'maven', namespace: group, package: 'tool' } as const;
        return codeartifact.addVersion(libraries, { ...name, version, assets, publishedAt });
      };
      add('1.9', 1);
      add('1.10', 2);
      codeartifact.setStatus(add('2.0', 3), 'Unlisted');
      const text = await (await request('maven', 'com/example/tool/maven-metadata.xml')).text();
      expect([...text.matchAll(/<version>(.*?)<\/version>/g)].map(([, version]) => version)).to.deep.equal([
        '1.9',
        '1.10',
      ]);
      expect(text).to.contain('<release>1.10</release>').and.contain('<groupId>com.example</groupId>');
      const md5 = await (await request('maven', 'com/example/tool/maven-metadata.xml.md5')).text();
      expect(md5).to.equal(createHash('md5').update(text).digest('hex'));
    });

    it('refuses other content and wrong checksums', async () => {
      const jar = 'com/example/tool/1.0/tool-1.0.jar';
      expect([await put(jar, 'jar'), await put(jar, 'jar'), await put(jar, 'other')]).to.deep.equal([201, 201, 409]);
      expect(await put(`${jar}.sha1`, 'da39a3ee5e6b4b0d3255bfef95601890afd80709')).to.equal(400);
    });

    it('cuts an answer in the middle where a test wants it', async () => {
      const assets = { 'tool-1.0.jar': 'x'.repeat(100_000) };
      codeartifact.addVersion(libraries, {
        format: 'maven',
        namespace: group,
        package: 'tool',
        version: '1.0',
        assets,
      });
      codeartifact.faults.push(cutBody({ after: 1000, ending: 'reset' }, { on: 'other', path: /\.jar$/ }));
      const answer = await request('maven', 'com/example/tool/1.0/tool-1.0.jar');
      expect(await answer.text().catch(String)).to.contain('terminated');
    });
  });

  describe('PyPI', () => {
    async function upload(file: PackageFile, name: string, more: Record<string, string> = {}): Promise<number> {
      const sha256_digest = createHash('sha256').update(file.bytes).digest('hex');
      const said = { name, version: '1.0', filetype: 'bdist_wheel', metadata_version: '2.1', sha256_digest };
      const form = new FormData();
      const fields = { ':action': 'file_upload', protocol_version: '1', summary: 'Ours', ...said, ...more };
      for (const [key, value] of Object.entries(fields)) form.set(key, value);
      form.set('content', new Blob([new Uint8Array(file.bytes)]), file.name);
      return (await request('pypi', '', { method: 'POST', body: form })).status;
    }

    it('takes what twine uploads, under the normal form of its name', async () => {
      const options = { name: 'My_Tool', version: '1.0', padding: 200_000 };
      const [wheel, sdist] = [await makeWheel(options), await makeSdist(options)];
      expect([await upload(wheel, 'My_Tool'), await upload(sdist, 'My_Tool')]).to.deep.equal([200, 200]);
      const version = found('pypi', 'my-tool', '1.0');
      expect(version?.details).to.deep.include({ displayName: 'My_Tool', summary: 'Ours' });
      expect(await contentOf(version, 'my_tool-1.0-py3-none-any.whl')).to.deep.equal(wheel.bytes);
      expect(await contentOf(version, 'my_tool-1.0.tar.gz')).to.deep.equal(sdist.bytes);
      expect(await upload({ ...wheel, bytes: sdist.bytes }, 'My_Tool')).to.equal(409);
      expect(await upload({ ...wheel, name: 'x.whl' }, 'My_Tool', { sha256_digest: '00' })).to.equal(400);
    });

    it(`lets the real pip install a wheel and a source distribution${pip === true ? '' : ` (left out: ${pip})`}`, async function () {
      if (pip !== true) this.skip();
      this.timeout(60_000);
      const folder = await temporary();
      await upload(await makeWheel({ name: 'my-wheel', version: '1.0' }), 'my-wheel', { requires_python: '>=3.7' });
      await upload(await makeSdist({ name: 'my.source', version: '1.0' }), 'my.source', { filetype: 'sdist' });
      await pipInstall(folder, registry('pypi'), 'my-wheel', 'my-source==1.0');
      const said = await runPython(folder, 'import my_wheel, my_source; print(my_wheel.said, my_source.said)');
      expect(said).to.equal('my-wheel 1.0 my.source 1.0');
    });

    it('does not list what is not published', async () => {
      await upload(await makeWheel({ name: 'tool', version: '1.0' }), 'tool');
      const page = async () => (await request('pypi', 'simple/tool/')).text();
      expect(await page()).to.contain('tool-1.0-py3-none-any.whl#sha256=');
      codeartifact.setStatus(found('pypi', 'tool', '1.0')!, 'Unlisted');
      expect(await page()).not.to.contain('.whl');
      expect((await request('pypi', 'simple/tool/1.0/tool-1.0-py3-none-any.whl')).status).to.equal(200);
      expect((await request('pypi', 'simple/')).status).to.equal(404);
    });
  });

  describe('NuGet', () => {
    async function push({ bytes }: PackageFile): Promise<number> {
      const { resources } = (await (await request('nuget', 'v3/index.json')).json()) as {
        resources: { '@id': string; '@type': string }[];
      };
      const publish = resources.find((one) => one['@type'] === 'PackagePublish/2.0.0')?.['@id'] ?? '';
      const form = new FormData();
      form.set('package', new Blob([new Uint8Array(bytes)]), 'package.nupkg');
      const path = publish.slice(codeartifact.endpointOf(libraries, 'nuget').length);
      return (await request('nuget', path, { method: 'PUT', body: form })).status;
    }

    it('takes a pushed package under its normal name, and gives it back', async () => {
      const nupkg = await makeNupkg({ name: 'Acme.Tool', version: '1.02.0-Beta' });
      expect([await push(nupkg), await push(nupkg)]).to.deep.equal([201, 201]);
      const version = found('nuget', 'acme.tool', '1.2.0-Beta');
      expect(version?.details).to.deep.include({ displayName: 'Acme.Tool', summary: 'The package Acme.Tool' });
      expect([...(version?.assets.after() ?? [])].map(([name]) => name)).to.deep.equal(['acme.tool.1.2.0-beta.nupkg']);

      const flat = 'v3/flatcontainer/acme.tool';
      expect(await (await request('nuget', `${flat}/index.json`)).json()).to.deep.equal({ versions: ['1.2.0-beta'] });
      const read = await request('nuget', `${flat}/1.2.0-beta/acme.tool.1.2.0-beta.nupkg`);
      expect(Buffer.from(await read.arrayBuffer())).to.deep.equal(nupkg.bytes);
      const nuspec = await request('nuget', `${flat}/1.2.0-beta/acme.tool.nuspec`);
      expect(await nuspec.text()).to.contain('<id>Acme.Tool</id>');
      const registration = await (await request('nuget', 'v3/registration/acme.tool/index.json')).json();
      expect(registration).to.have.nested.property('items[0].items[0].catalogEntry.version', '1.2.0-Beta');
    });

    it('refuses another package in the place of one, and what is no package', async () => {
      await push(await makeNupkg({ name: 'Acme.Tool', version: '1.0.0' }));
      expect(await push(await makeNupkg({ name: 'Acme.Tool', version: '1.0.0', padding: 10 }))).to.equal(409);
      expect(await push({ name: 'x', bytes: Buffer.from('no zip') })).to.equal(400);
    });
  });
});
