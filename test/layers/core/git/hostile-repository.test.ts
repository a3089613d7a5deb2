/** Repositories on this machine that somebody else filled: nothing that they name is run when they are read or written. */
import { access, appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { copyRepository } from '#core/git/copy.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { runGit } from '#core/git/native.ts';
import { allRefs } from '#core/git/refs.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';

describe('a hostile repository on this machine', () => {
  const folder = useTemporaryFolders();

  /** A program that leaves a sign when it is run. */
  async function command(): Promise<{ program: string; ran: () => Promise<boolean> }> {
    const place = await folder();
    const sign = join(place, 'sign');
    const program = join(place, 'program');
    await writeFile(program, `#!/bin/sh\ntouch ${sign}\nexit 1\n`, { mode: 0o755 });
    return {
      program,
      ran: () =>
        access(sign).then(
          () => true,
          () => false,
        ),
    };
  }

  /** All settings by which a repository names programs that git may come to run while it serves it. */
  const settings = (program: string): [string, string][] => [
    ['core.fsmonitor', program],
    ['core.pager', program],
    ['core.alternateRefsCommand', program],
    ['core.sshCommand', program],
    ['core.gitProxy', program],
    ['core.askPass', program],
    ['credential.helper', program],
    ['uploadpack.packObjectsHook', program],
    ['gc.recentObjectsHook', program],
    ['gc.auto', '1'],
    ['receive.autoGc', 'true'],
    ['receive.procReceiveRefs', 'refs/for/'],
    ['receive.denyCurrentBranch', 'updateInstead'],
    ['filter.evil.smudge', program],
    ['filter.evil.process', program],
    ['extensions.partialClone', 'origin'],
    ['remote.origin.url', '.'],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.uploadpack', program],
    ['protocol.allow', 'always'],
    ['protocol.file.allow', 'always'],
  ];

  async function makeHostile(path: string, program: string): Promise<void> {
    await git(path, 'config', 'core.repositoryFormatVersion', '1');
    for (const [name, value] of settings(program)) await git(path, 'config', name, value);
    const inside = await git(path, 'rev-parse', '--absolute-git-dir');
    await mkdir(join(inside, 'hooks'), { recursive: true });
    const hooks = ['pre-receive', 'update', 'post-receive', 'post-update', 'proc-receive', 'push-to-checkout'];
    for (const hook of [...hooks, 'reference-transaction', 'pre-auto-gc', 'post-checkout', 'post-index-change']) {
      await writeFile(join(inside, 'hooks', hook), `#!/bin/sh\nexec ${program}\n`);
      await chmod(join(inside, 'hooks', hook), 0o755);
    }
  }

  it('is read without running anything, also where objects are missing that it promises', async () => {
    const { program, ran } = await command();
    const source = await createRepository(join(await folder(), 'source.git'), { commits: 2 });
    const target = await createRepository(join(await folder(), 'target.git'), { commits: 0 });
    await makeHostile(source, program);
    const request = { refs: allRefs, force: [], hidden: [], needsLength: false };
    const copied = await copyRepository({
      ...request,
      from: new LocalTransport(source),
      to: new LocalTransport(target),
    });
    expect(copied.copied).to.deep.equal(['refs/heads/main']);
    await writeFile(join(source, 'packed-refs'), `${'1'.repeat(40)} refs/heads/promised\n`);
    await failureOf(copyRepository({ ...request, from: new LocalTransport(source), to: new LocalTransport(target) }));
    expect(await ran()).to.equal(false);
  });

  it('is written into without running anything, and its files in a working tree stay', async () => {
    const { program, ran } = await command();
    const source = await createRepository(join(await folder(), 'source.git'), {
      commits: 2,
      branches: ['topic'],
      files: { '.gitattributes': '* filter=evil\n' },
    });
    const other = await createRepository(join(await folder(), 'other.git'), { seed: 'other' });
    const target = join(await folder(), 'target');
    await git('.', 'clone', '--quiet', source, target);
    await appendFile(join(target, '.git', 'objects', 'info', 'alternates'), `${join(other, 'objects')}\n`);
    await makeHostile(target, program);
    const moved = await addCommit(source);
    const copied = await copyRepository({
      from: new LocalTransport(source),
      to: new LocalTransport(target),
      refs: allRefs,
      force: [],
      hidden: [],
      needsLength: false,
    });
    expect(await ran()).to.equal(false);
    expect(copied.copied).to.deep.equal(['refs/heads/topic']);
    expect(copied.refused.map(({ name }) => name)).to.deep.equal(['refs/heads/main']);
    expect((await refsOf(join(target, '.git'))).refs.get('refs/heads/main')).not.to.equal(moved);
  });

  it("that was taken for one of ours has no say by a common folder, nor by its user's settings", async () => {
    const { program, ran } = await command();
    const path = await createRepository(join(await folder(), 'ours.git'), {
      files: { '.gitattributes': '* filter=evil\n' },
    });
    const oid = await git(path, 'rev-parse', 'main');
    await mkdir(join(path, 'common'));
    await writeFile(join(path, 'commondir'), './common\n');
    for (const [name, value] of settings(program))
      await git('.', 'config', '--file', join(path, 'common', 'config'), name, value);
    const files = await folder();
    await runGit(['read-tree', '--reset', '-u', oid], { repository: { folder: path, files } });
    await runGit(['rev-list', '--objects', oid], { repository: { folder: path } });
    const missing = '1'.repeat(40);
    const { code } = await runGit(['cat-file', '-e', missing], { repository: { folder: path }, accept: [1, 128] });
    expect(code).not.to.equal(0);
    expect(await ran()).to.equal(false);
  });
});
