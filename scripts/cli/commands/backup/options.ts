import { Option } from '@commander-js/extra-typings';
import { collect, positiveNumber, wholeNumber } from '../../option-values.ts';
import { vaultVerb } from '../../verb.ts';

/** Recorded in the vault, so that it is given once. */
export const acceptOverwrites = [
  '--accept-overwrites',
  'write into a store that is not AWS and would overwrite, for good; then never back up twice at once',
] as const;

/** The verb for a source of Git repositories, with what a run over any of them takes. */
export function repositoriesVerb(source: string) {
  return vaultVerb(source)
    .option('--dry-run', 'only say what would be taken and why: nothing is fetched or written', false)
    .option('--concurrency <n>', 'how many repositories at once', wholeNumber, 4)
    .option('--stall-seconds <n>', 'the longest silence of a server before it is given up', wholeNumber, 60)
    .option(...acceptOverwrites, false)
    .optionsGroup('What is stored:')
    .option(
      '--refs <pattern>',
      "only refs that match, as refs/heads/*; with ! in front, all but those: '!refs/pull/*'; may be given again",
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
    .option('--full', 'a full snapshot even where an incremental one would do', false)
    .option('--longest-chain <n>', 'a full snapshot after this many', wholeNumber, 30)
    .option(
      '--heaviest-chain <times>',
      'a full snapshot when the increments weigh this many times the last full one',
      positiveNumber,
      1,
    )
    .option(
      '--check-objects',
      'restore each new snapshot once before it counts, to find what is damaged at the source',
      false,
    )
    .optionsGroup('Which repositories:');
}
