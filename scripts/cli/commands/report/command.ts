import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const reportCommand = vaultVerb('report')
  .description('print the outcome of every item in a run')
  .argument('<source>', 'github, git, …')
  .option('--run <id>', 'this run, or the newest whose id starts with this (2026-11); without it, the newest');

export type ReportFlags = FlagsOf<typeof reportCommand>;

reportCommand.action((source, flags, command) =>
  perform(command, flags, async (context) => (await import('./report.ts')).report(context, flags, source), 'prints'),
);
