import { HoldfastError } from '#core/runtime/errors.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import { assetBody, below, publishing, type Publication, type Registry } from './publication.ts';

/**
 * Pushes gems, one for each platform, as `gem push` does.
 * https://guides.rubygems.org/rubygems-org-api/#post---apiv1gems
 */
export async function publishRuby(registry: Registry, { version, missing, onBytes }: Publication): Promise<void> {
  const { http, endpoint, needs } = registry;
  const gems = missing.filter(({ name }) => name.endsWith('.gem'));
  if (gems.length === 0)
    throw new HoldfastError('SourceUnsupported', `${nameOf(version)} ${version.version} has no .gem to push`);
  for (const asset of gems)
    await http.send(
      {
        method: 'POST',
        url: below(endpoint, 'api', 'v1', 'gems'),
        headers: { 'content-type': 'application/octet-stream' },
        body: assetBody(asset, onBytes),
        scheme: 'Bearer',
      },
      publishing(asset, version),
      needs('codeartifact:PublishPackageVersion', version),
    );
}
