import type { Command, OptionValues } from '@commander-js/extra-typings';

/** For what a verb asks of a deployment in AWS. */
export function withDeployment<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.option('--deployment <name>', 'in AWS: the name that Terraform was given', 'holdfast');
}
