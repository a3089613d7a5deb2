import { Option } from '@commander-js/extra-typings';
import { byteSize, collect, positiveNumber, timeSpan, wholeNumber } from '../../option-values.ts';
import { vaultVerb } from '../../verb.ts';

/** Recorded in the vault, so that it is given once. */
export const acceptOverwrites = [
  '--accept-overwrites',
  'write to a store other than AWS that can overwrite objects; from then on never run two backups at once',
] as const;

/** For sources in regions of AWS. */
export const regions = ['--region <region>', 'where to look; may be given again; without it, AWS_REGION'] as const;

/** @param many what is listed: `repositories` */
export function acceptShrinkage(many: string) {
  return ['--accept-shrinkage', `continue even if many ${many} are no longer listed`] as const;
}

/** For sources whose repositories may have objects of Git LFS. */
export function lfsLimit() {
  return new Option(
    '--lfs-limit <size>',
    "the most that is stored of one repository's objects of Git LFS, as 500MB; what exceeds it is left out by name (5GB)",
  ).argParser(byteSize);
}

/** What is demanded of the source, which the run measures and its report says. */
export const objectives = {
  rpo: () =>
    new Option(
      '--rpo <time>',
      'how old the newest snapshot of an item may be when the run ends, as 26h or 2d',
    ).argParser(timeSpan),
  rto: () =>
    new Option(
      '--rto <time>',
      'how long a restore of all items may take, by what the last drill took, as 4h',
    ).argParser(timeSpan),
};

/** The verb for a source of Git repositories, with what a run over any of them takes. */
export function repositoriesVerb(source: string) {
  return vaultVerb(source)
    .option('--dry-run', 'only show what would be backed up and why: nothing is fetched or written', false)
    .option('--concurrency <n>', 'how many repositories at once', wholeNumber, 4)
    .option('--stall-seconds <n>', 'the longest silence of a server before Holdfast gives up', wholeNumber, 60)
    .option(...acceptOverwrites, false)
    .addOption(objectives.rpo())
    .addOption(objectives.rto())
    .optionsGroup('What is stored:')
    .option(
      '--refs <pattern>',
      "only refs that match, such as refs/heads/*; with ! in front, all but those: '!refs/pull/*'; may be given again",
      collect,
      [],
    )
    .addOption(
      new Option('--format <format>', 'bundle (the default), or a mirror in an archive').choices([
        'bundle',
        'tar.gz',
        'zip',
      ] as const),
    )
    .option('--full', 'a full snapshot even where an incremental one is enough', false)
    .option('--longest-chain <n>', 'a full snapshot after this many', wholeNumber, 30)
    .option(
      '--heaviest-chain <times>',
      'a full snapshot when the increments weigh this many times the last full one',
      positiveNumber,
      1,
    )
    .option('--check-objects', 'restore each new snapshot once before it counts, to find damage at the source', false)
    .optionsGroup('Which repositories:');
}

/**
 * As `repositoriesVerb`, for a Git host with owners and an API.
 * @param owner whose repositories they may be
 * @param otherwise what is backed up where no owner is named
 */
export function ownersVerb(source: string, owner: string, otherwise: string) {
  return repositoriesVerb(source)
    .argument('[owner]', `${owner}; without it, ${otherwise}`)
    .option('--include <glob>', 'only these, as owner/name; may be given again', collect, [])
    .option('--exclude <glob>', 'none of these; may be given again', collect, [])
    .option('--no-forks', 'leave out forks')
    .option('--no-archived', 'leave out archived repositories')
    .addOption(
      new Option('--visibility <which>', 'which to take')
        .choices(['all', 'public', 'private'] as const)
        .default('all' as const),
    );
}
