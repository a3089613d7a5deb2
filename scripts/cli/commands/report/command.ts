import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const reportCommand = vaultVerb('report')
  .description('print what became of every item in a run')
  .argument('<source>', 'github, git, …')
  .option('--run <id>', 'this run, or the newest whose id begins so (2026-11); without it, the newest');

export type ReportFlags = FlagsOf<typeof reportCommand>;

reportCommand.action((source, flags, command) =>
  perform(command, flags, async (context) => (await import('./report.ts')).report(context, flags, source), 'prints'),
);
