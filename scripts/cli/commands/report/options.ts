import { examples } from '../../help.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const reportOptions = () =>
  vaultVerb('report')
    .description('print the outcome of every item in a run, or make a page of all runs')
    .argument('[source]', 'github, git, …; with --html all of them by default')
    .option('--run <id>', 'this run, or the newest whose id starts with this (2026-11); without it, the newest')
    .option(
      '--html <file>',
      'write a page for people instead: what is protected, what is not and why, and how well proven',
    )
    .option('--since <date>', 'the earliest day of the runs on the page, as 2026-01-31; by default a year ago')
    .addHelpText(
      'after',
      examples(
        ['holdfast report github', 'what became of each item in the newest run'],
        ['holdfast report --html backups.html', 'a page for people, about all sources'],
      ),
    );

export type ReportFlags = FlagsOf<typeof reportOptions>;
