import { join } from 'node:path';
import { expect } from 'chai';
import { userAgent } from '#core/runtime/version.ts';
import { Backups, useHttp } from '../../../../support/backups.ts';
import { advertiseOnly, codeCommitCapabilities, linesOf } from '../../../../support/capabilities.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../../../../support/git-server.ts';
import { bodyText } from '../../../../support/recorded-request.ts';
import { addCommit, createRepository, git, useTemporaryFolders } from '../../../../support/repositories.ts';

describe('the requests of a backup', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  const servers: GitServer[] = [];

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function set(options: Omit<GitServerOptions, 'root'> = {}) {
    const root = await folder();
    const path = await createRepository(join(root, 'app.git'), {
      commits: 3,
      branches: ['topic'],
      annotatedTags: ['v1'],
    });
    const server = await startGitServer({ root, ...options });
    servers.push(server);
    const transport = http(`${server.url}/app.git`);
    return { path, server, backups: new Backups(await folder()), transport };
  }

  /** What was asked since the last look: `GET` alone is protocol 0, `GET 2` protocol 2. */
  function asked(server: GitServer): string[] {
    return server.requests.splice(0).map(({ method, headers, kind }) => {
      const version = headers['git-protocol'] === undefined ? '' : ` ${String(headers['git-protocol']).slice(-1)}`;
      return `${method}${version} ${kind}`;
    });
  }

  const listing = 'GET info-refs';
  const fetching = ['GET 2 info-refs', 'POST 2 fetch'];

  it('are one for a repository that has not changed', async () => {
    const { server, backups, transport, path } = await set();
    await backups.take(transport);
    expect(asked(server)).to.deep.equal([listing, ...fetching]);
    for (let day = 0; day < 3; day++) {
      expect((await backups.take(transport)).outcome.outcome).to.equal('unchanged');
      expect(asked(server)).to.deep.equal([listing]);
    }
    await git(path, 'tag', 'new', 'main');
    expect((await backups.take(transport)).manifest.kind).to.equal('incremental');
    expect(asked(server), 'a ref on a commit that is held needs no pack').to.deep.equal([listing]);
  });

  it('are one fetch for all that is new, and one more for each branch that moved, to see whether it was rewritten', async () => {
    const { server, backups, transport, path } = await set();
    await backups.take(transport);
    asked(server);
    await addCommit(path, { branch: 'brand-new' });
    await backups.take(transport);
    expect(asked(server)).to.deep.equal([listing, ...fetching]);
    await addCommit(path);
    await addCommit(path, { branch: 'topic' });
    await backups.take(transport);
    expect(asked(server)).to.deep.equal([listing, ...fetching, ...fetching, 'POST 2 fetch']);
  });

  it('speak protocol 0 where that is all there is', async () => {
    const { server, backups, transport, path } = await set({ protocol: 'v0' });
    await backups.take(transport);
    // The offer of protocol 2 is made, and not taken.
    expect(asked(server)).to.deep.equal([listing, 'GET 2 info-refs', 'POST fetch']);
    await addCommit(path);
    await backups.expectRestorable(await backups.take(transport), path);
  });

  it('ask each object once, with what is held, and never for a thin pack', async () => {
    const { server, backups, transport, path } = await set();
    await git(path, 'branch', 'same-commit', 'main');
    const before = await git(path, 'rev-parse', 'main', 'topic', 'v1');
    await backups.take(transport);
    const after = await addCommit(path);
    await backups.take(transport);
    const [full, increment] = fetchesOf(server);
    expect(full!.filter((line) => line.startsWith('want ')).sort()).to.deep.equal(
      before
        .split('\n')
        .map((oid) => `want ${oid}`)
        .sort(),
    );
    expect(full!.some((line) => line.startsWith('have '))).to.equal(false);
    expect(increment!.filter((line) => line.startsWith('want '))).to.deep.equal([`want ${after}`]);
    expect(increment!.filter((line) => line.startsWith('have ')).sort()).to.deep.equal(
      before
        .split('\n')
        .map((oid) => `have ${oid}`)
        .sort(),
    );
    for (const lines of [full!, increment!])
      expect(lines.filter((line) => !/^(want|have) /.test(line))).to.deep.equal([
        'command=fetch',
        `agent=${userAgent}`,
        'object-format=sha1',
        '0001',
        'no-progress',
        'ofs-delta',
        'done',
        '0000',
      ]);
  });

  it('leave out offset deltas when they are not wanted', async () => {
    for (const protocol of ['v2', 'v0'] as const) {
      const { server, backups, transport } = await set({ protocol });
      await backups.take(transport, { options: { offsetDeltas: false } });
      expect(fetchesOf(server)[0]!.join(' ')).not.to.include('ofs-delta');
    }
  });

  for (const [offered, spoken] of [
    [codeCommitCapabilities, ['multi_ack_detailed', 'side-band-64k']],
    [
      ['side-band', 'ofs-delta'],
      ['side-band', 'ofs-delta'],
    ],
    [
      ['side-band', 'side-band-64k', 'agent=git/1.9', 'no-progress'],
      ['side-band-64k', 'no-progress', `agent=${userAgent}`],
    ],
    [[], []],
  ] as const)
    it(`say nothing that was not offered: ${offered.join(' ') || 'no capability at all'}`, async () => {
      const { path, server, backups, transport } = await set({ protocol: 'v0', faults: [advertiseOnly(...offered)] });
      const take = async (kind: string) => {
        const taken = await backups.take(transport);
        expect(taken.manifest.kind).to.equal(kind);
        // Without the capability `symref` the server does not say where HEAD points.
        expect(taken.manifest.git?.head.type).to.equal('detached');
        await git(path, 'fsck');
        await backups.restore(taken, join(await folder(), 'restored.git'));
      };
      await take('full');
      await addCommit(path);
      await take('incremental');
      for (const lines of fetchesOf(server)) {
        const [first = '', ...others] = lines;
        expect(first.split(' ').slice(2)).to.deep.equal(spoken);
        for (const line of others) expect(line).to.match(/^((want|have) [0-9a-f]{40}|done|0000)$/);
      }
    });

  it('bear up against a server that acknowledges more than one commit', async () => {
    // Git does so, without multi_ack too, when a commit and its parent are both held.
    for (const capabilities of [['side-band-64k'], []]) {
      const { path, backups, transport } = await set({ protocol: 'v0', faults: [advertiseOnly(...capabilities)] });
      await git(path, 'branch', 'behind', 'main~1');
      await git(path, 'branch', 'far-behind', 'main~2');
      await backups.take(transport);
      await addCommit(path);
      const taken = await backups.take(transport);
      expect(taken.manifest.kind).to.equal('incremental');
      await backups.restore(taken, join(await folder(), 'restored.git'));
    }
  });
});

function fetchesOf(server: GitServer): string[][] {
  return server.requests.filter(({ kind }) => kind === 'fetch').map((request) => linesOf(bodyText(request)));
}
