import type { Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { addressOfReported, listReports, readReportIfWhole, type StoredReport } from './read-reports.ts';

/** How many of the last runs are read. */
const runsRead = 5;

/** An item that failed in the newest of the last runs that tried it. */
export interface FailingItem {
  id: string;
  name: string;
  /** As a person writes it. */
  address: string;
  /** In how many of the last runs in a row it failed, of those that tried it. */
  runs: number;
  /** The code and the reason of its last failure. */
  message: string;
}

export interface RecentRuns {
  last: StoredReport | undefined;
  failing: FailingItem[];
}

/**
 * What the reports of a source's last runs say of failures. Each item counts by the newest of them that names it, for
 * not every run is asked for the same items.
 */
export async function recentRuns(vault: Vault, source: Source): Promise<RecentRuns> {
  const places = (await listReports(vault, source)).slice(-runsRead).reverse();
  const items = new Map<string, { failing: FailingItem | undefined; over: boolean }>();
  let last: StoredReport | undefined;
  for (const { key } of places) {
    const report = await readReportIfWhole(vault, key);
    if (!report) continue;
    last ??= report;
    for (const { outcome, item, code, message } of report.items) {
      const known = items.get(item.id);
      if (known?.over) continue;
      if (outcome !== 'failed') items.set(item.id, { failing: known?.failing, over: true });
      else if (known?.failing) known.failing.runs++;
      else items.set(item.id, { failing: failingItem(source, item, `${code ?? ''}: ${message ?? ''}`), over: false });
    }
  }
  return { last, failing: [...items.values()].flatMap(({ failing }) => failing ?? []) };
}

function failingItem(source: Source, item: StoredReport['items'][number]['item'], message: string): FailingItem {
  return { id: item.id, name: item.name, address: addressOfReported(source, item), runs: 1, message };
}
