import { expect } from 'chai';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { chainKey } from '#core/vault/chain/read-chain.ts';
import { verifyChain, type CheckedChain } from '#core/vault/chain/verify-chain.ts';
import type { Ways } from '#core/vault/chain/ways.ts';
import { manifestKey, removedKey } from '#core/vault/layout.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { writeManifest } from '#core/vault/manifest.ts';
import { reportKey } from '#core/run/run-files.ts';
import { addRun, addSnapshot } from '../../../../support/chained-vault.ts';
import { MemoryVault } from '../../../../support/memory-vault.ts';
import { exampleManifest } from '../../../../support/vault-manifests.ts';

const runs = ['2026-01-01T000000.000Z', '2026-02-01T000000.000Z', '2026-03-01T000000.000Z', '2026-04-01T000000.000Z'];
const [january, february, march, april] = runs as [string, string, string, string];
/** Those of GitHub: by runs alone. */
const ways: Ways = { byEvents: false, byClaims: false };
const policy = { keepLast: 3, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };

async function history(): Promise<MemoryVault> {
  const vault = new MemoryVault();
  for (const run of runs) await addRun(vault, 'github', run, ['a', 'b']);
  await applyRetention(vault, { source: 'github', policy, now: new Date(), dryRun: false });
  await addRun(vault, 'github', '2026-05-01T000000.000Z', ['a', 'b']);
  return vault;
}

const check = (vault: MemoryVault, root?: string): Promise<CheckedChain> =>
  verifyChain(vault, 'github', { ways, root, readAll: true });

const named = ({ problems }: CheckedChain): string[] => problems.map(({ what, key }) => `${what} ${key}`);

