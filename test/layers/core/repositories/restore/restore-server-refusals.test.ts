import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { advertiseOnly } from '../../../../support/capabilities.ts';
import { ReplacingVault } from '../../../../support/faulty-vault.ts';
import { addCommit, git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { refsUnder, useRestoreTargets } from './restore-target.ts';
import { addBulk, bulky, everything, life, StoredRepository, type Stored } from './stored-repository.ts';

describe('a restore to a server that is not empty', () => {
  const folder = useTemporaryFolders();
  const newTarget = useRestoreTargets(folder);
  let stored: StoredRepository;
  let taken: Stored;

  before(async () => {
    stored = await StoredRepository.create(await folder(), everything);
    taken = (await stored.chain(life.slice(0, 2))).at(-1)!;
  });

  const theirs = { commits: 2, branches: ['theirs'], tags: ['light'], seed: 'another repository' };

  it('is refused without consent, and touches nothing', async () => {
    const target = await newTarget({ shape: theirs });
    const before = await target.refs();
    const failure = await failureOf(target.restore(stored, taken));
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(failure.message).to.include('refs/heads/main');
    expect(failure.advice).to.include('--overwrite');
    expect(await target.refs()).to.deep.equal(before);
    expect(target.pushes).to.deep.equal([]);
  });

  it('is refused without consent although no ref of its own is in the way, and takes any consent then', async () => {
    const target = await newTarget({ shape: { commits: 1, defaultBranch: 'elsewhere', seed: 'theirs' } });
    const failure = await failureOf(target.restore(stored, taken));
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(target.pushes).to.deep.equal([]);
    const result = await target.restore(stored, taken, { overwrite: ['refs/heads/main'] });
    expect(result.kept).to.deep.equal(['refs/heads/elsewhere']);
    expect(result.restored).to.have.members([...taken.source.refs.keys()]);
  });

  it('is refused where the consent leaves out a ref that is in the way', async () => {
    const target = await newTarget({ shape: theirs });
    const failure = await failureOf(target.restore(stored, taken, { overwrite: ['refs/heads/*'] }));
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(failure.message).to.match(/: refs\/tags\/light$/);
    expect(target.pushes).to.deep.equal([]);
  });

  it('replaces what the consent names and keeps what the snapshot does not have', async () => {
    const target = await newTarget({ shape: theirs });
    const before = await target.refs();
    const result = await target.restore(stored, taken, { overwrite: ['refs/heads/main', 'refs/tags/*'] });
    expect(result).to.deep.include({ kept: ['refs/heads/theirs'], refused: [], leftOut: [] });
    expect(result.restored).to.have.members([...taken.source.refs.keys()]);
    const kept = before.get('refs/heads/theirs') ?? '';
    await target.expectRefs(new Map([...taken.source.refs, ['refs/heads/theirs', kept] as const]));
  });

  it('that is restored already sends nothing', async () => {
    const target = await newTarget();
    const first = await target.restore(stored, taken);
    const pushes = target.pushes.length;
    expect(await target.restore(stored, taken)).to.deep.equal(first);
    expect(target.pushes).to.have.length(pushes);
  });

  it('that went on since it was restored is refused', async () => {
    const target = await newTarget();
    await target.restore(stored, taken);
    const tip = await addCommit(target.path);
    const failure = await failureOf(target.restore(stored, taken));
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(await git(target.path, 'rev-parse', 'refs/heads/main')).to.equal(tip);
  });
});

describe('a restore to a server that refuses', () => {
  const folder = useTemporaryFolders();
  const newTarget = useRestoreTargets(folder);

  /** A hook that is asked about each ref: `update <ref> <old> <new>`. */
  async function hook(path: string, script: string): Promise<void> {
    await mkdir(join(path, 'hooks'), { recursive: true });
    await writeFile(join(path, 'hooks', 'update'), `#!/bin/sh\n${script}\n`);
    await chmod(join(path, 'hooks', 'update'), 0o755);
  }

  it('a ref says which and why, and restores the others', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const taken = (await stored.chain(life)).at(-1)!;
    const target = await newTarget();
    await hook(target.path, 'case $1 in refs/tags/v*) exit 1;; esac');
    const result = await target.restore(stored, taken);
    const [refused, others] = refsUnder('refs/tags/v', taken.source.refs);
    expect(refused.size).to.equal(2);
    await target.expectRefs(others);
    expect(result.restored).to.deep.equal([...others.keys()]);
    expect(result.refused).to.deep.equal([...refused.keys()].map((name) => ({ name, reason: 'hook declined' })));
  });

  it('to rewrite history says so, since the chain needs that', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 4, branches: ['topic'] });
    const taken = (await stored.chain([(path) => addCommit(path, { from: 'refs/heads/main~2' })])).at(-1)!;
    const target = await newTarget({ config: { 'receive.denyNonFastForwards': 'true' } });
    const result = await target.restore(stored, taken);
    expect(result.restored).to.deep.equal(['refs/heads/topic']);
    expect(result.refused).to.deep.equal([{ name: 'refs/heads/main', reason: 'non-fast-forward' }]);
  });

  it('to remove refs keeps our marker, and says so', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const taken = (await stored.chain([(path) => addCommit(path)])).at(-1)!;
    const target = await newTarget();
    await hook(target.path, 'case $3 in 0000*) exit 1;; esac');
    const result = await target.restore(stored, taken);
    expect(result.restored).to.deep.equal(['refs/heads/main']);
    const [marker] = result.refused;
    expect(marker?.name).to.match(/^refs\/tags\/holdfast-restore-/);
    expect(marker?.reason).to.equal('cannot be removed: hook declined');
    expect([...(await target.refs()).keys()]).to.have.members(['refs/heads/main', marker?.name]);
  });

  it('to say what became of a push is not sent one', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const target = await newTarget({ faults: [advertiseOnly('delete-refs', 'ofs-delta')] });
    const failure = await failureOf(target.restore(stored, await stored.take()));
    expect(failure.code).to.equal('SourceUnsupported');
    expect(target.pushes).to.deep.equal([]);
    expect((await target.refs()).size).to.equal(0);
  });

  it('objects of the other format is not sent any', async () => {
    for (const [ours, its] of [
      ['sha1', 'sha256'],
      ['sha256', 'sha1'],
    ] as const) {
      const stored = await StoredRepository.create(await folder(), { commits: 1, objectFormat: ours });
      const target = await newTarget({ shape: { objectFormat: its } });
      const failure = await failureOf(target.restore(stored, await stored.take()));
      expect(failure.code).to.equal('SourceUnsupported');
      expect(failure.advice).to.include(`--object-format=${ours}`);
      expect(target.pushes).to.deep.equal([]);
    }
  });
});

