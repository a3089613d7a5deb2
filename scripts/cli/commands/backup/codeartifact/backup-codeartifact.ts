import { npmTagReader } from '#core/packages/registry/npm-tags.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { CodeArtifactSource } from '#core/sources/codeartifact/codeartifact-source.ts';
import { Quotas } from '#core/sources/codeartifact/quotas.ts';
import { packageFormats, type PackageFormat } from '#core/sources/codeartifact/settings.ts';
import type { Context } from '../../../context.ts';
import { regionsOf } from '../../../regions.ts';
import { backUp } from '../back-up.ts';
import type { BackupCodeArtifactFlags } from './options.ts';

/** The packages of CodeArtifact in the account of the credentials that the SDK finds. */
export async function backupCodeArtifact(context: Context, flags: BackupCodeArtifactFlags): Promise<number> {
  const { domain, domainOwner: owner, repository: repositories } = flags;
  if (owner !== undefined && domain.length === 0)
    throw new HoldfastError('Usage', '--domain-owner needs --domain: domains of other accounts cannot be listed');
  const formats = flags.format.map(parseFormat);
  const domains = domain.length > 0 ? domain : ['*'];
  const http = new HttpClient({ signal: context.signal });
  try {
    const source = new CodeArtifactSource({
      settings: {
        regions: regionsOf(flags.region, context.environment),
        filters: domains.map((name) => ({ domain: name, owner, repositories, formats })),
        external: flags.external,
      },
      quotas: quotasOf(flags.share),
      npmTags: npmTagReader(http, context.signal),
    });
    return await backUp(context, flags, source);
  } finally {
    http.close();
  }
}

function quotasOf(share: number | undefined): Quotas | undefined {
  if (share !== undefined && share > 1) throw new HoldfastError('Usage', '--share must be at most 1');
  return share === undefined ? undefined : new Quotas(share);
}

function parseFormat(text: string): PackageFormat {
  const format = packageFormats.find((one) => one === text);
  if (format) return format;
  throw new HoldfastError('Usage', `--format ${JSON.stringify(text)} is not one of ${packageFormats.join(', ')}`);
}
