import { expect } from 'chai';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path, { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import sinon from 'sinon';
import { openBundle } from '#core/git/bundle.ts';
import { fetchPack, listRefs } from '#core/git/fetch.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { listForPush, push } from '#core/git/push.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';
import { collect, failureOf, streamOf } from '../../../support/streams.ts';

describe('LocalTransport', () => {
  const folder = useTemporaryFolders();
  const { PATH } = process.env;

  afterEach(() => {
    process.env['PATH'] = PATH;
  });

  /** Puts a program in the place of git. */
  async function pretendGit(script: string): Promise<void> {
    const bin = await folder();
    await writeFile(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, 'git'), 0o755);
    process.env['PATH'] = `${bin}:${PATH ?? ''}`;
  }

  it('takes a name that begins with a dash for a folder, never for an option', async () => {
    const name = '--upload-pack=id';
    expect(new LocalTransport(name).address).to.equal(path.resolve(name));
    const transport = new LocalTransport(await createRepository(join(await folder(), name)));
    expect((await listRefs(transport)).refs.size).to.equal(1);
  });

  it('also takes a repository with a working tree', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { branches: ['topic'] });
    const clone = join(await folder(), 'clone');
    await git('.', 'clone', '--quiet', path, clone);
    expect((await listRefs(new LocalTransport(clone))).refs.has('refs/heads/main')).to.equal(true);
  });

  it('calls a repository missing that is not there, or that is none', async () => {
    const empty = await folder();
    for (const path of [empty, join(empty, 'nothing'), '/dev/null'])
      expect(await failureOf(listRefs(new LocalTransport(path)))).to.include({
        code: 'SourceMissing',
        transient: false,
      });
  });

  it('says that git is needed where there is none', async () => {
    process.env['PATH'] = await folder();
    const error = await failureOf(listRefs(new LocalTransport('.')));
    expect(error.code).to.equal('ToolMissing');
    expect(error.advice).to.include('Install git');
  });

  it('repeats what git says, and gives it no secret to say', async () => {
    process.env['CANARY_TOKEN'] = 's3cr3t-word';
    try {
      await pretendGit('env >&2; echo "fatal: out of luck" >&2; exit 128');
      const error = await failureOf(listRefs(new LocalTransport('.')));
      expect(error.code).to.equal('RemoteRefused');
      expect(error.message).to.include('fatal: out of luck').and.to.include('GIT_TERMINAL_PROMPT=0');
      expect(error.message).not.to.include('s3cr3t-word');
    } finally {
      delete process.env['CANARY_TOKEN'];
    }
  });

  it('does not take the end of a process that failed for the end of its answer', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    const listed = await collect(await new LocalTransport(path).advertisement('git-upload-pack', 0));
    const answer = join(await folder(), 'answer');
    await writeFile(answer, listed);
    await pretendGit(`cat ${answer}; echo "fatal: but then" >&2; exit 1`);
    const error = await failureOf(listRefs(new LocalTransport(path)));
    expect(error.message).to.include('but then');
  });

  it('gives up on a process that falls silent', async () => {
    await pretendGit('exec sleep 600');
    const error = await failureOf(listRefs(new LocalTransport('.', { stallMs: 50 })));
    expect(error).to.include({ code: 'Stalled', transient: true });
  });

  it('stops on request', async () => {
    const controller = new AbortController();
    await pretendGit('exec sleep 600');
    const running = failureOf(listRefs(new LocalTransport('.', { signal: controller.signal })));
    await turn();
    const reason = new HoldfastError('Interrupted', 'the time is up');
    controller.abort(reason);
    expect(await running).to.equal(reason);
  });

  it('runs no hooks of the repository', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { branches: ['topic'] });
    await mkdir(join(path, 'hooks'), { recursive: true });
    await writeFile(join(path, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n');
    await chmod(join(path, 'hooks/pre-receive'), 0o755);
    const transport = new LocalTransport(path);
    const listed = await listForPush(transport);
    const update = { name: 'refs/heads/topic', from: listed.refs.get('refs/heads/topic'), to: undefined };
    const outcome = await push(transport, listed, [update], { length: 0, chunks: streamOf() });
    expect(outcome.answers.get('refs/heads/topic')).to.deep.equal({ ok: true });
    expect((await refsOf(path)).refs.has('refs/heads/topic')).to.equal(false);
  });

  it('does not call it a stall when the pack that it is given comes slowly', async () => {
    const source = await createRepository(join(await folder(), 'app.git'), { commits: 3 });
    const bundle = `${source}.bundle`;
    await git(source, 'bundle', 'create', '--quiet', bundle, '--all');
    const { header, headerBytes, pack } = await openBundle(streamOf(await readFile(bundle)));
    const bytes = await collect(pack);
    expect(headerBytes).to.be.greaterThan(0);
    const transport = new LocalTransport(await createRepository(join(await folder(), 'to.git'), { commits: 0 }));
    const listed = await listForPush(transport);
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const slow = async function* (): AsyncGenerator<Buffer> {
        for (const part of [bytes.subarray(0, 20), bytes.subarray(20, 40), bytes.subarray(40)]) {
          for (let turns = 0; turns < 20; turns++) await turn();
          clock.tick(59_000);
          yield part;
        }
      };
      const updates = [...header.refs].map(([name, to]) => ({ name, from: undefined, to }));
      const outcome = await push(transport, listed, updates, { length: bytes.length, chunks: slow() });
      expect([...outcome.answers.values()]).to.deep.equal([{ ok: true }]);
    } finally {
      clock.restore();
    }
  });

  it('ends the process when the answer is left in the middle', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    const mark = join(await folder(), 'pids');
    await pretendGit(`echo $$ >> ${mark}\nPATH='${PATH ?? ''}' exec git "$@"`);
    const transport = new LocalTransport(path);
    const listed = await listRefs(transport);
    const enough = new HoldfastError('TooLarge', 'enough');
    const request = { wants: [...listed.refs.values()], haves: [], offsetDeltas: true };
    const fetched = fetchPack(transport, listed, request, () => Promise.reject(enough));
    expect(await failureOf(fetched)).to.equal(enough);
    const pids = (await readFile(mark, 'utf8')).trim().split('\n').map(Number);
    expect(pids).to.have.length(3);
    // Ends only when they have ended.
    while (pids.some(isRunning)) await sleep(10);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
