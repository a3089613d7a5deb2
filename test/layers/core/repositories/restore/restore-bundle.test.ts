import { readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildMirror } from '#core/repositories/restore/build-mirror.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { ReplacingVault } from '../../../../support/faulty-vault.ts';
import { addCommit, git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { deltasIn } from './pack-entries.ts';
import { expectNoScratch } from './scratch.ts';
import {
  addBulk,
  addVersions,
  bulky,
  everything,
  expectSame,
  life,
  StoredRepository,
  type Stored,
} from './stored-repository.ts';

describe('a restore to a bundle', () => {
  const folder = useTemporaryFolders();

  async function restored(stored: StoredRepository, taken: Stored): Promise<string> {
    const file = join(await folder(), 'restored.bundle');
    await restoreToBundle(stored.vault, await stored.content(taken), file);
    return file;
  }

  /** Proves with plain git that the file alone is the whole repository. */
  async function expectWhole(file: string, { source }: Stored, objectFormat = 'sha1'): Promise<void> {
    const empty = join(await folder(), 'empty.git');
    await git('.', 'init', '--quiet', '--bare', `--object-format=${objectFormat}`, empty);
    await git(empty, 'bundle', 'verify', '--quiet', file);
    const clone = join(await folder(), 'clone.git');
    await git('.', '-c', 'transfer.fsckObjects=true', 'clone', '--quiet', '--mirror', file, clone);
    await expectSame(clone, source);
  }

  it('of a full snapshot is the stored bundle', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const taken = await stored.take();
    const file = await restored(stored, taken);
    const [bundle = ''] = stored.backups.bundles(taken.manifest);
    expect(await readFile(file)).to.deep.equal(await readFile(bundle));
    await expectWhole(file, taken);
  });

  it('of a chain needs no other, at every step, also when nothing has changed since', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain(life);
    for (const taken of [chain[1]!, chain.at(-1)!, await stored.take()])
      await expectWhole(await restored(stored, taken), taken);
  });

  it('of a chain in which HEAD is detached, or objects are named by SHA-256', async () => {
    const detached = await StoredRepository.create(await folder(), { commits: 3, head: 'detached' });
    // At a commit that no branch leads to: a bundle could not tell a branch at the same commit from HEAD.
    const alone = await git(detached.path, 'commit-tree', '-p', 'main', '-m', 'Alone', 'main^{tree}');
    await git(detached.path, 'update-ref', '--no-deref', 'HEAD', alone);
    const [, moved] = await detached.chain([(path) => addCommit(path, { branch: 'other', from: 'main' })]);
    await expectWhole(await restored(detached, moved!), moved!);
    const sha256 = await StoredRepository.create(await folder(), { ...everything, objectFormat: 'sha256' });
    const [, grown] = await sha256.chain(life.slice(0, 1));
    await expectWhole(await restored(sha256, grown!), grown!, 'sha256');
  });

  for (const offsetDeltas of [true, false])
    it(`of packs that repeat an object holds it once, deltas by ${offsetDeltas ? 'offset' : 'id'}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 1 });
      await addVersions(stored.path, 1, 2, 3, 4, 5, 6);
      // What a branch had before is not among what its tip has, so the server sends it again.
      const [first, reverted] = await stored.chain([(path) => addVersions(path, 4)], { offsetDeltas });
      const deltas = await deltasIn(stored.backups.bundles(first.manifest)[0]!);
      expect(offsetDeltas ? deltas.byOffset : deltas.byId).to.be.above(3);
      const mirror = join(await folder(), 'mirror.git');
      await buildMirror(stored.vault, await stored.content(reverted!), mirror, { indexer: 'native' });
      const packs = join(mirror, 'objects', 'pack');
      const indexes = (await readdir(packs)).filter((name) => name.endsWith('.idx'));
      const ids = await Promise.all(
        indexes.map(async (name) => gitWith({ cwd: packs, input: await readFile(join(packs, name)) }, 'show-index')),
      );
      const [one = [], other = []] = ids.map((text) => text.split('\n').map((line) => line.split(' ')[1] ?? ''));
      expect(one.filter((id) => other.includes(id))).to.have.lengthOf.above(0);

      const file = await restored(stored, reverted!);
      await expectWhole(file, reverted!);
      const bundle = await readFile(file);
      const pack = bundle.subarray(bundle.indexOf('\n\n') + 2);
      await gitWith({ cwd: mirror, input: pack }, 'index-pack', '--strict', '--stdin');
    });

  it('holds what git-replace hides', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 4 });
    const [, replaced] = await stored.chain([(path) => git(path, 'replace', '--graft', 'main')]);
    expect([...replaced!.source.refs.keys()].join()).to.include('refs/replace/');
    const file = await restored(stored, replaced!);
    const clone = join(await folder(), 'clone.git');
    await git('.', 'clone', '--quiet', '--mirror', file, clone);
    expect(await git(clone, '--no-replace-objects', 'rev-list', '--count', 'main')).to.equal('4');
  });
});

describe('a restore to a bundle that cannot be', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  let chain: [Stored, ...Stored[]];

  expectNoScratch();

  before(async () => {
    stored = await StoredRepository.create(await folder(), bulky(3));
    chain = await stored.chain([addBulk('more')]);
  });

  it('refuses a file that exists, at once, and a link that leads nowhere', async () => {
    const place = await folder();
    const file = join(place, 'taken.bundle');
    await writeFile(file, 'kept');
    await symlink('nowhere', join(place, 'link.bundle'));
    for (const name of ['taken.bundle', 'link.bundle']) {
      let ticks = 0;
      const content = await stored.content(chain[1]!);
      const failure = await failureOf(restoreToBundle(stored.vault, content, join(place, name), () => ticks++));
      expect(failure.code).to.equal('TargetNotEmpty');
      expect(ticks).to.equal(0);
    }
    expect(await readFile(file, 'utf8')).to.equal('kept');
    expect(await readdir(place)).to.have.members(['taken.bundle', 'link.bundle']);
  });

  for (const index of [0, 1])
    it(`gives way to a file that comes up meanwhile, for ${index === 0 ? 'a full snapshot' : 'a chain'}`, async () => {
      const place = await folder();
      const file = join(place, 'restored.bundle');
      let written: Promise<void> | undefined;
      const content = await stored.content(chain[index]!);
      const fill = (): void => {
        written ??= writeFile(file, 'kept');
      };
      const restoring = restoreToBundle(stored.vault, content, file, fill);
      expect((await failureOf(restoring)).code).to.equal('TargetNotEmpty');
      await written;
      expect(await readFile(file, 'utf8')).to.equal('kept');
      expect(await readdir(place)).to.deep.equal(['restored.bundle']);
    });

  it('says so where there is no such folder', async () => {
    for (const taken of chain) {
      const file = join(await folder(), 'absent', 'restored.bundle');
      const failure = await failureOf(restoreToBundle(stored.vault, await stored.content(taken), file));
      expect(failure.code).to.equal('Usage');
    }
  });

  it('leaves no file behind where data is damaged, wherever in the chain', async () => {
    const place = await folder();
    const content = await stored.content(chain[1]!);
    for (const taken of chain)
      for (const { key } of (await stored.content(taken)).data) {
        const bytes = await readFile(join(stored.backups.folder, key));
        for (const at of [3, bytes.indexOf('\n\n') + 4, bytes.length >> 1, bytes.length - 1]) {
          const flipped = Buffer.from(bytes);
          flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
          const vault = new ReplacingVault(stored.vault, new Map([[key, flipped]]));
          const failure = await failureOf(restoreToBundle(vault, await stored.content(taken), join(place, 'x.bundle')));
          expect(failure.code).to.equal('Damaged');
          expect(await readdir(place)).to.deep.equal([]);
        }
      }
    await restoreToBundle(stored.vault, content, join(place, 'x.bundle'));
    expect(await readdir(place)).to.deep.equal(['x.bundle']);
  });

  it('leaves no file behind when it is interrupted, wherever', async () => {
    const place = await folder();
    for (const taken of chain) {
      const content = await stored.content(taken);
      let interruptions = 0;
      for (let stopAt = 1; ; stopAt++) {
        const controller = new AbortController();
        let ticks = 0;
        const tick = (): void => {
          if (++ticks === stopAt) controller.abort(new HoldfastError('Interrupted', 'stopped by a test'));
        };
        const restoring = restoreToBundle(stored.vault, content, join(place, 'x.bundle'), tick, controller.signal);
        const failure = await restoring.then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure === undefined) break;
        expect(failure).to.have.property('code', 'Interrupted');
        expect(await readdir(place)).to.deep.equal([]);
        interruptions++;
      }
      expect(interruptions).to.be.above(2);
      expect(await readdir(place)).to.deep.equal(['x.bundle']);
      await git(place, 'clone', '--quiet', '--mirror', 'x.bundle', 'clone.git');
      await expectSame(join(place, 'clone.git'), taken.source);
      for (const name of ['x.bundle', 'clone.git']) await rm(join(place, name), { recursive: true });
    }
  });

  it('is refused for an empty repository and for an archive', async () => {
    const empty = await StoredRepository.create(await folder(), { commits: 0 });
    const archived = await StoredRepository.create(await folder(), { commits: 1 });
    for (const [from, taken] of [
      [empty, await empty.take()],
      [archived, await archived.take({ format: 'zip' })],
    ] as const) {
      const file = join(await folder(), 'restored.bundle');
      const failure = await failureOf(restoreToBundle(from.vault, await from.content(taken), file));
      expect(failure.code).to.equal('SourceUnsupported');
      expect(failure.advice).to.match(/folder/);
    }
  });

  it('needs git for a chain, and none for a full snapshot', async () => {
    const path = process.env['PATH'];
    const place = await folder();
    const contents = await Promise.all(chain.map((taken) => stored.content(taken)));
    process.env['PATH'] = place;
    try {
      await restoreToBundle(stored.vault, contents[0]!, join(place, 'full.bundle'));
      const failure = await failureOf(restoreToBundle(stored.vault, contents[1]!, join(place, 'chain.bundle')));
      expect(failure.code).to.equal('ToolMissing');
      expect(await readdir(place)).to.deep.equal(['full.bundle']);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