describe('a restore of damaged data to a server', () => {
  const folder = useTemporaryFolders();
  const newTarget = useRestoreTargets(folder);

  for (const way of ['HTTP', 'a folder'] as const)
    for (const size of ['small', 'large'] as const)
      it(`never makes it accept a ref: a ${size} bundle over ${way}`, async () => {
        const shape = size === 'large' ? bulky(4) : everything;
        const stored = await StoredRepository.create(await folder(), shape);
        const taken = await stored.take();
        const [data] = taken.manifest.data;
        const bytes = await readFile(join(stored.backups.folder, data!.key));
        const target = await newTarget();
        const header = bytes.indexOf('\n\n');
        const flip = (at: number): Buffer => {
          const flipped = Buffer.from(bytes);
          flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
          return flipped;
        };
        const harms = [
          ...[3, 20, 60, header - 30, header - 1].map(flip),
          ...[header + 5, header + 13, header + 15, bytes.length >> 1, bytes.length - 25, bytes.length - 1].map(flip),
          bytes.subarray(0, -1),
          Buffer.concat([bytes, Buffer.alloc(1)]),
          undefined,
        ];
        for (const harm of harms) {
          const vault = new ReplacingVault(stored.vault, new Map([[data!.key, harm]]), 64 << 10);
          const options = way === 'HTTP' ? { vault } : { vault, target: target.local };
          const failure = await failureOf(target.restore(stored, taken, options));
          expect(failure.code).to.equal('Damaged');
          expect(await target.refs()).to.deep.equal(new Map());
        }
        await target.restore(stored, taken);
        await target.expectRefs(taken.source.refs);
      });

  /** A damaged character in the name of the first ref, which remains a name. */
  function misnamed(bundle: Buffer): Buffer {
    const damaged = Buffer.from(bundle);
    const at = damaged.indexOf('refs/heads/') + 'refs/heads/'.length;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    return damaged;
  }

  it('sends nothing at all where the header of the last bundle of a chain is damaged', async () => {
    const stored = await StoredRepository.create(await folder(), bulky(2));
    const taken = (await stored.chain([addBulk('more')])).at(-1)!;
    const { key } = taken.manifest.data[0]!;
    const damaged = misnamed(await readFile(join(stored.backups.folder, key)));
    const target = await newTarget();
    const vault = new ReplacingVault(stored.vault, new Map([[key, damaged]]), 64 << 10);
    expect((await failureOf(target.restore(stored, taken, { vault }))).code).to.equal('Damaged');
    expect(target.pushes).to.deep.equal([]);
  });

  for (const way of ['HTTP', 'a folder'] as const)
    for (const size of ['small', 'large'] as const)
      it(`gives no ref a wrong name from the header of an earlier bundle: ${size}, over ${way}`, async () => {
        const stored = await StoredRepository.create(await folder(), size === 'large' ? bulky(2) : { commits: 2 });
        const taken = (await stored.chain([(path) => addCommit(path)])).at(-1)!;
        const { key } = taken.manifest.chain[0]!;
        const damaged = misnamed(await readFile(join(stored.backups.folder, key)));
        const target = await newTarget();
        const vault = new ReplacingVault(stored.vault, new Map([[key, damaged]]), 64 << 10);
        const options = way === 'HTTP' ? { vault } : { vault, target: target.local };
        expect((await failureOf(target.restore(stored, taken, options))).code).to.equal('Damaged');
        expect(await target.refs()).to.deep.equal(new Map());
      });
});
