import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { Backups, thrice } from '../../../../support/backups.ts';
import { errorPacket, failWith } from '../../../../support/git-faults.ts';
import { addCommit, git, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { useServed } from './served.ts';

describe('a server that fails or changes', () => {
  const serve = useServed();
  const folder = useTemporaryFolders();

  for (const [status, code, transient] of [
    [400, 'Unavailable', false],
    [401, 'AccessDenied', false],
    [403, 'AccessDenied', false],
    [404, 'SourceMissing', false],
    [410, 'SourceMissing', false],
    [413, 'Unavailable', false],
    [429, 'RateLimited', true],
    [451, 'SourceBlocked', false],
    [500, 'Unavailable', true],
    [503, 'Unavailable', true],
  ] as const)
    it(`is reported as ${code} when it answers ${status}, ${transient ? 'and asked again' : 'and not asked again'}`, async () => {
      const served = await serve();
      for (const on of ['info-refs', 'fetch'] as const) {
        const fault = failWith(
          { status, body: 'Because\u0007 I\nsay so.', headers: { 'content-type': 'text/plain' } },
          { on },
        );
        served.server.faults.splice(0, 1, fault);
        const error = await failureOf(served.takeThrice());
        expect(error).to.include({ code, transient });
        expect(error.message).to.include(String(status)).and.to.include('(Because\\x07 I say so.)');
        expect(fault.hits).to.equal(transient ? 3 : 1);
        expect(await served.backups.files()).to.deep.equal([]);
      }
    });

  for (const [status, code] of [
    [503, 'Unavailable'],
    [429, 'RateLimited'],
    [403, 'RateLimited'],
  ] as const)
    it(`succeeds when a ${status} with Retry-After is followed by an answer`, async () => {
      const served = await serve();
      served.server.faults.push(
        failWith({ status, retryAfter: 7 }, { on: 'info-refs', times: 1 }),
        failWith({ status, retryAfter: 8 }, { on: 'fetch', times: 1 }),
      );
      const taken = await served.takeThrice();
      expect(taken.retries.map((error) => [error.code, error.retryAfterMs])).to.deep.equal([
        [code, 7000],
        [code, 8000],
      ]);
      await served.backups.expectRestorable(taken, served.path);
      expect(await served.backups.files()).to.have.length(3);
    });

  it('is asked for its refs again when it says that it has lost one', async () => {
    const served = await serve();
    served.server.faults.push(
      errorPacket({ message: `upload-pack: not our ref ${'1'.repeat(40)}` }, { on: 'fetch', times: 1 }),
    );
    const taken = await served.takeThrice();
    expect(taken.retries.map((error) => error.code)).to.deep.equal(['RefMoved']);
    const listings = served.server.requests.filter(
      (request) => request.kind === 'info-refs' && !request.headers['git-protocol'],
    );
    expect(listings).to.have.length(2);
    await served.backups.expectRestorable(taken, served.path);
  });

  for (const protocol of ['v2', 'v0'] as const)
    it(`may lose a commit between the list of refs and the fetch: the snapshot is of the refs as they are then (${protocol})`, async () => {
      let rewritten = false;
      const served = await serve(
        { commits: 3 },
        {
          protocol,
          intercept: async ({ kind }) => {
            if (kind !== 'fetch' || rewritten) return false;
            rewritten = true;
            await addCommit(served.path, { from: 'main~1', message: 'Rewritten' });
            await git(served.path, 'gc', '--quiet', '--prune=now');
            return false;
          },
        },
      );
      const taken = await served.takeThrice();
      expect(taken.retries.map((error) => error.code)).to.deep.equal(['RefMoved']);
      await served.backups.expectRestorable(taken, served.path);
    });

  it('may move a ref between the list of refs and the fetch: the snapshot is of the refs as they were listed', async () => {
    let moved = false;
    const served = await serve(undefined, {
      intercept: async ({ kind }) => {
        if (kind !== 'fetch' || moved) return false;
        moved = true;
        await addCommit(served.path, { branch: 'topic' });
        await addCommit(served.path, { branch: 'brand-new' });
        return false;
      },
    });
    const before = (await refsOf(served.path)).refs;
    const taken = await served.take();
    expect(new Map(Object.entries(taken.manifest.git!.refs!))).to.deep.equal(before);
    const restored = await served.backups.restore(taken, join(await folder(), 'restored.git'));
    expect((await refsOf(restored)).refs).to.deep.equal(before);
    const next = await served.take({ options: { heaviestChain: 9 } });
    expect(next.manifest.kind).to.equal('incremental');
    await served.backups.expectRestorable(next, served.path);
  });

  it('is refused when its repository is shallow', async () => {
    const served = await serve();
    const shallow = join(served.path, '..', 'shallow.git');
    await git('.', 'clone', '--quiet', '--bare', '--depth=1', `file://${served.path}`, shallow);
    const backups = new Backups(await folder());
    const error = await failureOf(backups.take(new LocalTransport(shallow), { options: { retry: thrice } }));
    expect(error).to.include({ code: 'SourceUnsupported', transient: false });
    expect(error.advice).to.include('git fetch --unshallow');
    expect(await backups.files()).to.deep.equal([]);
  });

  it('is refused when an object is missing from its repository', async () => {
    for (const protocol of ['v2', 'v0'] as const) {
      const served = await serve({ commits: 3 }, { protocol });
      const tree = await git(served.path, 'rev-parse', 'main~1^{tree}');
      await rm(join(served.path, 'objects', tree.slice(0, 2), tree.slice(2)));
      const error = await failureOf(served.takeThrice());
      expect(error.code).to.be.oneOf(['RemoteRefused', 'Truncated']);
      expect(await served.backups.files()).to.deep.equal([]);
    }
  });

  it('says why when it refuses in the Git protocol', async () => {
    for (const on of ['info-refs', 'fetch'] as const) {
      const served = await serve();
      served.server.faults.push(errorPacket({ message: 'This repository is \u001b[31mclosed' }, { on }));
      const error = await failureOf(served.takeThrice());
      expect(error).to.include({ code: 'RemoteRefused', transient: false });
      expect(error.message).to.equal('the Git server says: This repository is \\x1b[31mclosed');
      expect(await served.backups.files()).to.deep.equal([]);
    }
  });

  it('leaves what it had before as the newest snapshot when it says that the repository is gone', async () => {
    const served = await serve();
    const good = await served.take();
    const files = await served.backups.files();
    served.server.faults.push(failWith({ status: 404 }));
    expect((await failureOf(served.takeThrice())).code).to.equal('SourceMissing');
    expect(await served.backups.files()).to.deep.equal(files);
    served.server.faults.pop();
    expect((await served.take()).outcome).to.include({ outcome: 'unchanged', since: good.manifest.snapshot });
  });
});
