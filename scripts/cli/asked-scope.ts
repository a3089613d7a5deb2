import type { Scope } from './applicable.ts';

/** What the verbs that ask of a vault or of a deployment can be asked about. */
export type AskedSort = 'vault' | 'packages' | 'efs';

const ofVault = ['vault', 'packages'] as const;

/** @param doing how the verb reads before its operand: `showing` */
export function askedScope(doing: string): Scope<AskedSort> {
  return {
    sorts: {
      vault: `${doing} what is in a vault`,
      packages: `${doing} packages`,
      efs: `${doing} a file system`,
    },
    options: {
      vault: { for: ofVault, what: 'names a vault; snapshots of a file system are found by --deployment' },
      concurrency: { for: ofVault, what: 'says how many snapshots of a vault are read at once' },
      staleAfter: { for: ofVault, what: 'marks items of a vault that were not backed up for so long' },
      refs: { for: ['vault'], what: 'shows the refs of a Git repository' },
      follow: { for: ['efs'], what: 'is for file systems of EFS: it does not wait for the end' },
      deployment: { for: ['efs'], what: 'names the deployment that holds file systems of EFS: efs/<name>' },
    },
  };
}

export function askedSort(typed: string | undefined): AskedSort {
  if (typed === 'efs' || typed?.startsWith('efs/') === true) return 'efs';
  return typed === 'codeartifact' || typed?.startsWith('codeartifact/') === true ? 'packages' : 'vault';
}
