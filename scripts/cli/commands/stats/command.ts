import { perform, vaultVerb } from '../../verb.ts';

export const statsCommand = vaultVerb('stats')
  .description('how much a vault holds, by source, and its largest items')
  .argument('[source]', 'only this source: github, git, …');

statsCommand.action((source, flags, command) =>
  perform(command, flags, async (context) => (await import('./stats.ts')).stats(context, source), 'prints'),
);
