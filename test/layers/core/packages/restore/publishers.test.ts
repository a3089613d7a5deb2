import { expect } from 'chai';
import fc from 'fast-check';
import { formBody } from '#core/packages/publish/multipart.ts';
import { npmBody } from '#core/packages/publish/npm-document.ts';
import { publishMaven } from '#core/packages/publish/publish-maven.ts';
import { publishNuget } from '#core/packages/publish/publish-nuget.ts';
import { publishRuby } from '#core/packages/publish/publish-ruby.ts';
import { publishSwift } from '#core/packages/publish/publish-swift.ts';
import { failureOf, streamOf } from '../../../../support/streams.ts';
import { contentOf } from '../../../../support/vault-content.ts';
import { bodyBytes, publishBy, readForm, versionInMemory } from './small-registry.ts';

const gem = versionInMemory(
  { format: 'ruby', namespace: undefined, name: 'kit', version: '1.0' },
  { 'kit-1.0.gem': contentOf(5_000), 'kit-1.0-java.gem': 'for Java' },
);

describe('publishing to the registry of a format', () => {
  it('pushes every gem of a version with its length announced, and the token in the header alone', async () => {
    const came = await publishBy(publishRuby, gem);
    expect(came.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'POST /registry/api/v1/gems',
      'POST /registry/api/v1/gems',
    ]);
    expect(came[0]!.body.equals(contentOf(5_000))).to.equal(true);
    expect(came[0]!.headers).to.deep.include({
      'content-length': '5000',
      authorization: 'Bearer the token of the small registry',
    });
  });

  it('puts the source archive of a Swift package in a form', async () => {
    const place = { format: 'swift', namespace: 'acme', name: 'Kit', version: '1.0.0' } as const;
    const [came] = await publishBy(publishSwift, versionInMemory(place, { 'Kit.zip': 'the archive' }));
    expect(`${came!.method} ${came!.path}`).to.equal('PUT /registry/acme/Kit/1.0.0');
    expect(came!.headers['accept']).to.equal('application/vnd.swift.registry.v1+json');
    const { files } = await readForm(came!.body, String(came!.headers['content-type']));
    expect(files).to.deep.equal([['source-archive', 'Kit.zip', 'the archive']]);
  });

  it('sends a body again after the registry was too busy for it', async () => {
    const came = await publishBy(publishRuby, gem, [
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 502 },
      { status: 201 },
    ]);
    expect(came).to.have.length(4);
    expect(came.slice(0, 3).every(({ body }) => body.equals(contentOf(5_000)))).to.equal(true);
  });

  it('says of a refusal what the registry says, without its control characters and our token', async () => {
    const token = 'a token that is repeated';
    const answer = { status: 422, body: `no \u001b[31m${token}\n` };
    const error = await failureOf(publishBy(publishRuby, gem, [answer], token));
    expect(error.code).to.equal('RemoteRefused');
    expect(error.message).to.match(/^cannot publish kit-1\.0\.gem of kit 1\.0: the registry answers 422 \(no /);
    expect(error.message).to.include('***').and.not.include(token).and.not.include('\u001b');
  });

  it('says what has to be allowed where it is refused twice', async () => {
    const error = await failureOf(publishBy(publishRuby, gem, [{ status: 401 }]));
    expect(error.code).to.equal('AccessDenied');
    expect(error.message).to.include('it needs codeartifact:PublishPackageVersion on the package');
  });

  it('shows its token to no other host, though the registry names one', async () => {
    const place = { format: 'nuget', namespace: undefined, name: 'kit', version: '1.0.0' } as const;
    const index = { resources: [{ '@id': 'https://evil.example/push', '@type': 'PackagePublish/2.0.0' }] };
    const answer = { status: 200, body: JSON.stringify(index) };
    const error = await failureOf(
      publishBy(publishNuget, versionInMemory(place, { 'kit.1.0.0.nupkg': 'x' }), [answer]),
    );
    expect(error.code).to.equal('ProtocolViolation');
    expect(error.message).to.include('https://evil.example');
  });

  it('follows no redirection', async () => {
    const away = { status: 307, headers: { location: 'https://evil.example/' } };
    expect((await failureOf(publishBy(publishRuby, gem, [away]))).code).to.equal('RemoteRefused');
  });

  it('lets no name lead to another address', async () => {
    const publish = publishMaven(() => Promise.resolve(new Set<string>()));
    for (const [namespace, version] of [
      ['com..evil', '1.0'],
      ['com', '..'],
    ] as const) {
      const place = { format: 'maven', namespace, name: 'kit', version } as const;
      const error = await failureOf(publishBy(publish, versionInMemory(place, { 'kit.jar': 'x' })));
      expect(error.code).to.equal('SourceUnsupported');
    }
  });

  it('refuses the builds of a Maven snapshot, and publishes its newest with metadata', async () => {
    const publish = publishMaven(() => Promise.resolve(new Set<string>()));
    const place = { format: 'maven', namespace: 'com.example', name: 'kit' } as const;
    const build = '1.0-20260102.030405-2';
    const error = await failureOf(
      publishBy(publish, versionInMemory({ ...place, version: build }, { [`kit-${build}.jar`]: 'x' })),
    );
    expect(error.code).to.equal('SourceUnsupported');
    const files = { [`kit-${build}.jar`]: 'jar', [`kit-${build}-sources.jar`]: 'src', [`kit-${build}.pom`]: 'pom' };
    const came = await publishBy(publish, versionInMemory({ ...place, version: '1.0-SNAPSHOT' }, files));
    const bodies = new Map(
      came.map(({ path, body }) => [path.replace('/registry/com/example/kit/', ''), body.toString()]),
    );
    expect(bodies.get(`1.0-SNAPSHOT/kit-${build}.jar`)).to.equal('jar');
    expect(bodies.get(`1.0-SNAPSHOT/kit-${build}.jar.md5`)).to.equal('68995fcbf432492d15484d04a9d2ac40');
    const metadata = bodies.get('1.0-SNAPSHOT/maven-metadata.xml') ?? '';
    expect(metadata).to.include('<timestamp>20260102.030405</timestamp>').and.include('<buildNumber>2</buildNumber>');
    expect(metadata).to.match(/<classifier>sources<\/classifier>\s*<extension>jar</);
    expect([...bodies.keys()].at(-1)).to.equal('maven-metadata.xml.sha1');
    expect(bodies.get('maven-metadata.xml')).to.include('<version>1.0-SNAPSHOT</version>').and.not.include('<release>');
  });

  it('puts a tarball into a document of the announced length, however its bytes come', async () => {
    const sizes = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (chunks) => {
        const bytes = Buffer.concat(chunks);
        const asset = { name: 'package.tgz', bytes: bytes.length, sha256: '', read: () => streamOf(...chunks) };
        const body = npmBody({ document: { name: '"a"' }, tarball: 'a-1.tgz' }, asset, () => undefined)();
        const sent = await bodyBytes(body);
        expect(sent.length).to.equal(body.length);
        const attachment = {
          content_type: 'application/octet-stream',
          length: bytes.length,
          data: bytes.toString('base64'),
        };
        expect(JSON.parse(sent.toString())).to.deep.equal({ name: '"a"', _attachments: { 'a-1.tgz': attachment } });
      }),
    );
  });

  it('writes forms that a server reads as they were meant, of the announced length', async () => {
    const fields: [string, string][] = [
      ['name', 'x'],
      ['classifiers', 'one'],
      ['classifiers', 'two "quoted"\r\nlines'],
    ];
    const file = { field: 'content', fileName: 'a"b.whl', bytes: 4, read: () => streamOf(Buffer.from('file')) };
    const { contentType, body } = formBody(fields, file);
    const sent = await bodyBytes(body());
    expect(sent.length).to.equal(body().length);
    expect(await readForm(sent, contentType)).to.deep.equal({
      files: [['content', 'a"b.whl', 'file']],
      fields: [
        ['name', 'x'],
        ['classifiers', 'one'],
        ['classifiers', 'two "quoted"\r\nlines'],
      ],
    });
  });
});