describe('the chain of reports', () => {
  let whole: MemoryVault;
  before(async () => (whole = await history()));

  it('is whole over runs and what retention removed', async () => {
    const { links, unlinked, snapshots, unlisted, roots, problems } = await check(whole);
    expect(problems).to.deep.equal([]);
    expect({ links, unlinked, snapshots, unlisted }).to.deep.equal({
      links: 5,
      unlinked: 0,
      snapshots: 8,
      unlisted: 0,
    });
    const newest = reportKey('github', '2026-05-01T000000.000Z');
    expect(roots).to.deep.equal([{ key: newest, sha256: await digestOf(whole, newest) }]);
  });

  it('knows the root of every report that it has', async () => {
    for (const run of runs)
      expect(named(await check(whole, await digestOf(whole, reportKey('github', run))))).to.deep.equal([]);
  });

  const first = removedKey('github', '');
  const manifest = (name: string, run: string): string => manifestKey(`github/${name}/`, run);
  const replace = (vault: MemoryVault, key: string, change: (text: string) => string): void => {
    const { content, modified } = vault.objects.get(key)!;
    vault.objects.set(key, { content: Buffer.from(change(content.toString())), modified });
  };
  const flip = (text: string): string => `${text.slice(0, 9)}${text[9] === 'a' ? 'b' : 'a'}${text.slice(10)}`;
  const removal = (vault: MemoryVault): string =>
    [...vault.objects.keys()].find((key) => key.startsWith(first.replace('.json', '')))!;

  const changes: { title: string; change: (vault: MemoryVault) => unknown; expected: string[] }[] = [
    {
      title: 'a byte of a manifest',
      change: (vault) => replace(vault, manifest('a', march), flip),
      expected: [`changed ${manifest('a', march)}`],
    },
    {
      title: 'a manifest in place of another, with a digest that fits',
      change: (vault) => {
        const { parent: _, ...example } = exampleManifest({ path: ['a'], id: 'a', snapshot: march });
        replace(vault, manifest('a', march), () => writeManifest({ ...example, kind: 'full', chain: [] }).text);
      },
      expected: [`changed ${manifest('a', march)}`],
    },
    {
      title: 'a snapshot that is gone',
      change: (vault) => vault.remove(manifest('b', april)),
      expected: [`missing ${manifest('b', april)}`],
    },
    {
      title: 'a snapshot of no run',
      change: (vault) => addSnapshot(vault, 'github', 'a', '2026-03-15T000000.000Z'),
      expected: [`added ${manifest('a', '2026-03-15T000000.000Z')}`],
    },
    {
      title: 'a snapshot of no run, once a run has listed it',
      change: async (vault) => {
        await addSnapshot(vault, 'github', 'a', '2026-05-15T000000.000Z');
        await addRun(vault, 'github', '2026-06-01T000000.000Z', ['a']);
      },
      expected: [`added ${manifest('a', '2026-05-15T000000.000Z')}`],
    },
    {
      title: 'a snapshot that came after the report of its run',
      change: (vault) => addSnapshot(vault, 'github', 'c', march),
      expected: [`added ${manifest('c', march)}`],
    },
    {
      title: 'a removed snapshot that is back in another form',
      change: async (vault) => {
        await addSnapshot(vault, 'github', 'a', january);
        replace(vault, manifest('a', january), flip);
      },
      expected: [`added ${manifest('a', january)}`],
    },
    {
      title: 'a byte of a report',
      change: (vault) => replace(vault, reportKey('github', february), flip),
      expected: [`changed ${reportKey('github', february)}`],
    },
    {
      title: 'a report that is gone',
      change: (vault) => vault.remove(reportKey('github', february)),
      expected: [`missing ${reportKey('github', february)}`],
    },
    {
      title: 'the newest report, which is gone',
      change: (vault) => vault.remove(reportKey('github', '2026-05-01T000000.000Z')),
      expected: [`missing ${reportKey('github', '2026-05-01T000000.000Z')}`],
    },
    {
      title: 'a report in place of another',
      change: (vault) =>
        vault.objects.set(reportKey('github', march), vault.objects.get(reportKey('github', february))!),
      expected: [`changed ${reportKey('github', march)}`],
    },
    {
      title: 'a list that is gone',
      change: (vault) => vault.remove(chainKey('github', '2026-05-01T000000.000Z')),
      expected: [`missing ${chainKey('github', '2026-05-01T000000.000Z')}`],
    },
    {
      title: 'a line of a list',
      change: (vault) => replace(vault, chainKey('github', april), (text) => text.slice(text.indexOf('\n') + 1)),
      expected: [`changed ${chainKey('github', april)}`],
    },
    {
      title: 'an inventory that is gone',
      change: (vault) => vault.remove(`runs/github/${march}/inventory.json`),
      expected: [`missing runs/github/${march}/inventory.json`],
    },
    {
      title: 'a record of a removal that was changed',
      change: (vault) => replace(vault, removal(vault), (text) => text.replaceAll(january, february)),
      expected: ['changed removed/'],
    },
    {
      title: 'a record of a removal that is gone',
      change: (vault) => vault.remove(removal(vault)),
      expected: ['missing removed/'],
    },
    {
      title: 'a report that is added long after its time',
      change: (vault) =>
        vault.create(
          reportKey('github', '2026-01-15T000000.000Z'),
          vault.objects.get(reportKey('github', january))!.content,
        ),
      expected: [`added ${reportKey('github', '2026-01-15T000000.000Z')}`],
    },
  ];
  for (const { title, change, expected } of changes)
    it(`names ${title}`, async () => {
      const vault = whole.copy();
      await change(vault);
      const found = named(await check(vault));
      for (const one of expected) expect(found.join('\n')).to.include(one);
    });

  it('names whatever has a changed byte; the newest report by its root alone', async () => {
    const newest = reportKey('github', '2026-05-01T000000.000Z');
    const root = await digestOf(whole, newest);
    for (const key of whole.objects.keys()) {
      if (key === newest || key.endsWith('/latest.json')) continue;
      const vault = whole.copy();
      replace(vault, key, flip);
      const found = (await check(vault)).problems;
      expect(
        found.map((problem) => problem.key),
        key,
      ).to.include(key);
    }
    const vault = whole.copy();
    replace(vault, newest, flip);
    expect(named(await check(vault, root))).to.deep.equal(['rolled-back runs/github/']);
  });

  it('shows a vault that was put back, by the root of a report that it no longer has', async () => {
    const root = await digestOf(whole, reportKey('github', '2026-05-01T000000.000Z'));
    const earlier = whole.copy();
    for (const key of earlier.objects.keys()) if (key.includes('2026-05-01')) earlier.objects.delete(key);
    earlier.objects.delete('runs/github/latest.json');
    expect(named(await check(earlier))).to.deep.equal([]);
    expect(named(await check(earlier, root))).to.deep.equal(['rolled-back runs/github/']);
  });

  it('is not needed of runs before it, which its first link covers', async () => {
    const vault = new MemoryVault();
    await addSnapshot(vault, 'github', 'a', january);
    await vault.create(reportKey('github', january), Buffer.from('{"items":[]}'));
    expect(await check(vault)).to.deep.include({ links: 0, unlinked: 1, problems: [] });
    await addRun(vault, 'github', february, ['a']);
    expect(await check(vault)).to.deep.include({ links: 1, unlinked: 1, problems: [] });
    replace(vault, reportKey('github', january), flip);
    await vault.remove(manifest('a', january));
    expect(named(await check(vault))).to.deep.equal([
      `missing ${manifest('a', january)}`,
      `changed ${reportKey('github', january)}`,
    ]);
  });

  it('takes what runs that were killed left, and runs that met', async () => {
    const vault = new MemoryVault();
    await addRun(vault, 'github', january, ['a']);
    // One has stored its list and was killed; of two others each read the chain before the other one was there.
    await addRun(vault, 'github', february, ['a']);
    await vault.remove(reportKey('github', february));
    await vault.remove('runs/github/latest.json');
    const besides = vault.copy();
    await addRun(vault, 'github', march, ['a']);
    await addRun(besides, 'github', '2026-03-01T000001.000Z', ['b']);
    for (const [key, object] of besides.objects) if (!vault.objects.has(key)) vault.objects.set(key, object);
    expect((await check(vault)).roots).to.have.length(2);
    await addRun(vault, 'github', '2026-05-01T000000.000Z', ['a']);
    const { problems, roots } = await check(vault);
    expect(problems).to.deep.equal([]);
    expect(roots).to.have.length(1);
  });

  it('reads no manifest that storage received before the list that has its digest, where its times are trusted', async () => {
    const vault = whole.copy();
    const read: string[] = [];
    const reading = vault.read.bind(vault);
    vault.read = (key) => {
      read.push(key);
      return reading(key);
    };
    await verifyChain(vault, 'github', { ways, readAll: false });
    expect(read.filter((key) => key.endsWith('manifest.json'))).to.deep.equal([]);
    await vault.replace(manifest('a', march), Buffer.from('{}'));
    vault.objects.get(manifest('a', march))!.modified = new Date(Date.now() + 1000);
    expect(named(await verifyChain(vault, 'github', { ways, readAll: false }))).to.deep.equal([
      `changed ${manifest('a', march)}`,
    ]);
  });
});
