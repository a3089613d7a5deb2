import type { Scope } from '../../applicable.ts';

/** Where everything of a scope goes. */
type AllSort = 'all-folder' | 'all-urls' | 'all-github' | 'all-codecommit' | 'all-codeartifact';

export type RestoreSort =
  | AllSort
  | 'folder'
  | 'bundle'
  | 'local'
  | 'server'
  | 'github'
  | 'codecommit'
  | 'packages-folder'
  | 'packages-registry'
  | 'objects-folder'
  | 'objects-server'
  | 'github-part'
  | 'efs';

const repositories = ['folder', 'bundle', 'local', 'server', 'github', 'codecommit'] as const;
const servers = ['local', 'server', 'github', 'codecommit'] as const;
const objects = ['objects-folder', 'objects-server'] as const;
const packages = ['packages-folder', 'packages-registry'] as const;

const all = ['all-folder', 'all-urls', 'all-github', 'all-codecommit', 'all-codeartifact'] as const;

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
    'objects-folder': 'a restore of objects of Git LFS into a folder',
    'objects-server': 'a restore of objects of Git LFS to a server',
    efs: 'a restore of a file system',
    'all-folder': 'a restore of everything into a folder',
    'all-urls': 'a restore of everything to a Git server',
    'all-github': 'a restore of whole repositories to GitHub',
    'github-part': 'a restore of single records to GitHub',
    'all-codecommit': 'a restore of everything to CodeCommit',
    'all-codeartifact': 'a restore of everything to CodeArtifact',
  },
  options: {
    vault: {
      for: [...repositories, ...packages, ...objects, ...all, 'github-part'],
      what: 'is for repositories and packages: snapshots of a file system are found by --deployment',
    },
    at: {
      for: [...repositories, ...packages, ...objects, ...all, 'github-part'],
      what: 'is for repositories and packages; of a file system, --snapshot names one',
    },
    snapshot: {
      for: [...repositories, ...packages, ...objects, 'github-part', 'efs'],
      what: 'names one snapshot of one item; --at <time> takes of each the newest that is not later',
    },
    bundles: { for: ['all-folder'], what: 'makes a bundle of each repository, where --all restores into a folder' },
    checkout: { for: ['folder'], what: 'makes a working tree where a repository is restored into a folder' },
    refs: {
      for: ['folder', ...servers],
      what: 'chooses refs of a repository; a bundle always holds all that the snapshot has',
    },
    overwrite: { for: servers, what: 'allows refs of a Git server to be replaced; nothing else is ever replaced' },
    stallSeconds: {
      for: [
        'local',
        'server',
        'github',
        'codecommit',
        'packages-registry',
        'objects-server',
        'github-part',
        ...all.slice(1),
      ],
      what: 'is for servers',
    },
    credentialHelpers: {
      for: ['server', 'github', 'objects-server', 'all-urls', 'all-github', 'github-part'],
      what: 'is for GitHub and other Git servers; only they use a credential helper',
    },
    tokenFile: {
      for: ['github', 'objects-server', 'all-github', 'all-urls', 'github-part'],
      what: 'is for GitHub; other Git servers take their login from ~/.netrc',
    },
    secret: {
      for: ['github', 'objects-server', 'all-github', 'all-urls', 'github-part'],
      what: 'is for GitHub; other Git servers take their login from ~/.netrc',
    },
    apiUrl: {
      for: ['github', 'objects-server', 'all-github', 'all-urls', 'github-part'],
      what: 'names a GitHub Enterprise, and the target is not on its host',
    },
    create: {
      for: ['codecommit', 'packages-registry', 'all-codecommit', 'all-codeartifact', 'all-github'],
      what: 'creates repositories at CodeCommit and in CodeArtifact; create others by hand, empty, and restore into them',
    },
    datasets: { for: ['all-github'], what: 'chooses what of a repository comes back at GitHub' },
    visibility: { for: ['all-github'], what: 'is for repositories that are made at GitHub' },
    assignees: { for: ['all-github', 'github-part'], what: 'is for issues at GitHub' },
    issue: { for: ['github-part'], what: 'restores one issue to github:<owner>/<name>' },
    release: { for: ['github-part'], what: 'restores one release to github:<owner>/<name>' },
    labels: { for: ['github-part'], what: 'restores labels to github:<owner>/<name>' },
    creationsPerMinute: { for: ['all-github', 'github-part'], what: 'is for records of GitHub' },
    gitEndpoint: { for: ['codecommit', 'all-codecommit'], what: 'is for CodeCommit' },
    region: {
      for: ['packages-registry', 'all-codeartifact'],
      what: 'is for CodeArtifact; for CodeCommit the address names the region',
    },
    domainOwner: { for: ['packages-registry', 'all-codeartifact'], what: 'is for domains of CodeArtifact' },
    concurrency: {
      for: [...packages, ...all],
      what: 'says how many packages, or with --all repositories, are restored at once',
    },
    ref: {
      for: ['folder', ...servers],
      what: 'restores one branch or tag to a Git server, or says of which --path is',
    },
    as: { for: servers, what: 'names the branch or tag that --ref restores to a Git server' },
    path: {
      for: ['folder', 'efs'],
      what: 'restores one file or folder: of a repository into a folder, of a file system where --in-place says',
    },
    inPlace: efsOnly('to where the files came from'),
    delete: efsOnly('removes there what the snapshot does not have'),
    yes: efsOnly('deletes without asking'),
    verify: efsOnly('says which restored files are compared; repositories and packages are always compared whole'),
    follow: efsOnly('does not wait for the end'),
    deployment: efsOnly('names the deployment that holds them'),
  },
};
