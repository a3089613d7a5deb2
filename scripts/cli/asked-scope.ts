import { kindAt } from '#core/run/kinds/table.ts';
import type { KindName } from '#core/sources/source.ts';
import type { Scope } from './applicable.ts';
import { isEfs } from './efs/is-efs.ts';
import { kindsOnCommandLine, ofEachKind, optionsOfKinds } from './kinds/table.ts';

/** What the verbs that ask of a vault or of a deployment can be asked about: a vault's items of a kind, or of any. */
export type AskedSort = 'vault' | KindName | 'efs';

/** @param doing how the verb reads before its operand: `showing` */
export function askedScope(doing: string): Scope<AskedSort> {
  const sorts: Record<AskedSort, string> = {
    vault: `${doing} what is in a vault`,
    ...ofEachKind(({ many }) => `${doing} ${many}`),
    efs: `${doing} a file system`,
  };
  const kinds = Object.keys(kindsOnCommandLine) as KindName[];
  const ofVault = ['vault', ...kinds] as const;
  return {
    sorts,
    options: {
      vault: { for: ofVault, what: 'names a vault; --deployment finds the snapshots of a file system' },
      concurrency: { for: ofVault, what: 'says how many snapshots of a vault are read at once' },
      staleAfter: { for: ofVault, what: 'marks items of a vault that were not backed up for that long' },
      restoreTime: { for: ofVault, what: 'is for items of a vault, which are drilled' },
      at: { for: ofVault, what: 'is for items of a vault; of a file system, --snapshot names a snapshot' },
      ...optionsOfKinds('vault'),
      chain: { for: ofVault, what: 'compares a vault with the chain of its reports' },
      root: { for: ofVault, what: 'is compared with the chain of the reports of a vault' },
      follow: { for: ['efs'], what: 'is for file systems of EFS: it does not wait for the end' },
      deployment: { for: ['efs'], what: 'names the deployment that holds file systems of EFS: efs/<name>' },
    },
  };
}

export function askedSort(typed: string | undefined): AskedSort {
  if (isEfs(typed)) return 'efs';
  return typed === undefined ? 'vault' : (kindAt(typed) ?? 'vault');
}
