import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Indexer } from '#core/git/pack-index.ts';
import { packFolder } from '#core/repositories/backup/archive-pack.ts';
import { buildMirror } from '#core/repositories/restore/build-mirror.ts';
import { drillSnapshot, type DrillResult } from '#core/run/drill.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { FaultyVault, ReplacingVault } from '../../../support/faulty-vault.ts';
import { git, gitWith, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';
import { craft, craftBundle, dataOf, packOf, sealed, type Crafted } from '../repositories/restore/crafted.ts';
import { expectNoScratch } from '../repositories/restore/scratch.ts';
import {
  addBulk,
  bulky,
  everything,
  life,
  StoredRepository,
  type Stored,
} from '../repositories/restore/stored-repository.ts';

const indexers: readonly Indexer[] = ['native', 'javascript'];

describe('a drill', () => {
  const folder = useTemporaryFolders();
  expectNoScratch();

  function drill(
    {
      vault,
      catalogue,
      prefix,
      snapshot,
    }: Pick<Crafted, 'catalogue' | 'prefix' | 'snapshot'> & {
      vault: Crafted['vault'] | StoredRepository['vault'];
    },
    indexer: Indexer,
  ): Promise<DrillResult> {
    return drillSnapshot(vault, catalogue, prefix, snapshot, { indexer });
  }

  function soundly(stored: StoredRepository, taken: Stored, indexer: Indexer): Promise<DrillResult> {
    return drill({ vault: stored.vault, catalogue: stored.catalogue, ...taken.outcome }, indexer);
  }

  for (const indexer of indexers) {
    it(`proves full, incremental, unchanged and empty snapshots, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { ...everything, head: 'detached' });
      for (const taken of [...(await stored.chain(life)), await stored.take()]) {
        const { problems, proven, bytes } = await soundly(stored, taken, indexer);
        expect(problems).to.deep.equal([]);
        expect(proven['ref']).to.equal(taken.source.refs.size);
        expect(proven['object']).to.be.above(20);
        const needed = [...taken.manifest.chain, ...taken.manifest.data];
        expect(bytes).to.equal(needed.reduce((sum, data) => sum + data.bytes, 0));
      }
      const last = await stored.take();
      const reached = await git(stored.path, 'rev-list', '--objects', '--all', 'HEAD');
      expect((await soundly(stored, last, indexer)).proven['object']).to.equal(reached.split('\n').length);
      const empty = await StoredRepository.create(await folder(), { commits: 0 });
      expect(await soundly(empty, await empty.take(), indexer)).to.deep.include({
        problems: [],
        proven: { ref: 0, object: 0 },
      });
    });

    for (const format of ['tar.gz', 'zip'] as const)
      it(`proves a ${format} archive, by ${indexer}`, async () => {
        const stored = await StoredRepository.create(await folder(), everything);
        const { problems, proven } = await soundly(stored, await stored.take({ format }), indexer);
        expect(problems).to.deep.equal([]);
        expect(proven['object']).to.be.above(20);
      });

    it(`finds an object that is missing although all digests are right, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 3, annotatedTags: ['v1'] });
      const taken = await stored.take();
      const all = (await git(stored.path, 'rev-list', '--objects', '--all'))
        .split('\n')
        .map((line) => line.slice(0, 40));
      const ids = (...names: string[]) => Promise.all(names.map((name) => git(stored.path, 'rev-parse', name)));
      const missing = await ids('main', 'main~1', 'main^{tree}', 'main~2:number.txt', 'v1');
      for (const oid of missing) {
        const left = all.filter((one) => one !== oid);
        expect(left).to.have.length(all.length - 1);
        const crafted = craftBundle(stored, taken, await packed(stored.path, left));
        const [entry] = (await crafted.catalogue.item(crafted.prefix)).snapshots;
        expect((await verifySnapshot(crafted.vault, crafted.catalogue, entry!)).problems).to.deep.equal([]);
        const { problems } = await drill(crafted, indexer);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.include(oid);
      }
    });

    it(`finds an object whose content is another although all digests are right, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 3, files: { 'a.txt': 'a'.repeat(9) } });
      const taken = await stored.take();
      const other = await gitWith({ cwd: stored.path, input: 'b'.repeat(9) }, 'hash-object', '-w', '--stdin');
      const all = (await git(stored.path, 'rev-list', '--objects', '--all'))
        .split('\n')
        .map((line) => line.slice(0, 40));
      const blob = await git(stored.path, 'rev-parse', 'main:a.txt');
      const crafted = craftBundle(
        stored,
        taken,
        await packed(stored.path, [...all.filter((oid) => oid !== blob), other]),
      );
      expect((await drill(crafted, indexer)).problems).to.have.length(1);
      // A pack that its own hash does not fit, and one of which an object cannot be unpacked.
      const data = await dataOf(stored, taken);
      const misfit = Buffer.concat([data.subarray(0, -1), Buffer.from([data.at(-1)! ^ 1])]);
      expect((await drill(craft(stored, taken, { data: misfit }), indexer)).problems).to.have.length(1);
      const pack = packOf(data);
      const torn = sealed(Buffer.concat([pack.subarray(0, 40), Buffer.alloc(20, 0xff), pack.subarray(60)]));
      expect((await drill(craftBundle(stored, taken, torn), indexer)).problems).to.have.length(1);
    });

    it(`finds an object in an archive whose content is another, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 3, files: { 'a.txt': 'a'.repeat(900) } });
      const taken = await stored.take({ format: 'tar.gz' });
      const mirror = join(await folder(), 'repository.git');
      await buildMirror(stored.vault, await stored.content(taken), mirror, { indexer });
      const packs = join(mirror, 'objects', 'pack');
      const name = (await readdir(packs)).find((file) => file.endsWith('.pack'))!;
      // Nothing tells but the content of the last object: names, index and hashes are as they were.
      const pack = await readFile(join(packs, name));
      pack.fill(0xff, pack.length - 24, pack.length - 20);
      await writeFile(join(packs, name), pack);
      const chunks: Buffer[] = [];
      await packFolder(mirror, 'tar.gz', (chunk) => Promise.resolve(void chunks.push(Buffer.from(chunk))));
      const crafted = craft(stored, taken, { data: Buffer.concat(chunks) });
      expect((await drill(crafted, indexer)).problems).to.have.length(1);
    });

    it(`finds refs that differ from the manifest's, in a bundle and in an archive, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      const inBundle = await stored.take();
      const archived = await stored.take({ format: 'zip' });
      const refs = inBundle.manifest.git!.refs!;
      const [first = '', ...others] = Object.keys(refs);
      for (const changed of [
        { ...refs, [first]: refs['refs/heads/topic/a']! },
        { ...refs, 'refs/heads/more': refs[first]! },
        Object.fromEntries(others.map((name) => [name, refs[name]!])),
      ])
        for (const taken of [inBundle, archived])
          expect((await drill(craft(stored, taken, { git: { refs: changed } }), indexer)).problems).to.have.length(1);
      for (const pack of [{ hash: 'e'.repeat(40) }, { objects: 1 }]) {
        const wrong = { ...inBundle.manifest.git!.pack!, ...pack };
        expect((await drill(craft(stored, inBundle, { git: { pack: wrong } }), indexer)).problems).to.have.length(1);
      }
    });

    it(`finds data that is damaged or gone, wherever in the chain, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      const last = (await stored.chain(life.slice(0, 2))).at(-1)!;
      for (const { key } of [...last.manifest.chain, ...last.manifest.data]) {
        const bytes = await readFile(join(stored.backups.folder, key));
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 30) ^ 1, bytes.length - 30);
        for (const harm of [bytes, bytes.subarray(0, -1), undefined]) {
          const vault = new ReplacingVault(stored.vault, new Map([[key, harm]]));
          const { prefix, snapshot } = last.outcome;
          const { problems } = await drillSnapshot(vault, stored.catalogue, prefix, snapshot, { indexer });
          expect(problems).to.have.length(1);
          expect(problems[0]).to.include(key);
        }
      }
    });
  }

  it('asks for the commit at which HEAD is detached, although no ref leads there', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2, head: 'detached' });
    const alone = await git(stored.path, 'commit-tree', '-p', 'main', '-m', 'Alone', 'main^{tree}');
    await git(stored.path, 'update-ref', '--no-deref', 'HEAD', alone);
    const taken = await stored.take();
    const others = (await git(stored.path, 'rev-list', '--objects', 'main'))
      .split('\n')
      .map((line) => line.slice(0, 40));
    for (const indexer of indexers) {
      expect((await soundly(stored, taken, indexer)).problems).to.deep.equal([]);
      const { problems } = await drill(craftBundle(stored, taken, await packed(stored.path, others)), indexer);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include(alone);
    }
  });

  it('is not content with what stands in for a commit', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 3 });
    await git(stored.path, 'replace', '--graft', 'main');
    const taken = await stored.take();
    const hidden = await git(stored.path, '--no-replace-objects', 'rev-parse', 'main~1');
    const all = await git(stored.path, '--no-replace-objects', 'rev-list', '--objects', '--all');
    const left = all
      .split('\n')
      .map((line) => line.slice(0, 40))
      .filter((oid) => oid !== hidden);
    for (const indexer of indexers) {
      expect((await soundly(stored, taken, indexer)).problems).to.deep.equal([]);
      const { problems } = await drill(craftBundle(stored, taken, await packed(stored.path, left)), indexer);
      expect(problems).to.have.length(1);
    }
  });

  it('that could not be held is no damage', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const { outcome } = await stored.take();
    const vault = new FaultyVault(stored.vault, [{ at: 1, moment: 'before', transient: false }]);
    const held = drillSnapshot(vault, stored.catalogue, outcome.prefix, outcome.snapshot, { indexer: 'native' });
    expect((await failureOf(held)).code).to.equal('StorageFailed');
    const sha256 = await StoredRepository.create(await folder(), { commits: 1, objectFormat: 'sha256' });
    const tooNew = soundly(sha256, await sha256.take(), 'javascript');
    expect((await failureOf(tooNew)).code).to.equal('ToolMissing');
    const prefix = 'git/example.org/absent/';
    const absent = drill(
      { vault: stored.vault, catalogue: stored.catalogue, prefix, snapshot: outcome.snapshot },
      'native',
    );
    expect((await failureOf(absent)).code).to.equal('NotFound');
  });

  it('that is interrupted says so, and is no damage', async () => {
    const stored = await StoredRepository.create(await folder(), bulky(3));
    const { outcome } = (await stored.chain([addBulk('more')])).at(-1)!;
    for (const stopAt of [1, 4, 6]) {
      const controller = new AbortController();
      let ticks = 0;
      const held = drillSnapshot(stored.vault, stored.catalogue, outcome.prefix, outcome.snapshot, {
        indexer: 'native',
        signal: controller.signal,
        onProgress: () => {
          if (++ticks === stopAt) controller.abort(new HoldfastError('Interrupted', 'stopped by a test'));
        },
      });
      expect((await failureOf(held)).code).to.equal('Interrupted');
    }
  });
});

/** A pack of these objects. */
async function packed(path: string, ids: readonly string[]): Promise<Buffer> {
  const base = join(path, 'crafted');
  const env = { GIT_NO_REPLACE_OBJECTS: '1' };
  const hash = await gitWith({ cwd: path, input: `${ids.join('\n')}\n`, env }, 'pack-objects', '--quiet', base);
  return readFile(`${base}-${hash}.pack`);
}
