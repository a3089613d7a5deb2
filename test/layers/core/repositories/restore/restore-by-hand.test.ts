import { execFile } from 'node:child_process';
import { access, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { snapshotPrefix } from '#core/vault/layout.ts';
import { addCommit, git, gitEnvironment, manyRefs, useTemporaryFolders } from '../../../../support/repositories.ts';
import { everything, expectSame, life, StoredRepository, type Stored } from './stored-repository.ts';

const script = fileURLToPath(new URL('restore-by-hand.sh', import.meta.url));

describe('a restore by hand, with sh, git and sha256sum alone', () => {
  const folder = useTemporaryFolders();
  let tools: string;

  before(async () => {
    tools = await folder();
    for (const name of ['sh', 'git', 'sha256sum', 'head', 'tail', 'sed', 'cut', 'paste', 'grep'])
      await symlink(await find(name), join(tools, name));
  });

  async function restoreByHand(stored: StoredRepository, { outcome }: Stored): Promise<string> {
    const target = join(await folder(), 'restored.git');
    const snapshot = snapshotPrefix(outcome.prefix, outcome.snapshot).slice(0, -1);
    await promisify(execFile)(join(tools, 'sh'), [script, stored.backups.folder, snapshot, target], {
      env: { ...gitEnvironment, PATH: tools },
    });
    return target;
  }

  it('gives every state of a chain, also when nothing has changed since', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain(life);
    for (const taken of [chain[0], chain[2]!, chain.at(-1)!, await stored.take()])
      await expectSame(await restoreByHand(stored, taken), taken.source);
  });

  it('gives a HEAD that is detached at commits which no ref reaches, one built on the other', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain([detach, detach, detach]);
    expect(chain.map(({ manifest }) => manifest.kind)).to.deep.equal([
      'full',
      'incremental',
      'incremental',
      'incremental',
    ]);
    for (const taken of chain) await expectSame(await restoreByHand(stored, taken), taken.source);
  });

  for (const [what, shape] of [
    ['whose HEAD is detached', { ...everything, head: 'detached' }],
    ['whose HEAD has no commit yet', { ...everything, head: 'unborn' }],
    ['of SHA-256 objects', { ...everything, objectFormat: 'sha256' }],
    ['that is empty', { commits: 0, defaultBranch: 'trunk' }],
  ] as const)
    it(`gives a repository ${what}`, async () => {
      const stored = await StoredRepository.create(await folder(), shape);
      const taken = await stored.take();
      await expectSame(await restoreByHand(stored, taken), taken.source);
    });

  it('gives refs of which only what has changed is listed, some created, some moved, some gone', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain([
      (path) => manyRefs(path, 2_000),
      async (path) => {
        await addCommit(path);
        await git(path, 'update-ref', '-d', await someRef(path));
      },
      async (path) => {
        const gone = await someRef(path);
        await git(path, 'update-ref', '-d', gone);
        await git(path, 'update-ref', `${gone}/below`, 'HEAD');
      },
    ]);
    expect(chain.map(({ manifest }) => manifest.git?.refsSince !== undefined)).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
    for (const taken of [...chain, await stored.take()])
      await expectSame(await restoreByHand(stored, taken), taken.source);
  });

  it('stops at a manifest or a bundle that is not what was stored', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const last = (await stored.chain(life.slice(0, 2))).at(-1)!;
    const { prefix, snapshot } = last.outcome;
    const keys = [...last.manifest.chain, ...last.manifest.data].map(({ key }) => key);
    for (const key of [...keys, `${snapshotPrefix(prefix, snapshot)}manifest.json`]) {
      const file = join(stored.backups.folder, key);
      const bytes = await readFile(file);
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(100) ^ 1, 100);
      await writeFile(file, flipped);
      const failure = await restoreByHand(stored, last).then(
        () => 'restored',
        (error: unknown) => String(error),
      );
      expect(failure).to.match(/the manifest is damaged|FAILED/);
      await writeFile(file, bytes);
    }
    await restoreByHand(stored, last);
  });
});

/** One of the refs of `manyRefs`. */
async function someRef(path: string): Promise<string> {
  return git(path, 'for-each-ref', '--count=1', '--format=%(refname)', 'refs/heads/many');
}

/** Commits on HEAD, which is detached then, and leaves no ref at the commit. */
async function detach(path: string): Promise<void> {
  await addCommit(path, { branch: 'passing', from: 'HEAD' });
  await git(path, 'update-ref', '--no-deref', 'HEAD', 'refs/heads/passing');
  await git(path, 'update-ref', '-d', 'refs/heads/passing');
}

async function find(name: string): Promise<string> {
  for (const path of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(path, name);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new Error(`there is no ${name} on the PATH`);
}
