import { expect } from 'chai';
import { changesSince } from '#core/run/changes-since.ts';
import { messageAbout } from '#core/run/message.ts';
import { makeReport, type Report } from '#core/run/report.ts';
import type { Outcome } from '#core/vault/outcome.ts';

/** A run over items by their names; those with an exclamation mark failed. */
function run(id: string, names: string[]): Report {
  const listed = names.map((name) => {
    const bare = name.replace('!', '');
    return { item: { source: 'github', id: bare, path: ['acme', bare], name: `acme/${bare}` } };
  });
  const outcomes = listed.map(({ item }, at): Outcome =>
    names[at]?.endsWith('!')
      ? { outcome: 'failed', item, code: 'SourceMissing', message: 'it is gone' }
      : { outcome: 'unchanged', item, prefix: `github/acme/${item.id}/`, snapshot: id, since: id, warnings: [] },
  );
  const inventory = { source: 'github' as const, listed, warnings: [] };
  return makeReport({
    source: 'github',
    run: id,
    started: '2026-01-01T00:00:00Z',
    inventory,
    outcomes,
    interrupted: false,
  });
}

const told = (now: Report, before?: Report): string =>
  messageAbout(now, 's3://vault', 'runs/r/report.json', {
    root: '0'.repeat(64),
    changes: before && changesSince(before, now),
  }).text;

describe('the notification of a run', () => {
  const many = Array.from({ length: 30 }, (_, at) => `r${at}`);

  it('says how bad it is by what is not covered', () => {
    for (const [names, severity] of [
      [['a', 'b'], 'ok: all 2 items are backed up'],
      [[...many, 'a!'], 'warning: 1 of 31 items have no backup from this run, 3%'],
      [['a', 'b!'], 'critical: 1 of 2 items have no backup from this run, 50%'],
      [['a!'], 'critical: nothing was backed up'],
    ] as const)
      expect(told(run('2026-01-02T000000.000Z', [...names]))).to.include(`\nSeverity ${severity}\n`);
  });

  it('says what changed since the run before', () => {
    const before = run('2026-01-01T000000.000Z', ['same', 'broken!', 'mended!', 'gone', 'breaks']);
    const text = told(run('2026-01-02T000000.000Z', ['same', 'broken!', 'mended', 'breaks!', 'new']), before);
    expect(text.slice(text.indexOf('Since the run'), text.indexOf('\n\nNot backed up'))).to.equal(
      [
        'Since the run 2026-01-01T000000.000Z:',
        '- fails now: github/acme/breaks',
        '- is backed up again: github/acme/mended',
        '- is new: github/acme/new',
        '- is no longer listed, and its snapshots are kept: github/acme/gone',
      ].join('\n'),
    );
  });

  it('says so where nothing changed, and takes nothing for gone that could not be listed', () => {
    const before = run('2026-01-01T000000.000Z', ['a', 'b!']);
    expect(told(run('2026-01-02T000000.000Z', ['a', 'b!']), before)).to.include(
      'Since the run 2026-01-01T000000.000Z: no item fares otherwise',
    );
    expect(told(run('2026-01-02T000000.000Z', []), before)).to.not.include('no longer listed');
  });
});
