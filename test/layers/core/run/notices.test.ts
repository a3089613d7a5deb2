import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { jsonMessage } from '#core/notifications/json.ts';
import { drillNotice, severityOfDrill } from '#core/run/drill-notice.ts';
import { makeReport } from '#core/run/report.ts';
import { runNotice } from '#core/run/run-notice.ts';
import type { DrillReport } from '#core/run/scheduled-drill.ts';

const schema = v.parse(
  v.object({ required: v.array(v.string()), properties: v.record(v.string(), v.unknown()) }),
  JSON.parse(readFileSync(new URL('../../../../docs/notification.schema.json', import.meta.url), 'utf8')),
);

/** A drill that went well, but for what is said otherwise. */
function drill(more: Partial<DrillReport> = {}): DrillReport {
  return {
    how: 'scheduled drill',
    started: '2026-11-20T12:00:00.000Z',
    finished: '2026-11-20T12:10:00.000Z',
    snapshots: { kept: 3, intact: 3, damaged: 0, notDrilled: 0, neverChecked: 0 },
    bytes: 1,
    restore: { items: 3, milliseconds: 900 },
    damaged: [],
    notDrilled: [],
    chain: { links: 1, snapshots: 3, unlisted: 0, roots: [], problems: [], broken: 0 },
    ...more,
  };
}

const damaged = drill({
  snapshots: { kept: 3, intact: 2, damaged: 1, notDrilled: 0, neverChecked: 0 },
  damaged: [{ item: 'github/acme/a/', snapshot: '2026-11-10T120000.000Z', problems: ['its pack does not end'] }],
});

describe('what webhooks are told', () => {
  it('of a drill is as bad as what does not restore', () => {
    expect(severityOfDrill(drill()).level).to.equal('ok');
    expect(severityOfDrill(damaged)).to.deep.equal({ level: 'critical', why: '1 snapshot not restorable' });
    const { chain } = drill();
    expect(severityOfDrill(drill({ chain: { ...chain, broken: 2 } })).level).to.equal('critical');
    expect(severityOfDrill(drill({ unfinished: 'out of time' })).level).to.equal('warning');
  });

  it('is in the form that is documented', () => {
    const item = { source: 'github', id: '1', path: ['acme', 'a'], name: 'acme/a' };
    const failed = { outcome: 'failed', item, code: 'SourceMissing', message: 'it is gone' } as const;
    const report = makeReport({
      source: 'github',
      run: '2026-11-20T120000.000Z',
      started: '2026-11-20T12:00:00.000Z',
      inventory: { source: 'github', listed: [{ item }], warnings: [] },
      outcomes: [failed],
      error: { code: 'Unavailable', message: 'no answer' },
      interrupted: false,
    });
    const objectives = { rto: { objective: 1, missed: false } };
    const changes = { run: 'before', failing: ['github/acme/a'], recovered: [], appeared: [], gone: [] };
    const about = { root: '0'.repeat(64), page: 'https://vault.example/p', changes };
    const run = runNotice({ ...report, objectives }, 's3://vault', 'runs/r/report.json', about);
    expect(run.text).not.to.include('https://vault.example/p');
    for (const notice of [run, drillNotice('github', '2026-11-20T120000.000Z', damaged, 's3://vault/drills/d.json')]) {
      const names = Object.keys(jsonMessage(notice));
      expect(names).to.include.members(schema.required);
      expect(Object.keys(schema.properties)).to.include.members(names);
    }
  });
});
