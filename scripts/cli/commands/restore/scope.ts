import type { Scope } from '../../applicable.ts';

export type RestoreSort =
  'folder' | 'bundle' | 'local' | 'server' | 'github' | 'codecommit' | 'packages-folder' | 'packages-registry' | 'efs';

const repositories = ['folder', 'bundle', 'local', 'server', 'github', 'codecommit'] as const;
const servers = ['local', 'server', 'github', 'codecommit'] as const;
const packages = ['packages-folder', 'packages-registry'] as const;

const efsOnly = (what: string) => ({ for: ['efs'] as const, what: `is for file systems of EFS: ${what}` });

export const restoreScope: Scope<RestoreSort> = {
  sorts: {
    folder: 'a restore of a repository into a folder',
    bundle: 'a restore of a repository into a bundle',
    local: 'a restore into a repository on this machine',
    server: 'a restore to this Git server',
    github: 'a restore to GitHub',
    codecommit: 'a restore to CodeCommit',
    'packages-folder': 'a restore of packages into a folder',
    'packages-registry': 'a restore of packages to CodeArtifact',
    efs: 'a restore of a file system',
  },
  options: {
    vault: {
      for: [...repositories, ...packages],
      what: 'is for repositories and packages: snapshots of a file system are found by --deployment',
    },
    checkout: { for: ['folder'], what: 'makes a working tree where a repository is restored into a folder' },
    refs: {
      for: ['folder', ...servers],
      what: 'chooses refs of a repository; a bundle always holds all that the snapshot has',
    },
    overwrite: { for: servers, what: 'lets refs of a Git server be replaced; nothing else is ever replaced' },
    stallSeconds: { for: ['local', 'server', 'github', 'codecommit', 'packages-registry'], what: 'is for servers' },
    credentialHelpers: {
      for: ['server', 'github'],
      what: 'is for GitHub and other Git servers; nothing else asks a helper',
    },
    tokenFile: { for: ['github'], what: 'is for GitHub; other Git servers take their login from ~/.netrc' },
    secret: { for: ['github'], what: 'is for GitHub; other Git servers take their login from ~/.netrc' },
    apiUrl: { for: ['github'], what: 'names a GitHub Enterprise, and the target is not on its host' },
    create: {
      for: ['codecommit', 'packages-registry'],
      what: 'makes repositories at CodeCommit and in CodeArtifact; create others by hand, empty, and restore into them',
    },
    gitEndpoint: { for: ['codecommit'], what: 'is for CodeCommit' },
    region: { for: ['packages-registry'], what: 'is for CodeArtifact; for CodeCommit the address names the region' },
    domainOwner: { for: ['packages-registry'], what: 'is for domains of CodeArtifact' },
    concurrency: { for: packages, what: 'says how many packages are restored at once' },
    path: efsOnly('only this folder of the snapshot'),
    inPlace: efsOnly('to where the files came from'),
    delete: efsOnly('removes there what the snapshot does not have'),
    yes: efsOnly('deletes without asking'),
    verify: efsOnly('says which restored files are compared; repositories and packages are always compared whole'),
    follow: efsOnly('does not wait for the end'),
    deployment: efsOnly('names the deployment that holds them'),
  },
};
