import { HttpClient } from '#core/runtime/http.ts';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { HostedSource } from '#core/sources/hosting/hosted-source.ts';
import type { Context } from '../../../context.ts';
import { hostOrLoginToken } from '../../../host-token.ts';
import { backUp } from '../back-up.ts';
import type { BackupHostedFlags } from './options.ts';

export async function backupHosted(
  context: Context,
  definition: HostDefinition,
  flags: BackupHostedFlags,
  owner?: string,
): Promise<number> {
  const { environment, output, signal } = context;
  const { forks, archived, wikis, lfs, visibility, include, exclude } = flags;
  const address = definition.address(flags.url ?? environment.variable(definition.urlVariable));
  const http = new HttpClient({ stallMs: flags.stallSeconds * 1000, signal });
  try {
    const source = new HostedSource(await definition.load(), {
      http,
      address,
      token: hostOrLoginToken(context, definition, flags, address),
      settings: { owner, forks, archived, wikis, lfs, visibility, include, exclude },
      requestsPerMinute: flags.requestsPerMinute,
      signal,
      onRetry: (error) => output.line(`${definition.label}: ${error.message}; trying again`),
    });
    return await backUp(context, flags, source);
  } finally {
    http.close();
  }
}
