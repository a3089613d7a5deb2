import { expect } from 'chai';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBundle, type BundleHeader } from '#core/git/bundle.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import {
  adviceOnRefusal,
  listForPush,
  push,
  type PackSource,
  type PushOutcome,
  type RefUpdate,
} from '#core/git/push.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { useHttp } from '../../../support/backups.ts';
import { advertiseOnly } from '../../../support/capabilities.ts';
import { cutBody, failWith } from '../../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../../support/git-server.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';
import { collect, failureOf, streamOf } from '../../../support/streams.ts';

describe('push', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  let root: string;
  let server: GitServer;
  let targets = 0;
  let source: { path: string; bundle: string };

  before(async () => {
    root = await folder();
    const path = await createRepository(join(root, 'source.git'), {
      commits: 4,
      branches: ['topic'],
      annotatedTags: ['v1'],
      pulls: 1,
    });
    source = { path, bundle: await bundleOf(path) };
  });

  beforeEach(async () => {
    server = await startGitServer({ root });
  });

  afterEach(() => server.close());

  async function bundleOf(path: string): Promise<string> {
    const bundle = `${path}.bundle`;
    await git(path, 'bundle', 'create', '--quiet', bundle, '--all');
    return bundle;
  }

  async function packIn(bundle: string): Promise<{ header: BundleHeader; pack: PackSource }> {
    const { header, headerBytes, pack } = await openBundle(createReadStream(bundle, { highWaterMark: 1000 }));
    return { header, pack: { length: (await stat(bundle)).size - headerBytes, chunks: pack } };
  }

  async function target(shape: Parameters<typeof createRepository>[1] = { commits: 0 }) {
    const name = `target-${(targets += 1)}.git`;
    const path = await createRepository(join(root, name), shape);
    return { path, transport: http(`${server.url}/${name}`) };
  }

  /** Everything that the source has, to a place that may have some of it. */
  async function pushAll(transport: Transport, more: RefUpdate[] = [], bundle = source.bundle): Promise<PushOutcome> {
    const { header, pack } = await packIn(bundle);
    const listed = await listForPush(transport);
    const updates = [...header.refs].map(([name, to]) => ({ name, from: listed.refs.get(name), to }));
    return push(transport, listed, [...updates, ...more], pack);
  }

  const refused = (outcome: PushOutcome) =>
    Object.fromEntries([...outcome.answers].flatMap(([name, result]) => (result.ok ? [] : [[name, result.reason]])));

  it('repeats what a hook of the server says, and knows when it is about large files', async () => {
    const to = await target();
    await mkdir(join(to.path, 'hooks'), { recursive: true });
    const said = 'error: GH008: Your push referenced at least 2 unknown Git LFS objects:';
    const hook = `#!/bin/sh\nprintf '%s\\n' "${said}" "$(printf 'x%.0s' $(seq 9000))" "${said}" >&2; exit 1\n`;
    await writeFile(join(to.path, 'hooks/pre-receive'), hook, { mode: 0o755 });
    const outcome = await pushAll(to.transport);
    expect(new Set(Object.values(refused(outcome)))).to.deep.equal(new Set(['pre-receive hook declined']));
    expect(outcome.said.at(-1)).to.equal(said);
    expect(outcome.said.join('').length).to.be.below(5000);
    expect(adviceOnRefusal(outcome.said)).to.include('git lfs push --all');
  });

  for (const way of ['http', 'a local path'])
    describe(`over ${way}`, () => {
      const through = (to: { path: string; transport: Transport }): Transport =>
        way === 'http' ? to.transport : new LocalTransport(to.path);

      it('fills an empty repository', async () => {
        const to = await target();
        const outcome = await pushAll(through(to));
        const { refs } = await refsOf(source.path);
        expect([...outcome.answers.keys()].sort()).to.deep.equal([...refs.keys()].sort());
        expect(refused(outcome)).to.deep.equal({});
        expect((await refsOf(to.path)).refs).to.deep.equal(refs);
        await git(to.path, 'fsck', '--strict');
      });

      it('reports each ref that the target refuses, and moves the others', async () => {
        const to = await target();
        await git(to.path, 'config', 'receive.hideRefs', 'refs/pull');
        const outcome = await pushAll(through(to));
        expect(Object.keys(refused(outcome)).sort()).to.deep.equal(['refs/pull/1/head', 'refs/pull/1/merge']);
        expect(refused(outcome)['refs/pull/1/head']).to.include('hidden ref');
        expect([...(await refsOf(to.path)).refs.keys()]).to.deep.equal([
          'refs/heads/main',
          'refs/heads/topic',
          'refs/tags/v1',
        ]);
      });

      it('reports a pack that the target cannot use, and moves nothing', async () => {
        const to = await target();
        const transport = through(to);
        const { header, pack } = await packIn(source.bundle);
        const bytes = await collect(pack.chunks);
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 30) ^ 0xff, bytes.length - 30);
        const updates = [...header.refs].map(([name, oid]) => ({ name, from: undefined, to: oid }));
        const pushed = push(transport, await listForPush(transport), updates, {
          length: bytes.length,
          chunks: streamOf(bytes),
        });
        const error = await failureOf(pushed);
        expect(error).to.include({ code: 'RemoteRefused' });
        expect(error.message).to.include('could not use the pack');
        expect((await refsOf(to.path)).refs.size).to.equal(0);
      });

      it('repeats what the target says of its reasons, once and without its progress', async () => {
        const to = await target();
        await git(to.path, 'config', 'receive.fsckObjects', 'true');
        await git(to.path, 'config', 'receive.maxInputSize', '100');
        const error = await failureOf(pushAll(through(to)));
        expect(error.code).to.equal('RemoteRefused');
        expect(error.message).to.include('pack exceeds maximum allowed size').and.not.to.include('%');
        expect(error.advice).to.include('a limit on sizes');
      });

      it('fails with the error of the source when that breaks off, and moves nothing', async () => {
        const to = await target();
        const transport = through(to);
        const { header, pack } = await packIn(source.bundle);
        const damaged = new HoldfastError('Damaged', 'the vault is damaged');
        const breaking = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of pack.chunks) {
            yield Buffer.from(chunk);
            throw damaged;
          }
        };
        const updates = [...header.refs].map(([name, oid]) => ({ name, from: undefined, to: oid }));
        const pushed = push(transport, await listForPush(transport), updates, {
          length: pack.length,
          chunks: breaking(),
        });
        expect(await failureOf(pushed)).to.equal(damaged);
        expect((await refsOf(to.path)).refs.size).to.equal(0);
      });
    });

  it('announces its exact length, so that it needs no chunked encoding', async () => {
    const to = await target();
    await pushAll(to.transport);
    const { headers, bodyBytes } = server.requests.at(-1)!;
    expect(headers).not.to.have.property('transfer-encoding');
    expect(Number(headers['content-length'])).to.equal(bodyBytes);
    expect(bodyBytes).to.be.greaterThan((await packIn(source.bundle)).pack.length ?? Infinity);
  });

  it('removes refs, and sends no pack when nothing else is asked', async () => {
    const to = await target({ commits: 1, branches: ['old'] });
    const { refs } = await refsOf(to.path);
    const remove = [{ name: 'refs/heads/old', from: refs.get('refs/heads/old'), to: undefined }];
    const nothing: PackSource = { length: 1000, chunks: streamOf(Buffer.from('never read')) };
    const listed = await listForPush(to.transport);
    expect(refused(await push(to.transport, listed, remove, nothing))).to.deep.equal({});
    expect([...(await refsOf(to.path)).refs.keys()]).to.deep.equal(['refs/heads/main']);
    expect(server.requests.at(-1)?.bodyBytes).to.be.lessThan(500);
  });

  for (const [what, config, change, reason] of [
    ['a removal that it forbids', 'receive.denyDeletes', { to: undefined }, 'deletion prohibited'],
    ['a step backwards that it forbids', 'receive.denyNonFastForwards', {}, 'non-fast-forward'],
    ['a ref that somebody else moved meanwhile', '', { from: '1'.repeat(40) }, ''],
  ] as const)
    it(`reports ${what}`, async () => {
      const to = await target({ commits: 4 });
      const { refs } = await refsOf(to.path);
      const before = refs.get('refs/heads/main')!;
      const older = await git(to.path, 'rev-parse', 'main~2');
      if (config !== '') await git(to.path, 'config', config, 'true');
      const listed = await listForPush(to.transport);
      const { pack } = await packIn(source.bundle);
      const update = { name: 'refs/heads/main', from: before, to: older, ...change };
      const outcome = await push(to.transport, listed, [update], pack);
      expect(refused(outcome)['refs/heads/main']).to.be.a('string').and.to.include(reason);
      expect((await refsOf(to.path)).refs).to.deep.equal(refs);
    });

  it('reports the branch that is checked out in the target', async () => {
    const path = join(root, `target-${(targets += 1)}`);
    await git(root, 'init', '--quiet', '--initial-branch=main', path);
    await addCommit(path);
    const outcome = await pushAll(new LocalTransport(path));
    expect(Object.keys(refused(outcome))).to.deep.equal(['refs/heads/main']);
    expect(refused(outcome)['refs/heads/main']).to.include('checked out');
    expect((await refsOf(path)).refs.has('refs/heads/topic')).to.equal(true);
  });

  it('knows SHA-256 repositories', async () => {
    const path = await createRepository(join(root, 'sha256.git'), { commits: 2, objectFormat: 'sha256' });
    const to = await target({ commits: 0, objectFormat: 'sha256' });
    expect(refused(await pushAll(to.transport, [], await bundleOf(path)))).to.deep.equal({});
    expect((await refsOf(to.path)).refs).to.deep.equal((await refsOf(path)).refs);
  });

  it('passes over what the hooks of the target print', async () => {
    const to = await target();
    await mkdir(join(to.path, 'hooks'), { recursive: true });
    await writeFile(
      join(to.path, 'hooks/pre-receive'),
      '#!/bin/sh\necho ng refs/heads/main I am only talking\necho more >&2\n',
    );
    await chmod(join(to.path, 'hooks/pre-receive'), 0o755);
    expect(refused(await pushAll(to.transport))).to.deep.equal({});
  });

  it('reads a report without side-band', async () => {
    const to = await target();
    server.faults.push(advertiseOnly('report-status', 'delete-refs'));
    await git(to.path, 'config', 'receive.hideRefs', 'refs/pull');
    expect(Object.keys(refused(await pushAll(to.transport)))).to.have.length(2);
  });

  it('is refused, before anything is sent, by a target that would not report', async () => {
    const to = await target();
    server.faults.push(advertiseOnly('side-band-64k'));
    expect((await failureOf(pushAll(to.transport))).code).to.equal('SourceUnsupported');
    expect(server.requests.map(({ kind }) => kind)).to.deep.equal(['info-refs']);
  });

  it('is not taken for done when the report is cut', async () => {
    for (const after of [0, 3, 4, 20, 40]) {
      const to = await target();
      server.faults.splice(0, 1, cutBody({ after, ending: 'end' }, { on: 'receive-pack' }));
      expect(await failureOf(pushAll(to.transport)), `after ${after} bytes`).to.include({
        code: 'Truncated',
        transient: true,
      });
    }
  });

  it('says that the credentials may only read', async () => {
    const to = await target();
    server.faults.push(failWith({ status: 403, body: 'read only' }, { on: 'receive-pack' }));
    const error = await failureOf(pushAll(to.transport));
    expect(error.code).to.equal('AccessDenied');
    expect(error.advice).to.include('not write');
  });
});
