import { expect } from 'chai';
import { severityOf } from '#core/run/changes-since.ts';
import { messageAbout } from '#core/run/message.ts';
import { withObjectives } from '#core/run/objectives.ts';
import { recordDrill } from '#core/run/record-drill.ts';
import { makeReport, type Report } from '#core/run/report.ts';
import { reportKey, storeOnce } from '#core/run/run-files.ts';
import { parseDuration } from '#core/runtime/duration.ts';
import { recordCheck } from '#core/vault/checks.ts';
import type { Source } from '#core/vault/layout.ts';
import type { Outcome } from '#core/vault/outcome.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';

const day = 86_400;

/** A run that ended at noon, a minute after it began; items with an exclamation mark failed. */
function run(source: Source, names: readonly string[], date = '2026-11-20'): Report {
  const listed = names.map((name) => {
    const bare = name.replace('!', '');
    return { item: { source, id: bare, path: ['acme', bare], name: `acme/${bare}` } };
  });
  const id = `${date}T115900.000Z`;
  const outcomes = listed.map(({ item }, at): Outcome =>
    names[at]?.endsWith('!')
      ? { outcome: 'failed', item, code: 'SourceMissing', message: 'it is gone' }
      : { outcome: 'unchanged', item, prefix: `${source}/acme/${item.id}/`, snapshot: id, since: id, warnings: [] },
  );
  const started = `${date}T11:59:00.000Z`;
  const inventory = listed.length === 0 ? undefined : { source, listed, warnings: [] };
  const made = makeReport({ source, run: id, started, inventory, outcomes, interrupted: false });
  return { ...made, finished: `${date}T12:00:00.000Z` };
}

const stored = (vault: Vault, item: string, snapshot: string): Promise<unknown> =>
  vault.create(`${item}${snapshot}/manifest.json`, Buffer.from('{}'));

describe('time spans', () => {
  it('are read as people write them, and nothing else is', () => {
    expect(['90min', '26h', ' 1.5 d ', '2D'].map(parseDuration)).to.deep.equal([5_400, 93_600, 129_600, 172_800]);
    for (const text of ['', '26', 'h', '0h', '-1h', '1w', '1e3h', '26h30min', 'Infinityh'])
      expect(parseDuration(text), text).to.equal(undefined);
  });
});

