import { HttpClient } from '#core/runtime/http.ts';
import { CodeCommitSource } from '#core/sources/codecommit/codecommit-source.ts';
import { codeCommitRetryPolicy } from '#core/sources/codecommit/retry.ts';
import { requireTogether } from '../../../applicable.ts';
import type { Context } from '../../../context.ts';
import { regionsOf } from '../../../regions.ts';
import { backUp } from '../back-up.ts';
import type { BackupCodeCommitFlags } from './options.ts';

/** All repositories of CodeCommit in the account of the credentials that the SDK finds. */
export async function backupCodeCommit(context: Context, flags: BackupCodeCommitFlags): Promise<number> {
  const { signal, environment } = context;
  requireTogether(context.given, 'externalId', 'role', 'is what a role of another account demands');
  const regions = regionsOf(flags.region, environment);
  const http = new HttpClient({ stallMs: flags.stallSeconds * 1000, signal });
  try {
    const source = new CodeCommitSource({
      http,
      settings: {
        regions,
        include: flags.include,
        exclude: flags.exclude,
        tags: Object.fromEntries(flags.tag.map(tagOf)),
        fips: flags.fips,
        roles: flags.role.map((arn) => ({ arn, externalId: flags.externalId })),
        gitEndpoint: flags.gitEndpoint,
      },
    });
    return await backUp(context, flags, source, { retry: codeCommitRetryPolicy });
  } finally {
    http.close();
  }
}

function tagOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
