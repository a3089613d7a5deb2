import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { examples } from '../../../help.ts';
import { perform } from '../../../verb.ts';
import { hostedVerb } from './options.ts';

/** The verb for a Git host with an API: GitLab, Gitea. */
export function hostedCommand(definition: HostDefinition) {
  const { name, label, owner, tokenVariables, defaultUrl } = definition;
  const command = hostedVerb(definition)
    .description(`back up the repositories and wikis of a ${owner} at ${label}`)
    .addHelpText(
      'after',
      examples([
        `${tokenVariables[0]}=… holdfast backup ${name} acme${defaultUrl === undefined ? ` --url https://git.example.com` : ''}`,
        `all of the ${owner} acme`,
      ]),
    );
  command.action((named, flags, command) =>
    perform(command, flags, async (context) =>
      (await import('./backup-hosted.ts')).backupHosted(context, definition, flags, named),
    ),
  );
  return command;
}