describe('the objectives of a source', () => {
  const folder = useTemporaryFolders();
  const vaultWith = async (): Promise<Vault> => new FolderVault(await folder());

  it('are measured only where something is demanded', async () => {
    expect(await withObjectives(await vaultWith(), run('github', ['a']), {})).not.to.have.property('objectives');
  });

  it('are kept by what the run stored or found unchanged', async () => {
    const { objectives } = await withObjectives(await vaultWith(), run('github', ['a', 'b']), { rpo: 60, rto: 10 });
    expect(objectives).to.deep.equal({
      rpo: { objective: 60, measured: 60, missed: 0, items: [] },
      rto: { objective: 10, missed: false },
    });
  });

  it('are missed by an item that fails until its newest snapshot is too old, under whatever path', async () => {
    const vault = await vaultWith();
    await stored(vault, 'github/acme/old/', '2026-11-10T120000.000Z');
    await stored(vault, 'github/acme/old/', '2026-11-17T120000.000Z');
    await stored(vault, 'github/acme/fresh/', '2026-11-20T060000.000Z');
    // Another item lies below the path of one that failed.
    await stored(vault, 'github/acme/old/nested/', '2026-11-20T110000.000Z');
    const { objectives } = await withObjectives(vault, run('github', ['a', 'old!', 'fresh!']), { rpo: day });
    expect(objectives?.rpo).to.deep.equal({
      objective: day,
      measured: 3 * day,
      missed: 1,
      items: [{ address: 'github/acme/old', age: 3 * day }],
    });
  });

  it('are missed by an item that has no snapshot at all', async () => {
    const { objectives } = await withObjectives(await vaultWith(), run('github', ['a', 'never!']), { rpo: 365 * day });
    expect(objectives?.rpo).to.deep.equal({
      objective: 365 * day,
      missed: 1,
      items: [{ address: 'github/acme/never' }],
    });
  });

  it('are measured by what the vault holds where the run could not even list', async () => {
    const vault = await vaultWith();
    await stored(vault, 'github/acme/a/', '2026-11-18T120000.000Z');
    const { objectives } = await withObjectives(vault, run('github', []), { rpo: day });
    expect(objectives?.rpo).to.deep.include({ measured: 2 * day, missed: 1 });
  });

  it('are measured of packages by the runs that went over them, for only new versions are stored', async () => {
    const vault = await vaultWith();
    const before = run('codeartifact', ['app', 'tool!'], '2026-11-19');
    await storeOnce(vault, reportKey('codeartifact', before.run), before);
    await stored(vault, 'codeartifact/acme/app/1.0.0/', '2025-01-01T000000.000Z');
    const { objectives } = await withObjectives(vault, run('codeartifact', ['app!', 'tool!']), { rpo: 2 * day });
    expect(objectives?.rpo?.items).to.deep.equal([{ address: 'codeartifact/acme/tool' }]);
    const unlisted = await withObjectives(vault, run('codeartifact', []), { rpo: day });
    expect(unlisted.objectives?.rpo).to.deep.include({ measured: day + 60, missed: 1 });
  });

  it('are missed by a drill of all items that took too long, and not by one of a single item', async () => {
    const vault = await vaultWith();
    const drilled = async (at: string, ofAll: boolean, ...milliseconds: number[]): Promise<void> => {
      const results = milliseconds.map((took, index) => ({
        item: `github/acme/${index}/`,
        snapshot: '2026-11-10T120000.000Z',
        problems: [],
        bytes: 1,
        milliseconds: took,
      }));
      for (const result of results) await recordCheck(vault, result, 'drill');
      await recordDrill(vault, 'drill', new Date(at), results, ofAll);
    };
    await drilled('2026-11-12T00:00:00Z', true, 3_000, 4_500);
    await drilled('2026-11-13T00:00:00Z', false, 100);
    const { objectives } = await withObjectives(vault, run('github', ['a']), { rto: 7 });
    expect(objectives?.rto).to.deep.equal({ objective: 7, measured: 7.5, missed: true });
    await drilled('2026-11-14T00:00:00Z', true, 3_000, 3_000);
    const later = await withObjectives(vault, run('github', ['a']), { rto: 7 });
    expect(later.objectives?.rto).to.deep.equal({ objective: 7, measured: 6, missed: false });
  });

  it('raise the severity by the share of items that miss them, and are in the message', async () => {
    const vault = await vaultWith();
    await stored(vault, 'github/acme/old/', '2026-11-17T120000.000Z');
    const many = Array.from({ length: 30 }, (_, at) => `r${at}`);
    const few = await withObjectives(vault, run('github', [...many, 'old!']), { rpo: day, rto: 60 });
    expect(severityOf(few)).to.deep.equal({
      level: 'warning',
      why: '1 of 31 items have no backup from this run, 3%; RPO of 24 h 0 min missed by 1 item, the oldest by a snapshot of 72 h 0 min ago',
    });
    const { text } = messageAbout(few, 's3://vault', 'runs/r/report.json', { root: '0'.repeat(64) });
    expect(text)
      .to.include('\nRPO 24 h 0 min: missed by 1 item, measured 72 h 0 min\n')
      .and.include('\nRTO 1 min 0 s: not measured, no drill of all items is on record\n')
      .and.include('\n- github/acme/old misses the RPO: its newest snapshot is of 72 h 0 min ago\n');
    const slow = { ...run('github', many), objectives: { rto: { objective: 1, measured: 2, missed: true } } };
    expect(severityOf(slow).level).to.equal('warning');
    const all = { ...run('github', many), objectives: { rpo: { objective: 1, measured: 60, missed: 30, items: [] } } };
    expect(severityOf(all).level).to.equal('critical');
  });
});
