import { Option } from '@commander-js/extra-typings';
import { byteSize, collect, positiveNumber, wholeNumber } from '../../option-values.ts';
import { vaultVerb } from '../../verb.ts';

/** Recorded in the vault, so that it is given once. */
export const acceptOverwrites = [
  '--accept-overwrites',
  'write to a store other than AWS that can overwrite objects; from then on never run two backups at once',
] as const;

/** For sources whose repositories may have objects of Git LFS. */
export function lfsLimit() {
  return new Option(
    '--lfs-limit <size>',
    "the most that is stored of one repository's objects of Git LFS, as 500MB; what exceeds it is left out by name (5GB)",
  ).argParser(byteSize);
}

/** The verb for a source of Git repositories, with what a run over any of them takes. */
export function repositoriesVerb(source: string) {
  return vaultVerb(source)
    .option('--dry-run', 'only show what would be backed up and why: nothing is fetched or written', false)
    .option('--concurrency <n>', 'how many repositories at once', wholeNumber, 4)
    .option('--stall-seconds <n>', 'the longest silence of a server before Holdfast gives up', wholeNumber, 60)
    .option(...acceptOverwrites, false)
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
